"""The flow that adds to a data set how often a model solves its samples.

The result is a data set of its own; nothing but the rates differs.
"""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Annotated

from prefect import flow
from prefect.runtime import flow_run
from pydantic import Field

from flows.evaluate_model import identities
from flows.run_record import Stopwatch
from flows.shards import ShardRun
from tasks.dataset.reading import open_dataset
from tasks.evaluation.difficulty_step import rate_samples, write_rates
from tasks.evaluation.step import EvaluatedAt
from tasks.models.stored import fetched
from tasks.records.artifacts import MANIFEST_NAME, ArtifactRef, Manifest
from tasks.records.evaluations import AskStyle, DifficultySummary, SolveRate
from tasks.settings import load_settings
from tasks.store.artifacts import open_store

ASK = AskStyle(samples=4, temperature=0.8, max_tokens=512)
"""Several answers to each sample: one alone says little of how hard it is."""


@flow(name="grade-difficulty", flow_run_name="grade {ref} by {model}", persist_result=False)
def grade_difficulty(
    ref: str,
    model: str,
    ask: AskStyle = ASK,
    store: str = "",
    workers: Annotated[int, Field(gt=0)] = os.cpu_count() or 1,
) -> DifficultySummary:
    """The data set again, with the share of the model's answers that solve each sample.

    Args:
        ref: A data set: its name, the start of its digest, or a folder.
        model: `transformers:MODEL` or `openai:MODEL`; one of the store is
            `transformers:BASE+adapter:DIGEST`.
        ask: How many answers, how they are drawn.
        store: A folder or s3://bucket/prefix; empty for the one in the settings.
        workers: Jails at work at once. Changes nothing in the result.

    Raises:
        ConfigError, WriterError, StoreError: With what to do about it.
    """
    watch = Stopwatch()
    url = store or load_settings().store_url
    dataset = in_store(ref, url)
    with ExitStack() as stack:
        opened = stack.enter_context(open_store(url, load_settings()))
        models = identities((stack.enter_context(fetched(opened, model)),))
        [identity] = models
        place = EvaluatedAt(store=url, models=models, workers=workers)
        run = stack.enter_context(ShardRun(place, workers=1))
        rates = run.once(rate_samples, dataset=dataset, model=identity, ask=ask)
        rated = run.once(write_rates, dataset=dataset, rates=rates, model=identity, ask=ask)
        found = [one.rate for one in opened.read_records(rates, SolveRate)]
        path = opened.backend.locate(rated.key)
    return DifficultySummary(
        ref=rated,
        path=path,
        model=identity,
        **_told(found),
        flow_run=str(flow_run.get_id()),
        task_runs=run.accounts.task_runs,
        cached_steps=run.accounts.cached,
        seconds=watch.seconds,
    )


def in_store(ref: str, store: str) -> ArtifactRef:
    """The reference of a data set, which is taken into the store where it is a folder elsewhere."""
    settings = load_settings()
    with open_dataset(ref, store, settings) as dataset, open_store(store, settings) as opened:
        if not opened.has(dataset.ref):
            manifest = Manifest.model_validate_json((dataset.folder / MANIFEST_NAME).read_bytes())
            files = {file.name: dataset.folder / file.name for file in manifest.files}
            opened.put(manifest.kind, files, rows=manifest.rows, meta=manifest.meta)
        return dataset.ref


def _told(rates: Sequence[float]) -> dict[str, float]:
    return {
        "asked": len(rates),
        "never": sum(not rate for rate in rates),
        "always": sum(rate == 1 for rate in rates),
        "mean": sum(rates) / max(1, len(rates)),
    }
