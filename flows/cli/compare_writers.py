"""`case2code compare-writers`."""

import os
import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from flows.cli.interrupts import finishing_on_interrupt
from flows.cli.options import build_config
from flows.cli.screen import Bars, print_json, stderr, stdout
from flows.progress import watched_by
from flows.server import prefect_api, wait_until_recorded
from tasks.errors import ConfigError
from tasks.records.comparisons import PICTURE, ComparisonConfig, ComparisonSummary, WriterRow
from tasks.records.configs import BuildConfig
from tasks.settings import load_settings
from tasks.store.artifacts import open_store

LIMIT = 100
SHARES = {
    "valid_3": "3\nvalid",
    "valid_8": "8\nvalid",
    "distinct_3": "3 out-\nputs",
    "branch_coverage": "branch\nexits",
    "mutants_killed": "mutants\nkilled",
}
MEANS = {"inputs": "in-\nputs", "outputs": "out-\nputs"}
"""Columns of the table, on two lines so that it fits a terminal of eighty."""


def compare_writers(  # noqa: PLR0913 - one for each option
    *,
    writer: Annotated[
        list[str],
        typer.Option(
            help="Who writes inputs: search, openai:MODEL, transformers:MODEL, or a stack of them "
            "with commas between them, as in search,transformers:MODEL. Repeatable.",
        ),
    ],
    corpus: Annotated[
        list[str] | None,
        typer.Option(
            help="Where functions come from, as in build. Repeatable. Default: stdlib.",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Functions, drawn by the seed.")] = LIMIT,
    llm_share: Annotated[
        str,
        typer.Option(
            help="Functions that a model is asked about: all, short (those that search leaves "
            "short), or a share such as 0.25."
        ),
    ] = "all",
    mutants: Annotated[
        int, typer.Option(min=0, help="Small changes of each function that cases are tried on.")
    ] = 20,
    store: Annotated[
        str,
        typer.Option(
            help="Where artifacts go: a folder or s3://bucket/prefix. "
            "Default: CASE2CODE_STORE, else a folder of your user."
        ),
    ] = "",
    seed: Annotated[int | None, typer.Option(help="Seeds every draw. Default: 0.")] = None,
    config: Annotated[
        Path | None,
        typer.Option(help="YAML with any parameter of a build; options win over it."),
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(help="Where to put a copy of the picture, an SVG.")
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, help="Shards worked on at once; changes nothing in the result.")
    ] = os.cpu_count() or 1,
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object on standard output at the end.")
    ] = False,
    verbose: Annotated[bool, typer.Option(help="Show Prefect's log.")] = False,
) -> None:
    """Give the same functions to several writers and compare what their inputs show.

    How many functions get valid inputs, how different these and their outputs are, which branches
    they take, and how many small mistakes in the function they would show; and what that took.
    """
    given = {"corpus": tuple(corpus or ()), "limit": limit, "seed": seed, "llm_share": llm_share}
    comparison = _config(writer, mutants, build_config(config, given))
    summary = _run(comparison, store, workers, verbose=verbose)
    if picture is not None:
        _copy_picture(summary, store, picture)
    if json:
        print_json(as_json(summary))
    else:
        _show(summary)


def as_json(summary: ComparisonSummary) -> dict[str, Any]:
    """What --json prints."""
    return {
        "ref": summary.ref.digest,
        "path": summary.path,
        "seconds": summary.seconds,
        "cached_steps": summary.cached_steps,
        "task_runs": summary.task_runs,
        "writers": {
            row.name: row.figures.model_dump(exclude={"writer"}) | row.taken.model_dump()
            for row in summary.rows
        },
    }


def _config(writers: list[str], mutants: int, build: BuildConfig) -> ComparisonConfig:
    try:
        return ComparisonConfig(writers=tuple(writers), mutants=mutants, build=build)
    except ValueError as error:
        raise ConfigError(f"--writer: {error}") from error


def _run(config: ComparisonConfig, store: str, workers: int, *, verbose: bool) -> ComparisonSummary:
    settings = load_settings()
    if not verbose:
        # The bars say what goes on; the whole log is in the Prefect UI.
        os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    with ExitStack() as stack:
        with stderr.status("finding a Prefect server, or starting one"):
            api = stack.enter_context(prefect_api(settings.home))
            # Importing the flow takes seconds, which `--help` and a wrong option do not pay.
            from flows.compare_writers import compare_writers as flow  # noqa: PLC0415
        with Bars() as bars, watched_by(bars), finishing_on_interrupt():
            summary = flow(config, store=store or settings.store_url, workers=workers)
        with stderr.status("letting the Prefect server record the run"):
            wait_until_recorded(api, summary.flow_run, summary.task_runs)
    return summary


def _copy_picture(summary: ComparisonSummary, store: str, target: Path) -> None:
    settings = load_settings()
    with (
        open_store(store or settings.store_url, settings) as opened,
        opened.open(summary.ref, PICTURE) as path,
    ):
        shutil.copyfile(path, target)


def _show(summary: ComparisonSummary) -> None:
    functions = summary.rows[0].figures.functions
    table = Table(
        title=f"Writers on {functions:,} functions", title_justify="left", padding=(0, 1, 0, 0)
    )
    table.add_column("writer", overflow="fold", min_width=16)
    for title in (*SHARES.values(), *MEANS.values(), "tokens", "cost", "seconds"):
        table.add_column(title, justify="right", no_wrap=True)
    for row in summary.rows:
        table.add_row(*_cells(row))
    stdout.print(table)
    if any(row.taken.new_answers < row.taken.answers for row in summary.rows):
        stdout.print("answers kept from earlier runs took no seconds in this one")
    stdout.print(f"in        {summary.path}", soft_wrap=True)


def _cells(row: WriterRow) -> list[str]:
    taken = row.taken
    tokens = taken.prompt_tokens + taken.completion_tokens
    return [
        row.name,
        *(f"{getattr(row.figures, name):.3f}" for name in SHARES),
        *(f"{getattr(row.figures, name):.1f}" for name in MEANS),
        f"{tokens / 1000:,.0f}k" if taken.answers else "",
        "" if taken.cost is None else f"{taken.cost:,.2f}",
        f"{taken.seconds:,.1f}",
    ]
