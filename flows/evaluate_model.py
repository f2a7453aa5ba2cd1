"""The flow that scores models on benchmarks, and lays their scores side by side.

Source: the field's harnesses, whose prompts and rules it follows (`tasks/evaluation/README.md`).
"""

import os
from contextlib import ExitStack
from typing import Annotated

from prefect import flow
from prefect.artifacts import create_table_artifact
from prefect.runtime import flow_run
from pydantic import Field

from flows.lineage import asset_of_model, record_asset
from flows.run_record import Stopwatch
from flows.shards import ShardRun
from tasks.benchmarks.pins import CASE2CODE
from tasks.dataset.reading import open_dataset
from tasks.errors import ConfigError
from tasks.evaluation.step import (
    EvaluatedAt,
    complete_problems,
    find_problems,
    grade_completions,
    grade_references,
    score,
)
from tasks.models.opening import identity_of, require
from tasks.models.stored import fetched
from tasks.records.evaluations import (
    Contamination,
    EvaluateConfig,
    EvaluationResult,
    EvaluationSummary,
)
from tasks.records.problems import BenchmarkFile
from tasks.records.writers import model_name
from tasks.settings import load_settings
from tasks.store.artifacts import open_store

ITEMS = f"{CASE2CODE}:"
"""Before the reference of a data set, whose test split is then meant."""


@flow(name="evaluate-model", flow_run_name="evaluate {config.title}", persist_result=False)
def evaluate_model(
    config: EvaluateConfig,
    store: str = "",
    workers: Annotated[int, Field(gt=0)] = os.cpu_count() or 1,
) -> EvaluationSummary:
    """Scores models on benchmarks and returns where scores, completions and verdicts are.

    Args:
        config: Models (those of the store as `transformers:BASE+adapter:DIGEST` or
            `transformers:model:DIGEST`), benchmarks, and how they are asked and graded.
        store: A folder or s3://bucket/prefix; empty for the one in the settings.
        workers: Jails at work at once. Changes nothing in the result.

    Raises:
        EvaluationError, ConfigError, WriterError, StoreError: With what to do about it.
    """
    watch = Stopwatch()
    url = store or load_settings().store_url
    with ExitStack() as files:
        opened = files.enter_context(open_store(url, load_settings()))
        here = tuple(files.enter_context(fetched(opened, name)) for name in config.models)
        models = identities(here)
        place = EvaluatedAt(store=url, models=models, workers=workers)
        run = files.enter_context(ShardRun(place, workers=1))
        wanted = tuple(_located(name, url, files) for name in config.benchmarks)
        found = run.once(find_problems, wanted=wanted)
        references = run.once(
            grade_references, problems=found.problems, config=config.grade, limit=config.limit
        )
        completions = [
            run.once(
                complete_problems,
                problems=found.problems,
                model=model,
                ask=config.ask,
                limit=config.limit,
            )
            for model in models
        ]
        verdicts = [
            run.once(
                grade_completions,
                problems=found.problems,
                completions=one,
                references=references,
                ask=config.ask,
                config=config.grade,
            )
            for one in completions
        ]
        contamination, trained_on = contamination_of(config.trained_on, url, found.files)
        result = run.once(
            score,
            files=found.files,
            references=references,
            models=tuple(models),
            completions=tuple(completions),
            verdicts=tuple(verdicts),
            ask=config.ask,
            config=config.grade,
            limit=config.limit,
            contamination=contamination,
            trained_on=trained_on,
        )
        made_of = [asset_of_model(name) for name in config.models]
        record_asset(run, result.ref, name=f"scores of {config.title}", made_of=made_of)
    return _summary(result, url, run, watch)


def identities(models: tuple[str, ...]) -> dict[str, str]:
    """The name that each model's answers are kept under, and what the user called it.

    Raises ConfigError, before anything is done, where one cannot be asked.
    """
    found: dict[str, str] = {}
    for given in models:
        name = model_name(given)
        if name is None:
            raise ConfigError(f"{given} is no model")
        require(name, load_settings())
        identity = f"{name.engine}:{identity_of(name)}"
        if identity in found:
            raise ConfigError(f"{given} and {found[identity]} are the same model")
        found[identity] = given
    return found


def _located(name: str, store: str, files: ExitStack) -> str:
    """A benchmark as `tasks.benchmarks.finding` takes it: of data sets, their folder."""
    if not name.startswith(ITEMS):
        return name
    dataset = open_dataset(name.removeprefix(ITEMS), store, load_settings())
    return str(files.enter_context(dataset).folder)


def contamination_of(
    trained_on: str, store: str, files: tuple[BenchmarkFile, ...]
) -> tuple[tuple[Contamination, ...], str]:
    """What a training data set's manifest says of these benchmarks, and its digest."""
    if not trained_on:
        return (), ""
    with open_dataset(trained_on, store, load_settings()) as dataset:
        said = {row["name"]: row for row in dataset.meta.get("benchmarks") or ()}
        rows = [
            Contamination(
                benchmark=file.name,
                problems_found=said.get(file.name, {}).get("problems_found", 0),
                problems=file.problems,
                action=said.get(file.name, {}).get("action", "unchecked"),
            )
            for file in files
        ]
        return tuple(rows), dataset.ref.digest


def _summary(
    result: EvaluationResult, store: str, run: ShardRun, watch: Stopwatch
) -> EvaluationSummary:
    table = [
        {
            "model": one.model,
            "benchmark": one.benchmark,
            "measure": one.measure,
            "score": f"{one.value:.1%}",
            "interval": f"{one.low:.1%} to {one.high:.1%}",
        }
        for one in result.evaluation.scores
    ]
    create_table_artifact(key="scores", table=table, description=f"Evaluation {result.ref.short}")
    with open_store(store, load_settings()) as opened:
        path = opened.backend.locate(result.ref.key)
    return EvaluationSummary(
        result=result,
        path=path,
        flow_run=str(flow_run.get_id()),
        task_runs=run.accounts.task_runs,
        cached_steps=run.accounts.cached,
        seconds=watch.seconds,
    )
