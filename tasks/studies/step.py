"""The steps of a study: `study-rows`, `other-rows`, `fresh-model`, `answer-loss` and `study`."""

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from prefect import task

from tasks.benchmarks.loading import load
from tasks.dataset.reading import dataset_in
from tasks.evaluation.styles import asked_of
from tasks.records.artifacts import ArtifactRef
from tasks.records.evaluations import Graded
from tasks.records.mixes import MixedRow
from tasks.records.samples import Sample
from tasks.records.steps import Place
from tasks.records.studies import (
    FIGURES_NAME,
    PAGE_NAME,
    PICTURE_NAME,
    TEXT_NAME,
    UNTRAINED,
    AnswerLoss,
    Built,
    FreshModel,
    Measured,
    Rows,
    Study,
    StudyPlan,
    Trained,
    Yield,
)
from tasks.settings import load_settings
from tasks.steps import step, store_at
from tasks.store.artifacts import ArtifactStore
from tasks.store.tables import RecordWriter, read_records
from tasks.studies.comparing import LOSS, Table, differences, loss_values, put, scores, values_of
from tasks.studies.diagnosis import diagnosed
from tasks.studies.fresh import fresh_folder, make_fresh
from tasks.studies.page import markdown_of, page_of
from tasks.studies.picture import draw
from tasks.studies.rows import others, rows_of
from tasks.studies.wording import left_out, sentences
from tasks.studies.yields import Contents, begin_alike, contents_of, yield_of

ROWS_VERSION = 1
LOSS_VERSION = 1
STUDY_VERSION = 10
MIX = "mix"
"""The kind of artifact that a training takes besides data sets."""
HELD_BACK = "held_back"


class MeasuredAt(Place):
    """Where answers are measured, and where the models lie there."""

    models: dict[str, str]
    """By identity, what `tasks.models.local` takes."""


@step("study-rows", version=ROWS_VERSION)
def study_rows(
    data: ArtifactRef, tests: tuple[ArtifactRef, ...], rows: Rows, place: Place
) -> ArtifactRef:
    """The training rows of a cell, without the functions that some model is tested on."""
    with store_at(place) as store:
        tested = frozenset(
            sample.function_id for test in tests for sample in _samples(store, test, "test")
        )
        held_back = sum(
            sample.function_id in tested and sample.split != "test"
            for sample in _samples(store, data)
        )
        splits = {
            split: rows_of(_samples(store, data, split), tested, rows)
            for split in ("train", "validation")
        }
        return _as_mix(store, splits, {HELD_BACK: held_back})


@task(name="other-rows", task_run_name="other rows {kind}")
def other_rows(kind: str, place: Place) -> ArtifactRef:
    """Plain text of this machine. Never cached: other packages may be installed tomorrow."""
    with store_at(place) as store:
        return _as_mix(store, {"train": others(kind)}, {"rows": kind})


def _as_mix(
    store: ArtifactStore, splits: Mapping[str, Iterable[MixedRow]], meta: dict[str, object]
) -> ArtifactRef:
    with tempfile.TemporaryDirectory(dir=store.scratch) as folder:
        files, total = {}, 0
        for split, own in splits.items():
            path = Path(folder) / split
            with RecordWriter(path, MixedRow) as writer:
                for row in own:
                    writer.write(row)
            total += writer.rows
            if writer.rows:
                files[f"data/{split}-00000-of-00001.parquet"] = path
        return store.put(MIX, files, rows=total, meta=meta)


def _samples(store: ArtifactStore, ref: ArtifactRef, split: str = "") -> Iterator[Sample]:
    """All samples of a data set, or of one of its splits.

    File by file: as a folder it can be open once at a time.
    """
    for file in store.manifest(ref).files:
        if file.name.startswith("data/"):
            with store.open(ref, file.name) as path:
                yield from (one for one in read_records(path, Sample) if split in {"", one.split})


@task(name="fresh-model", task_run_name="fresh model")
def fresh_model(spec: FreshModel, data: ArtifactRef, place: Place) -> str:
    """The folder of a small model of random weights. Never cached: it lies on this machine."""
    folder = fresh_folder(spec, data.digest, load_settings().home)
    with store_at(place) as store:
        texts = (sample.prompt + sample.completion for sample in _samples(store, data))
        return str(make_fresh(spec, texts, folder))


@step("answer-loss", version=LOSS_VERSION)
def measure_answers(
    data: ArtifactRef, model: str, limit: int | None, place: MeasuredAt
) -> ArtifactRef:
    """How likely a model finds the right answers of a data set's test split."""
    # torch takes seconds to import, which no study pays that only builds.
    from tasks.studies.answer_loss import answer_losses  # noqa: PLC0415

    with store_at(place) as store, dataset_in(store, data) as dataset:
        _, problems = load(dataset.folder)
        losses = answer_losses(place.models[model], asked_of(problems, limit))
        return store.put_records("answer-losses", AnswerLoss, losses)


