"""`case2code study`."""

import os
from typing import Annotated, Any

import typer

from flows.cli.flow_runs import run_flow
from flows.cli.screen import funnel_table, print_json, stdout
from flows.cli.study_tables import tables
from flows.cli.whole_paths import whole, whole_store
from tasks.errors import Case2CodeError, ConfigError
from tasks.records.studies import Size, StudySummary
from tasks.settings import load_settings
from tasks.studies.grid import SHIPPED, find_study, plan_of, read_study, shipped, text_of
from tasks.training.launching import require_libraries

STOPS = "what is done is kept, the same command goes on from there"


def study(  # noqa: PLR0913 - one for each option
    name: Annotated[
        str,
        typer.Argument(help=f"One of {', '.join(shipped())}; or a YAML file of your own."),
    ],
    *,
    size: Annotated[
        Size,
        typer.Option(
            help="For minutes on a laptop; for an hour or two on a CPU; for a GPU.",
        ),
    ] = "smoke",
    base: Annotated[
        str,
        typer.Option(
            "--base", "--model", help="Base model (folder or Hub id), in place of the study's own."
        ),
    ] = "",
    build_only: Annotated[
        bool, typer.Option("--build-only", help="Train nothing, and look at the yields.")
    ] = False,
    show: Annotated[
        bool, typer.Option("--show", help="Print the study's YAML, to change a copy, and stop.")
    ] = False,
    store: Annotated[
        str, typer.Option(help="Where artifacts go: a folder or s3://bucket/prefix.")
    ] = "",
    workers: Annotated[int, typer.Option(min=1, help="Shards worked on at once.")] = (
        os.cpu_count() or 1
    ),
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object on standard output at the end.")
    ] = False,
    verbose: Annotated[bool, typer.Option(help="Show Prefect's log.")] = False,
) -> None:
    """Answer a question about the method: a grid of builds, trainings and evaluations.

    What an earlier run has done is not done again. At the end stand a table, a picture, and a
    summary that claims no more than its intervals allow.
    """
    path = find_study(name)
    if show:
        # As it stands in the file: for a pipe, too, nothing is wrapped or coloured.
        typer.echo(text_of(path), nl=False)
        return
    plan = plan_of(read_study(path), path.stem, size, base, build_only=build_only)
    if plan.trains:
        _require_libraries()
    options = {"base": base, "build_only": build_only, "store": store, "workers": workers}
    # A worker that does it again may be in another folder.
    known = path.stem if path.parent == SHIPPED else str(path.absolute())
    summary = _run(known, options | {"size": size}, verbose=verbose)
    if json:
        print_json(as_json(summary))
    else:
        show_study(summary)


def _require_libraries() -> None:
    try:
        require_libraries()
    except Case2CodeError as error:
        raise ConfigError(
            f"{error}; or take --build-only, which looks at the data alone"
        ) from error


def as_json(summary: StudySummary) -> dict[str, Any]:
    """What --json prints: the figures, and where the rest is; the plan is in the artifact."""
    figures = summary.study.model_dump(
        mode="json", include={"yields", "scores", "differences", "findings", "summary"}
    )
    return {
        "ref": summary.ref.digest,
        "path": summary.path,
        "seconds": summary.seconds,
        "task_runs": summary.grid_task_runs,
        "cached_steps": summary.cached_steps,
        **figures,
    }


def _run(path: str, options: dict[str, Any], *, verbose: bool) -> StudySummary:
    def call() -> StudySummary:
        from flows.rerunning import start  # noqa: PLC0415 - seconds
        from flows.study import study as flow  # noqa: PLC0415 - as above

        place = whole_store(options["store"] or load_settings().store_url)
        return start(flow, path, **options | {"store": place, "base": whole(options["base"])})

    return run_flow(call, STOPS, verbose=verbose)


def show_study(summary: StudySummary) -> None:
    """The question, the tables, what may be said, and where the page is."""
    done = summary.study
    stdout.print(done.plan.question, style="bold", highlight=False)
    for table in tables(done):
        stdout.print(table)
    if not done.scores:
        for cell, funnel in done.funnels.items():
            stdout.print(cell, style="bold", highlight=False)
            stdout.print(funnel_table(funnel))
    for sentence in done.summary:
        stdout.print(f"- {sentence}", highlight=False, markup=False)
    said: dict[bool | None, str] = {True: "seen", False: "not seen", None: "not measured"}
    for one in done.findings:
        advice = f" Look at: {one.advice}." if one.advice else ""
        line = f"{one.signature}: {said[one.seen]}. {one.evidence}.{advice}"
        stdout.print(line, highlight=False, markup=False)
    stdout.print(
        f"{summary.cached_steps:,} of {summary.grid_task_runs:,} steps were done before; "
        f"{summary.seconds:.0f} s",
        highlight=False,
    )
    stdout.print(
        f"study     {summary.ref.short}\nin        {summary.path}"
        f"\npage      {summary.path}/report.html",
        soft_wrap=True,
        highlight=False,
    )
