"""The flow that answers a question about the method: a grid of builds, trainings and evaluations.

Each is a run of its own flow, and content-cached: what an earlier study, or an earlier run of this
one, has done is not done again. Source of most questions: Case2Code, arXiv 2407.12504.
"""

import os
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.runtime import flow_run
from pydantic import Field

from flows.run_record import Stopwatch
from flows.shards import Accounts, ShardRun
from flows.study_cells import Grid
from tasks.dataset.mixing.finding import label_of
from tasks.records.artifacts import ArtifactRef
from tasks.records.configs import BuildConfig
from tasks.records.steps import Place
from tasks.records.studies import (
    FIGURES_NAME,
    HELD_OUT,
    TEXT_NAME,
    Built,
    CellPlan,
    Size,
    Study,
    StudyPlan,
    StudySummary,
    Trained,
)
from tasks.records.training import Launch
from tasks.settings import load_settings
from tasks.store.artifacts import open_store
from tasks.studies.grid import find_study, plan_of, read_study
from tasks.studies.step import conclude


@flow(name="study", flow_run_name="study {name} ({size})", persist_result=False)
def study(  # noqa: PLR0913, PLR0917 - a field of the form each
    name: str,
    size: Size = "smoke",
    base: str = "",
    build_only: bool = False,
    store: str = "",
    workers: Annotated[int, Field(gt=0)] = os.cpu_count() or 1,
) -> StudySummary:
    """Runs the grid of a study, and returns what it says and where its page is.

    Args:
        name: One of `deployments/studies`, or a YAML file.
        size: `smoke` for minutes on a laptop, `cpu` for an hour or two on a CPU, `full` for a GPU.
        base: Folder or Hub id of a base model, in place of the study's own.
        build_only: Train nothing: the yields are what is asked for.
        store: A folder or s3://bucket/prefix; empty for the one in the settings.
        workers: Shards worked on at once. Changes nothing in the result.

    Raises:
        ConfigError: The study, or a config in it, is wrong.
        StepFailedError, TrainingError, StoreError: A second run does only what is missing.
    """
    watch = Stopwatch()
    path = find_study(name)
    plan = plan_of(read_study(path), path.stem, size, base, build_only=build_only)
    place = Place(store=store or load_settings().store_url)
    with ShardRun(place, workers=1) as run:
        grid = Grid(plan, run, workers)
        grid.require()
        built = grid.built()
        trained = grid.trained(built) if plan.trains else []
        measured = grid.measured() if trained else []
        ref = run.once(
            conclude,
            plan=without_places(plan, place.store, built, trained),
            built=tuple(built),
            trained=tuple(_without_place(one, trained[0].model) for one in trained),
            measured=tuple(measured),
            drawn_with=f"matplotlib {version('matplotlib')}",
        )
    return _summary(ref, place.store, grid, run.accounts, watch)


def without_places(
    plan: StudyPlan, store: str, built: Sequence[Built], trained: Sequence[Trained]
) -> StudyPlan:
    """The plan as it is published: labels and identities, where a person gave paths."""
    published = {one.cell: _published(one.dataset, store) for one in built if one.dataset}
    like = published[plan.baseline]
    cells = tuple(_labelled(cell, published.get(cell.name), like) for cell in plan.cells)
    # The tests are data sets of their own: their names say which, their configs hold places.
    tests = {name: like for name in plan.tests if name == HELD_OUT}
    base = plan.base
    if isinstance(base, str) and trained:
        base = trained[0].model
    benchmarks = tuple(map(label_of, plan.score.benchmarks))
    score = plan.score.model_copy(update={"benchmarks": benchmarks})
    update = {"cells": cells, "tests": tests, "base": base, "score": score, "launch": Launch()}
    return plan.model_copy(update=update)


def _published(dataset: ArtifactRef, store: str) -> BuildConfig:
    """The config of a data set as its manifest has it."""
    with open_store(store, load_settings()) as opened:
        return BuildConfig.model_validate(opened.manifest(dataset).meta["config"])


def _labelled(cell: CellPlan, build: BuildConfig | None, like: BuildConfig) -> CellPlan:
    """The cell without paths; one of which nothing came out has those of the baseline."""
    labels = {"corpus": like.corpus, "benchmarks": like.benchmarks, "opt_out": like.opt_out}
    mix = {label_of(name): share for name, share in cell.mix.items()}
    own = build or cell.build.model_copy(update=labels)
    return cell.model_copy(update={"build": own, "mix": mix})


def _without_place(one: Trained, base: str) -> Trained:
    """A training without where its base model lies, and without what has clocks in it."""
    if one.result is None:
        return one
    result = one.result.model_copy(update={"base": base, "logs": None})
    return one.model_copy(update={"result": result})


def _summary(
    ref: ArtifactRef, store: str, grid: Grid, accounts: Accounts, watch: Stopwatch
) -> StudySummary:
    with open_store(store, load_settings()) as opened:
        path = opened.backend.locate(ref.key)
        with opened.open(ref, FIGURES_NAME) as figures:
            done = Study.model_validate_json(figures.read_bytes())
        with opened.open(ref, TEXT_NAME) as text:
            create_markdown_artifact(text.read_text(encoding="utf-8"), key="study")
    return StudySummary(
        ref=ref,
        study=done,
        path=path,
        flow_run=str(flow_run.get_id()),
        task_runs=accounts.task_runs,
        grid_task_runs=grid.task_runs + accounts.task_runs,
        cached_steps=grid.cached_steps + accounts.cached,
        seconds=watch.seconds,
    )
