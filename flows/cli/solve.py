"""`case2code solve`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from flows.cli.evaluate import STOPS, with_engine
from flows.cli.flow_runs import run_flow
from flows.cli.screen import print_json, stdout
from tasks.records.solutions import Solution, SolveConfig, SolveSummary

UNSOLVED = 3
"""Exit status where no candidate gives every output: the nearest is shown all the same."""


def solve(  # noqa: PLR0913 - one for each option
    cases: Annotated[
        Path,
        typer.Argument(
            help="Examples: JSON (a list of input and output), CSV (a column a parameter, and "
            "output), or a Python file of asserts.",
            exists=True,
            dir_okay=False,
        ),
    ],
    *,
    model: Annotated[
        str,
        typer.Option(help="A folder, a GGUF file, a Hub id, BASE+ADAPTER, or openai:MODEL."),
    ],
    samples: Annotated[int, typer.Option("--samples", "-n", min=1, help="Candidates.")] = 10,
    repair: Annotated[
        int, typer.Option(min=0, help="Rounds in which failing candidates go back to the model.")
    ] = 0,
    name: Annotated[str, typer.Option(help="What the function shall be called.")] = "",
    temperature: Annotated[float, typer.Option(min=0)] = 0.8,
    max_tokens: Annotated[int, typer.Option(min=1, help="Of a candidate.")] = 512,
    seed: Annotated[int, typer.Option(help="Seeds every candidate.")] = 0,
    store: Annotated[
        str, typer.Option(help="Where answers are kept: a folder or s3://bucket/prefix.")
    ] = "",
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object on standard output.")
    ] = False,
) -> None:
    """Find a program that does what examples show.

    Every candidate runs in the sandbox on all examples. The simplest that gives every output is
    printed, with its evidence; without one the nearest is, and the exit status is 3. Answers are
    kept: more candidates, or another round of repair, ask for none of them again.
    """
    config = SolveConfig(
        samples=samples,
        temperature=temperature,
        max_tokens=max_tokens,
        seed=seed,
        repair=repair,
    )

    def call() -> SolveSummary:
        from flows.solve import solve as solved  # noqa: PLC0415 - seconds

        return solved(cases, with_engine(model), config, name=name, store=store)

    solution = run_flow(call, STOPS).solution
    if json:
        print_json(solution.model_dump(mode="json"))
    else:
        _show(solution)
    if not solution.solved:
        raise typer.Exit(UNSOLVED)


def _show(solution: Solution) -> None:
    if not solution.source:
        stdout.print("no candidate holds a program: try more with --samples, or another model")
        return
    right = sum(one.right for one in solution.evidence)
    stdout.print(Syntax(solution.source, "python", background_color="default"))
    table = Table()
    for title in ("example", "wanted", "got", ""):
        table.add_column(title)
    for one in solution.evidence:
        cells = (Text(one.call), Text(one.expected), Text(one.result[:200]))
        table.add_row(*cells, "right" if one.right else "wrong")
    stdout.print(table)
    said = "passes every example" if solution.solved else "the nearest: NOT a solution"
    stdout.print(
        f"{said} ({right} of {len(solution.evidence)}); {solution.passing} of "
        f"{solution.candidates} different candidates pass, in {solution.rounds} round(s)",
        highlight=False,
    )
