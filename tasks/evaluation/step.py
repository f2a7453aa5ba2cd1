"""The steps `benchmarks`, `references`, `complete`, `grade` and `score`."""

import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path

from prefect import task

from sandbox import Limits
from tasks.benchmarks.finding import find
from tasks.benchmarks.loading import load_all
from tasks.errors import EvaluationError
from tasks.evaluation.completing import Asking, complete
from tasks.evaluation.grading import Answered, grade
from tasks.evaluation.jails import Jails
from tasks.evaluation.publishing import FILES, Run, write
from tasks.evaluation.references import references
from tasks.evaluation.scoring import comparisons, excluded, scores
from tasks.evaluation.styles import asked_of
from tasks.models.keeping import KeptAnswers
from tasks.models.opening import open_generator
from tasks.records.artifacts import ArtifactRef
from tasks.records.evaluations import (
    AskStyle,
    Completion,
    Contamination,
    Evaluation,
    EvaluationResult,
    GradeConfig,
    Graded,
    Reference,
)
from tasks.records.problems import BenchmarkFile, Benchmarks, Problem
from tasks.records.steps import Place
from tasks.records.writers import ModelName, model_name
from tasks.settings import load_settings
from tasks.steps import step, store_at
from tasks.store.artifacts import ArtifactStore

REFERENCES_VERSION = 1
COMPLETE_VERSION = 1
GRADE_VERSION = 1
SCORE_VERSION = 2


class EvaluatedAt(Place):
    """Where an evaluation runs: the models by the names under which their answers are kept."""

    models: dict[str, str]
    """What the user called each model, by its identity; the same weights, the same identity."""
    workers: int = 1
    """Jails at work at once."""

    def name_of(self, model: str) -> ModelName:
        """Whom to ask for a model by its identity. Raises EvaluationError where it is none."""
        name = model_name(self.models[model])
        if name is None:
            raise EvaluationError(f"{self.models[model]} is no model")
        return name


@task(name="benchmarks", task_run_name="benchmarks")
def find_problems(wanted: tuple[str, ...], place: Place) -> Benchmarks:
    """Reads the benchmarks that are meant. Raises ConfigError.

    Never cached: this is how a run sees which packages are installed and what files hold.
    """
    files, problems = load_all(find(wanted, load_settings().home / "benchmarks"))
    if not problems:
        raise EvaluationError("no problems: name a benchmark with --benchmark")
    with store_at(place) as store:
        return Benchmarks(files=files, problems=store.put_records("problems", Problem, problems))


@step("references", version=REFERENCES_VERSION, executes=True)
def grade_references(
    problems: ArtifactRef, config: GradeConfig, limit: int | None, place: EvaluatedAt
) -> ArtifactRef:
    """Runs the benchmarks' own solutions, before any model is asked."""
    with store_at(place) as store, Jails(_limits(config), workers=place.workers) as jails:
        asked = asked_of(list(store.read_records(problems, Problem)), limit)
        return store.put_records("references", Reference, references(asked, jails))


@step("complete", version=COMPLETE_VERSION)
def complete_problems(
    problems: ArtifactRef, model: str, ask: AskStyle, limit: int | None, place: EvaluatedAt
) -> ArtifactRef:
    """Asks a model for completions; what an earlier run has is not asked for again."""
    settings = load_settings()
    with store_at(place) as store, KeptAnswers(store, model, settings.home) as kept:
        asking = Asking(list(store.read_records(problems, Problem)), ask, limit)
        opened = partial(open_generator, place.name_of(model), settings)
        return store.put_records("completions", Completion, complete(asking, kept, opened))


@step("grade", version=GRADE_VERSION, executes=True)
def grade_completions(  # noqa: PLR0913 - what a verdict depends on
    *,
    problems: ArtifactRef,
    completions: ArtifactRef,
    references: ArtifactRef,
    ask: AskStyle,
    config: GradeConfig,
    place: EvaluatedAt,
) -> ArtifactRef:
    """The verdict on each completion."""
    with store_at(place) as store, Jails(_limits(config), workers=place.workers) as jails:
        asking = Asking(list(store.read_records(problems, Problem)), ask, None)
        answered = _answered(store, completions, references, asking)
        return store.put_records("verdicts", Graded, grade(answered, jails, config))


def _limits(config: GradeConfig) -> Limits:
    return Limits(cpu_seconds=config.cpu_seconds, memory_bytes=config.memory_mb << 20)


def _answered(
    store: ArtifactStore, completions: ArtifactRef, references: ArtifactRef, asking: Asking
) -> Iterator[Answered]:
    """Completions with their problems and programs; those of flawed problems are left out."""
    known = store.read_records(references, Reference)
    by_id = {(one.problem.benchmark, one.problem.id): one for one in known}
    for completion in store.read_records(completions, Completion):
        reference = by_id[completion.benchmark, completion.problem]
        if not reference.error or reference.problem.printed:
            yield completion, reference, asking.program(reference.problem, completion.text)


@step("score", version=SCORE_VERSION)
def score(  # noqa: PLR0913 - what an evaluation is made of
    *,
    files: tuple[BenchmarkFile, ...],
    references: ArtifactRef,
    models: tuple[str, ...],
    completions: tuple[ArtifactRef, ...],
    verdicts: tuple[ArtifactRef, ...],
    ask: AskStyle,
    config: GradeConfig,
    limit: int | None,
    contamination: tuple[Contamination, ...],
    trained_on: str,
    place: Place,
) -> EvaluationResult:
    """Scores, comparisons, and the page that shows them, as one artifact."""
    with store_at(place) as store:
        known = list(store.read_records(references, Reference))
        graded = {
            model: list(store.read_records(ref, Graded))
            for model, ref in zip(models, verdicts, strict=True)
        }
        run = Run(
            references=known,
            completions={
                model: list(store.read_records(ref, Completion))
                for model, ref in zip(models, completions, strict=True)
            },
            graded=graded,
        )
        evaluation = Evaluation(
            models=models,
            ask=ask,
            grade=config,
            limit=limit,
            benchmarks=files,
            contamination=contamination,
            training_data=trained_on,
            **_figures(known, graded),
        )
        with tempfile.TemporaryDirectory(dir=store.scratch) as folder:
            write(evaluation, run, Path(folder))
            paths = {name: Path(folder) / name for name in FILES}
            rows = sum(map(len, graded.values()))
            made_from = [references.digest, *(ref.digest for ref in (*completions, *verdicts))]
            ref = store.put("evaluation", paths, rows=rows, meta={"made_from": made_from})
    return EvaluationResult(ref=ref, evaluation=evaluation)


def _figures(
    known: Sequence[Reference], graded: dict[str, list[Graded]]
) -> dict[str, tuple[object, ...]]:
    """The scores, comparisons and exclusions of all benchmarks."""
    rows: dict[str, list[object]] = {"scores": [], "comparisons": [], "excluded": []}
    for name, group in groupby(known, lambda one: one.problem.benchmark):
        own = list(group)
        left_out = excluded(own)
        without = frozenset(one.problem for one in left_out)
        verdicts: dict[str, Sequence[Graded]] = {
            model: [one for one in all_ if one.benchmark == name] for model, all_ in graded.items()
        }
        for model, mine in verdicts.items():
            rows["scores"] += scores(model, own[0].problem, mine, without)
        rows["comparisons"] += comparisons(name, verdicts, without)
        rows["excluded"] += left_out
    return {name: tuple(found) for name, found in rows.items()}
