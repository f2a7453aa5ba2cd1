"""`case2code evaluate`."""

import os
from typing import Annotated, Any, Literal

import typer
from pydantic import ValidationError
from rich.table import Table

from flows.cli.flow_runs import run_flow
from flows.cli.screen import print_json, stdout
from tasks.errors import ConfigError
from tasks.records.evaluations import (
    AskStyle,
    Comparison,
    Contamination,
    EvaluateConfig,
    EvaluationSummary,
    GradeConfig,
    Score,
)
from tasks.records.writers import Engine

STOPS = "every completion so far is kept, the same command goes on from there"


def evaluate(  # noqa: PLR0913 - one for each option
    *,
    model: Annotated[
        list[str],
        typer.Option(
            help="A folder, a GGUF file, a Hub id, an adapter (BASE+ADAPTER), or openai:MODEL on "
            "the server of CASE2CODE_LLM_URL. Repeatable: several are compared.",
        ),
    ],
    benchmark: Annotated[
        list[str] | None,
        typer.Option(
            help="humaneval, humaneval+, mbpp, mbpp-sanitized, mbpp+, case2code:REF (the test "
            "split of a data set), a file, a folder, hf://ORG/NAME/FILE. Repeatable. "
            "Default: humaneval.",
            show_default=False,
        ),
    ] = None,
    style: Annotated[
        str,
        typer.Option(
            help="Whose prompts: evalplus, evalplus-base, lm-eval, lm-eval-instruct, bigcode."
        ),
    ] = "evalplus",
    samples: Annotated[
        int, typer.Option("--samples", "-n", min=1, help="Completions for each problem.")
    ] = 1,
    temperature: Annotated[float, typer.Option(min=0, help="0 is greedy.")] = 0.0,
    top_p: Annotated[float, typer.Option(min=0.01, max=1)] = 0.95,
    max_tokens: Annotated[int, typer.Option(min=1, help="Of a completion.")] = 768,
    seed: Annotated[int, typer.Option(help="Seeds every sample.")] = 0,
    limit: Annotated[
        int | None, typer.Option(min=1, help="The first so many problems only: a quick look.")
    ] = None,
    cpu_seconds: Annotated[float, typer.Option(min=0.1, help="Of one call, in grading.")] = 3.0,
    exceptions: Annotated[
        bool,
        typer.Option("--exceptions", help="Case2Code: cases whose gold is an exception count."),
    ] = False,
    trained_on: Annotated[
        str, typer.Option(help="The data set that it was trained on: shows contamination.")
    ] = "",
    store: Annotated[
        str, typer.Option(help="Where artifacts go: a folder or s3://bucket/prefix.")
    ] = "",
    workers: Annotated[int, typer.Option(min=1, help="Jails at work at once, in grading.")] = (
        os.cpu_count() or 1
    ),
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object on standard output at the end.")
    ] = False,
    verbose: Annotated[bool, typer.Option(help="Show Prefect's log.")] = False,
) -> None:
    """Score models on benchmarks, as the field's harnesses do.

    Stopped or killed, the same command goes on: no completion is asked for twice. Several models
    are compared on the same problems.
    """
    config = evaluate_config(
        models=tuple(map(with_engine, model)),
        benchmarks=tuple(benchmark or ("humaneval",)),
        limit=limit,
        ask={
            "style": style,
            "samples": samples,
            "temperature": temperature,
            "top_p": top_p,
            "max_tokens": max_tokens,
            "seed": seed,
        },
        grade={"cpu_seconds": cpu_seconds, "exceptions": exceptions},
        trained_on=trained_on,
    )
    summary = _run(config, store, workers, verbose=verbose)
    if json:
        print_json(summary.model_dump(mode="json"))
    else:
        show_evaluation(summary)


def evaluate_config(*, ask: dict[str, Any], grade: dict[str, Any], **given: Any) -> EvaluateConfig:
    """The options as one config. Raises ConfigError for what does not go together."""
    if ask["samples"] > 1 and not ask["temperature"]:
        raise ConfigError("greedy completions are all the same: give --temperature with --samples")
    try:
        return EvaluateConfig(ask=AskStyle(**ask), grade=GradeConfig(**grade), **given)
    except ValidationError as error:
        mistakes = "; ".join(
            f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()
        )
        raise ConfigError(f"wrong options: {mistakes}") from error


def with_engine(model: str) -> str:
    """The model's name with its engine; without one it runs in this process."""
    engines = tuple(f"{engine}:" for engine in Engine)
    return model if model.startswith(engines) else f"{Engine.TRANSFORMERS}:{model}"


def _run(config: EvaluateConfig, store: str, workers: int, *, verbose: bool) -> EvaluationSummary:
    def call() -> EvaluationSummary:
        from flows.evaluate_model import evaluate_model  # noqa: PLC0415 - seconds
        from flows.rerunning import start  # noqa: PLC0415 - as above

        return start(evaluate_model, config, store=store, workers=workers)

    return run_flow(call, STOPS, verbose=verbose)


def show_evaluation(summary: EvaluationSummary) -> None:
    """Scores, comparisons, what was left out, and where it all lies."""
    evaluation = summary.result.evaluation
    stdout.print(_score_table(evaluation.scores))
    if evaluation.comparisons:
        stdout.print(_comparison_table(evaluation.comparisons))
    for one in evaluation.contamination:
        stdout.print(_contamination(one), highlight=False)
    for left_out in evaluation.excluded[:5]:
        stdout.print(
            f"left out: {left_out.benchmark} {left_out.problem}: {left_out.reason}",
            highlight=False,
            markup=False,
        )
    if len(evaluation.excluded) > 5:  # noqa: PLR2004 - the rest is in the report
        stdout.print(f"left out: {len(evaluation.excluded) - 5} more, see the report")
    if evaluation.limit is not None:
        stdout.print(f"only the first {evaluation.limit} problems were asked: no score to publish")
    stdout.print(
        f"evaluation  {summary.result.ref.short}\nin          {summary.path}"
        f"\npage        {summary.path}/report.html",
        soft_wrap=True,
        highlight=False,
    )


def _contamination(one: Contamination) -> str:
    if one.action == "unchecked":
        return f"{one.benchmark}: the training data was not checked against it"
    held = f"{one.problems_found} of its {one.problems} problems"
    return f"{one.benchmark}: the training corpus held {held} ({one.action})"


def _score_table(scores: tuple[Score, ...]) -> Table:
    table = Table(title="Scores", title_justify="left")
    for name in ("model", "benchmark", "measure", "problems", "score", "95 % interval"):
        justify: Literal["left", "right"] = "right" if name in {"problems", "score"} else "left"
        # A name that is cut short says of two models that they are one.
        table.add_column(name, justify=justify, overflow="fold")
    for one in scores:
        interval = f"{one.low:.1%} to {one.high:.1%}"
        row = (one.model, one.benchmark, one.measure, str(one.problems), f"{one.value:.1%}")
        table.add_row(*row, interval)
    return table


def _comparison_table(comparisons: tuple[Comparison, ...]) -> Table:
    table = Table(title="Comparison", title_justify="left")
    for name in ("benchmark", "first", "second", "second less first", "95 % interval", "p"):
        table.add_column(name, overflow="fold")
    for one in comparisons:
        difference = f"{100 * one.difference:+.1f} points"
        interval = f"{100 * one.low:+.1f} to {100 * one.high:+.1f}"
        table.add_row(
            one.benchmark, one.first, one.second, difference, interval, f"{one.p_value:.3f}"
        )
    return table
