"""The steps `solve-rates` and `with-rates`."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path, PurePosixPath

import pyarrow.parquet as pq

from sandbox import Limits
from tasks.evaluation.difficulty import problems_in, solve_rates, with_rates
from tasks.evaluation.jails import Jails
from tasks.evaluation.step import EvaluatedAt
from tasks.models.keeping import KeptAnswers
from tasks.models.opening import open_generator
from tasks.records.artifacts import ArtifactRef
from tasks.records.evaluations import AskStyle, SolveRate
from tasks.records.problems import Problem
from tasks.records.steps import Place
from tasks.settings import load_settings
from tasks.steps import step, store_at
from tasks.store.artifacts import ArtifactStore

RATES_VERSION = 1
WITH_RATES_VERSION = 1
DATA = "data/*.parquet"


@step("solve-rates", version=RATES_VERSION, executes=True)
def rate_samples(
    dataset: ArtifactRef, model: str, ask: AskStyle, place: EvaluatedAt
) -> ArtifactRef:
    """Asks a model for the samples of a data set and grades its answers, which are kept."""
    settings = load_settings()
    opened = partial(open_generator, place.name_of(model), settings)
    with (
        store_at(place) as store,
        KeptAnswers(store, model, settings.home) as kept,
        Jails(Limits(), workers=place.workers) as jails,
    ):
        rates = solve_rates(list(_problems(store, dataset)), ask, kept, opened, jails)
        rows = (SolveRate(sample=sample, rate=rate) for sample, rate in sorted(rates.items()))
        return store.put_records("rates", SolveRate, rows)


def _problems(store: ArtifactStore, dataset: ArtifactRef) -> Iterator[Problem]:
    for file in store.manifest(dataset).files:
        if PurePosixPath(file.name).match(DATA):
            with store.open(dataset, file.name) as path:
                yield from problems_in(pq.read_table(path).to_pylist())


@step("with-rates", version=WITH_RATES_VERSION)
def write_rates(
    dataset: ArtifactRef, rates: ArtifactRef, model: str, ask: AskStyle, place: Place
) -> ArtifactRef:
    """The data set again, with the rates in its samples and the model in its manifest."""
    with (
        store_at(place) as store,
        ExitStack() as opened,
        tempfile.TemporaryDirectory(dir=store.scratch) as folder,
    ):
        known = {one.sample: one.rate for one in store.read_records(rates, SolveRate)}
        manifest = store.manifest(dataset)
        files: dict[str, Path] = {}
        for file in manifest.files:
            files[file.name] = opened.enter_context(store.open(dataset, file.name))
            if PurePosixPath(file.name).match(DATA):
                rated = Path(folder) / file.name.replace("/", "-")
                with_rates(files[file.name], rated, known)
                files[file.name] = rated
        graded = {"model": model, "ask": ask.model_dump(mode="json"), "of": dataset.digest}
        meta = dict(manifest.meta) | {"difficulty": graded}
        return store.put(dataset.kind, files, rows=dataset.rows, meta=meta)
