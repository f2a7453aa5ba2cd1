"""Adds to a data set how often a model solves its samples. The result is a data set of its own.

No task runs: the answers are kept one by one, and a second run asks for none of them again.
"""

import os
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq

from sandbox import Limits
from tasks.dataset.reading import KIND, Dataset, open_dataset
from tasks.errors import ConfigError
from tasks.evaluation.difficulty import problems_in, solve_rates, with_rates
from tasks.evaluation.jails import Jails
from tasks.models.keeping import KeptAnswers
from tasks.models.opening import identity_of, open_generator, require
from tasks.records.artifacts import MANIFEST_NAME, ArtifactRef
from tasks.records.base import Record
from tasks.records.evaluations import AskStyle
from tasks.records.problems import Problem
from tasks.records.writers import ModelName, model_name
from tasks.settings import load_settings
from tasks.store.artifacts import ArtifactStore, open_store

DATA = "data/*.parquet"


class Difficulty(Record):
    """What a model makes of a data set."""

    ref: ArtifactRef
    """The data set with the rates in it."""
    path: str
    model: str
    asked: int
    """Samples that ask for a program."""
    never: int
    """Of these, how many no answer solved."""
    always: int
    """How many every answer solved."""
    mean: float


def grade_difficulty(ref: str, model: str, ask: AskStyle, store: str = "") -> Difficulty:
    """The data set again, with the share of the model's answers that solve each sample.

    Raises:
        ConfigError, WriterError, StoreError: With what to do about it.
    """
    settings = load_settings()
    name = model_name(model)
    if name is None:
        raise ConfigError(f"{model} is no model")
    require(name, settings)
    identity = f"{name.engine}:{identity_of(name)}"
    with ExitStack() as stack:
        dataset = stack.enter_context(open_dataset(ref, store, settings))
        opened = stack.enter_context(open_store(store or settings.store_url, settings))
        rates = _rates(dataset, name, identity, ask, opened)
        graded = _stored(dataset, opened, rates, identity, ask)
        return Difficulty(
            ref=graded,
            path=opened.backend.locate(graded.key),
            model=identity,
            asked=len(rates),
            never=sum(not rate for rate in rates.values()),
            always=sum(rate == 1 for rate in rates.values()),
            mean=sum(rates.values()) / max(1, len(rates)),
        )


def _rates(
    dataset: Dataset, name: ModelName, identity: str, ask: AskStyle, store: ArtifactStore
) -> dict[str, float]:
    settings = load_settings()
    problems = _problems(dataset.folder)
    with (
        KeptAnswers(store, identity, settings.home) as kept,
        Jails(Limits(), workers=os.cpu_count() or 1) as jails,
    ):
        opened = partial(open_generator, name, settings)
        return solve_rates(problems, ask, kept, opened, jails)


def _problems(folder: Path) -> list[Problem]:
    files = sorted(folder.glob(DATA))
    return [one for path in files for one in problems_in(pq.read_table(path).to_pylist())]


def _stored(
    dataset: Dataset, store: ArtifactStore, rates: dict[str, float], identity: str, ask: AskStyle
) -> ArtifactRef:
    with tempfile.TemporaryDirectory(dir=store.scratch) as folder:
        files: dict[str, Path] = {}
        for path in sorted(one for one in dataset.folder.rglob("*") if one.is_file()):
            inside = path.relative_to(dataset.folder).as_posix()
            if inside == MANIFEST_NAME:
                continue
            files[inside] = path
            if path.match(DATA):
                files[inside] = Path(folder) / inside.replace("/", "-")
                with_rates(path, files[inside], rates)
        graded = {"model": identity, "ask": ask.model_dump(mode="json"), "of": dataset.ref.digest}
        meta = dict(dataset.meta) | {"difficulty": graded}
        return store.put(KIND, files, rows=dataset.ref.rows, meta=meta)
