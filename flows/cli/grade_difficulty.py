"""`case2code grade-difficulty`."""

from typing import Annotated

import typer

from flows.cli.evaluate import STOPS, with_engine
from flows.cli.flow_runs import run_flow
from flows.cli.screen import print_json, stdout
from tasks.records.evaluations import AskStyle, DifficultySummary


def grade_difficulty(  # noqa: PLR0913 - one for each option
    data: Annotated[
        str, typer.Argument(help="A data set: its name, the start of its digest, or a folder.")
    ],
    *,
    model: Annotated[
        str,
        typer.Option(help="A folder, a GGUF file, a Hub id, BASE+ADAPTER, or openai:MODEL."),
    ],
    samples: Annotated[
        int, typer.Option("--samples", "-n", min=1, help="Answers to each sample.")
    ] = 4,
    temperature: Annotated[float, typer.Option(min=0.01)] = 0.8,
    max_tokens: Annotated[int, typer.Option(min=1, help="Of an answer.")] = 512,
    seed: Annotated[int, typer.Option(help="Seeds every answer.")] = 0,
    store: Annotated[
        str, typer.Option(help="The store of the data set: a folder or s3://bucket/prefix.")
    ] = "",
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object on standard output.")
    ] = False,
) -> None:
    """Add to a data set how often a model solves each sample.

    The result is a data set like it, whose `difficulty.solve_rate` is filled. Stopped or killed,
    the same command goes on: no answer is asked for twice.
    """
    ask = AskStyle(samples=samples, temperature=temperature, max_tokens=max_tokens, seed=seed)

    def call() -> DifficultySummary:
        from flows.grade_difficulty import grade_difficulty as graded  # noqa: PLC0415 - seconds

        return graded(data, with_engine(model), ask, store=store)

    result = run_flow(call, STOPS)
    if json:
        print_json(result.model_dump(mode="json"))
        return
    stdout.print(
        f"{result.asked:,} samples: {result.mean:.1%} of the answers are right; {result.never:,} "
        f"samples are never solved, {result.always:,} always\ndata set  {result.ref.short}\n"
        f"in        {result.path}",
        soft_wrap=True,
        highlight=False,
    )