@step("study", version=STUDY_VERSION)
def conclude(  # noqa: PLR0913, PLR0917 - what a study is made of
    plan: StudyPlan,
    built: tuple[Built, ...],
    trained: tuple[Trained, ...],
    measured: tuple[Measured, ...],
    drawn_with: str,  # noqa: ARG001 - in the cache key: another matplotlib draws otherwise
    place: Place,
) -> ArtifactRef:
    """Tables, picture, summary and diagnosis of all cells.

    Args:
        plan: As it is published, without places.
        built: The data set of each cell, in the plan's order.
        trained: Every model, and the base model first.
        measured: Their evaluations.
        drawn_with: Name and version of what draws.
        place: Of the store.
    """
    with store_at(place) as store:
        study = _study(store, plan, built, trained, measured)
        with tempfile.TemporaryDirectory(dir=store.scratch) as folder:
            texts = {
                FIGURES_NAME: study.model_dump_json(indent=2) + "\n",
                PAGE_NAME: page_of(study),
                TEXT_NAME: markdown_of(study),
                PICTURE_NAME: draw(plan.question, study.yields, study.scores),
            }
            files = {name: Path(folder) / name for name in texts}
            for name, text in texts.items():
                files[name].write_text(text, encoding="utf-8")
            made = [one.dataset for one in built if one.dataset]
            refs = [*made, *(one.ref for one in measured)]
            meta = {"made_from": [ref.digest for ref in refs]}
            return store.put("study", files, rows=len(study.yields), meta=meta)


def _study(
    store: ArtifactStore,
    plan: StudyPlan,
    built: Sequence[Built],
    trained: Sequence[Trained],
    measured: Sequence[Measured],
) -> Study:
    yields = tuple(_yields(store, plan, built))
    funnels = {one.cell: one.funnel for one in built}
    table = _table(store, trained, measured)
    scored = tuple(scores(table))
    compared = tuple(differences(table, list(_pairs(plan))))
    return Study(
        plan=plan,
        yields=yields,
        funnels=funnels,
        trainings=tuple(trained),
        scores=scored,
        differences=compared,
        findings=tuple(diagnosed(yields, funnels, trained, scored, compared)),
        held_back={
            one.cell: store.manifest(one.rows).meta.get(HELD_BACK, 0) for one in trained if one.rows
        },
        empty={one.cell: one.empty for one in built if one.empty},
        summary=(
            *sentences(plan, yields, funnels, scored, compared),
            *left_out(trained),
            *(f"Nothing came out of {one.cell}: {one.empty}" for one in built if one.empty),
        ),
    )


def _yields(store: ArtifactStore, plan: StudyPlan, built: Sequence[Built]) -> Iterator[Yield]:
    cells = {cell.name: cell for cell in plan.cells}
    start = cells[plan.baseline].build
    first = next(one for one in built if one.cell == plan.baseline)
    baseline = _contents(store, first)
    for one in built:
        note, alike = cells[one.cell].note, begin_alike(cells[one.cell].build, start)
        # What a cell of which nothing came out began with is what all began with.
        funnel = one.funnel if one.dataset or not alike else first.funnel
        own = baseline if one is first else _contents(store, one)
        against = baseline if alike and one is not first else None
        row = yield_of(one.cell, note, funnel, own, against)
        yield row.model_copy(update={"alike": alike})


def _contents(store: ArtifactStore, built: Built) -> Contents:
    return contents_of(_samples(store, built.dataset) if built.dataset else ())


def _pairs(plan: StudyPlan) -> Iterator[tuple[str, str]]:
    """Each trained cell with the baseline, and with the base model."""
    names = [cell.name for cell in plan.cells if cell.train]
    yield from ((name, plan.baseline) for name in names if name != plan.baseline)
    yield from ((name, UNTRAINED) for name in names)


def _table(store: ArtifactStore, trained: Sequence[Trained], measured: Sequence[Measured]) -> Table:
    table: Table = {}
    for evaluation in measured:
        verdicts = _verdicts(store, evaluation)
        with_cases = any(one.cases for own in verdicts.values() for one in own)
        for one in trained:
            if one.model in verdicts:
                by_measure = dict(values_of(verdicts[one.model], with_cases=with_cases))
                put(table, one.cell, evaluation.test, by_measure)
    for one in trained:
        for test, ref in one.losses.items():
            values = loss_values(store.read_records(ref, AnswerLoss))
            put(table, one.cell, test, {LOSS: values})
    return table


def _verdicts(store: ArtifactStore, evaluation: Measured) -> dict[str, list[Graded]]:
    """By model: the rows of the models follow each other, the same problems for each."""
    with store.open(evaluation.ref, "verdicts.parquet") as path:
        graded = list(read_records(path, Graded))
    each = len(graded) // max(1, len(evaluation.models))
    return {
        model: graded[place * each : (place + 1) * each]
        for place, model in enumerate(evaluation.models)
    }
