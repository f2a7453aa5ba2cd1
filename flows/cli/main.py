"""The entry point: the commands, and the one place where an error becomes a sentence."""

import importlib.metadata
import os
import sys
from typing import Annotated

import typer
from rich.text import Text

from flows.cli.audit import audit
from flows.cli.build import build
from flows.cli.compare_writers import compare_writers
from flows.cli.diff import diff
from flows.cli.doctor import doctor
from flows.cli.evaluate import evaluate
from flows.cli.export import export
from flows.cli.gc import gc
from flows.cli.grade_difficulty import grade_difficulty
from flows.cli.interrupts import INTERRUPTED
from flows.cli.ls import ls
from flows.cli.merge import merge
from flows.cli.mix import mix
from flows.cli.publish import publish
from flows.cli.rebuild import rebuild
from flows.cli.retry import retry
from flows.cli.screen import stderr, stdout
from flows.cli.show import show
from flows.cli.solve import solve
from flows.cli.study import study
from flows.cli.train import train
from flows.cli.up import deploy, up
from sandbox import SandboxError
from tasks.errors import Case2CodeError
from tasks.settings import without_credentials

app = typer.Typer(
    name="case2code",
    help=(
        "Turns real Python code into verified training data for code models.\n\n"
        "Start with `case2code build`: it needs no key, no GPU and no root. "
        "`case2code doctor` says what is missing where something does not work."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)


@app.callback()
def _common(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True)
    ] = False,
) -> None:
    if version:
        stdout.print(importlib.metadata.version("case2code"), highlight=False)
        raise typer.Exit


app.command()(build)
app.command()(up)
app.command()(deploy)
app.command()(retry)
app.command()(show)
app.command()(ls)
app.command()(gc)
app.command()(diff)
app.command()(publish)
app.command()(rebuild)
app.command()(export)
app.command()(mix)
app.command()(audit)
app.command()(compare_writers)
app.command()(train)
app.command()(evaluate)
app.command()(solve)
app.command()(study)
app.command()(grade_difficulty)
app.command()(merge)
app.command()(doctor)


def main() -> None:
    """Runs the command; an error that a person can act on is shown without a traceback."""
    # Code of Prefect's that knows no server would start one, on another database, and leave it.
    os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_ENABLED", "false")
    try:
        for word in sys.argv[1:]:
            for part in word.split("="):
                # Here and not later: what a flow is given, Prefect writes down before it runs.
                without_credentials(part)
        app()
    except SystemExit as end:
        if end.code == INTERRUPTED:
            stderr.print("stopped; run the same command again to go on where it was")
        raise
    except (Case2CodeError, SandboxError) as error:
        stderr.print(Text.assemble(("error: ", "bold red"), str(error)))
        sys.exit(1)


if __name__ == "__main__":
    main()
