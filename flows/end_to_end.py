"""The whole chain as one flow: real code to a data set, to a model, to its scores.

The three flows run inside of this one. Their steps are cached by content, never by run, so a retry
of this flow does only what is missing, whichever of the three it was in.
"""

import os
from typing import Annotated

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.runtime import flow_run
from pydantic import Field

from flows.build_dataset import build_dataset
from flows.evaluate_model import ITEMS, evaluate_model
from flows.run_record import Stopwatch
from flows.train_model import TrainSummary, train_model
from tasks.models.stored import name_of_trained
from tasks.records.base import Record
from tasks.records.configs import BuildConfig
from tasks.records.evaluations import AskStyle, EvaluateConfig, EvaluationSummary, GradeConfig
from tasks.records.steps import BuildSummary
from tasks.records.training import Launch, TrainConfig
from tasks.records.writers import Engine
from tasks.settings import load_settings


class EndToEndSummary(Record):
    """What the flow `end_to_end` returns: what each of the three did."""

    build: BuildSummary
    train: TrainSummary
    evaluation: EvaluationSummary
    flow_run: str
    seconds: float

    @property
    def task_runs(self) -> int:
        """Of this flow itself: none, they are those of the three."""
        return 0


@flow(name="end-to-end", flow_run_name="end to end on {base}", persist_result=False)
def end_to_end(  # noqa: PLR0913, PLR0917 - the three flows' parameters, a form for a person
    base: str,
    build: BuildConfig = BuildConfig(),  # noqa: B008 - frozen, and shown in the UI's form
    train: TrainConfig = TrainConfig(),  # noqa: B008 - as above
    launch: Launch = Launch(),  # noqa: B008 - as above
    benchmarks: tuple[str, ...] = ("humaneval",),
    limit: Annotated[int | None, Field(gt=0)] = None,
    ask: AskStyle = AskStyle(),  # noqa: B008 - as above
    grade: GradeConfig = GradeConfig(),  # noqa: B008 - as above
    store: str = "",
    workers: Annotated[int, Field(gt=0)] = os.cpu_count() or 1,
    name: str = "",
) -> EndToEndSummary:
    """Builds a data set, fine-tunes a base model on it, and scores both models.

    Args:
        base: Folder or Hub id of the base model.
        build: Everything that shapes the data set.
        train: Everything that shapes the training.
        launch: How this machine gets there. Changes nothing in the result.
        benchmarks: That both models are scored on, besides the test split of the data set.
        limit: The first so many problems of each benchmark only.
        ask: How the models are asked.
        grade: How their answers are graded.
        store: A folder or s3://bucket/prefix; empty for the one in the settings.
        workers: Shards worked on, and jails at work, at once. Changes nothing in the result.
        name: Of the data set; empty for one made of the corpora's labels.

    Raises:
        Case2CodeError: As the three flows do. A second run does only what is missing.
    """
    watch = Stopwatch()
    url = store or load_settings().store_url
    built = build_dataset(build, store=url, workers=workers, name=name)
    dataset = f"{built.name}@{built.version}"
    trained = train_model(dataset, base, config=train, launch=launch, store=url)
    config = EvaluateConfig(
        models=_both(base, trained),
        benchmarks=(*benchmarks, f"{ITEMS}{dataset}"),
        limit=limit,
        ask=ask,
        grade=grade,
        trained_on=dataset,
    )
    scored = evaluate_model(config, store=url, workers=workers)
    _tell(dataset, trained, scored)
    return EndToEndSummary(
        build=built,
        train=trained,
        evaluation=scored,
        flow_run=str(flow_run.get_id()),
        seconds=watch.seconds,
    )


def _both(base: str, trained: TrainSummary) -> tuple[str, str]:
    """The base and what was made of it, as an evaluation names them."""
    engine = Engine.TRANSFORMERS
    return f"{engine}:{base}", f"{engine}:{name_of_trained(base, trained.result.ref)}"


def _tell(dataset: str, trained: TrainSummary, scored: EvaluationSummary) -> None:
    """The end of the story for the Prefect UI."""
    rows = "\n".join(
        f"| {one.model} | {one.benchmark} | {one.measure} | {one.value:.1%} |"
        for one in scored.result.evaluation.scores
    )
    create_markdown_artifact(
        f"# {dataset} to {trained.result.ref.kind} {trained.result.ref.short}\n\n"
        f"| model | benchmark | measure | score |\n| --- | --- | --- | --- |\n{rows}\n",
        key="end-to-end",
        description="what came of the whole chain",
    )
