"""The entry point: the commands, and the one place where an error becomes a sentence."""

import sys

import typer
from rich.text import Text

from flows.cli.build import build
from flows.cli.doctor import doctor
from flows.cli.screen import stderr
from flows.cli.show import show
from flows.cli.up import up
from sandbox import SandboxError
from tasks.errors import Case2CodeError

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
app.command()(build)
app.command()(up)
app.command()(show)
app.command()(doctor)

INTERRUPTED = 130
"""What a shell expects of a command that Ctrl-C ended."""


def main() -> None:
    """Runs the command; an error that a person can act on is shown without a traceback."""
    try:
        app()
    except (Case2CodeError, SandboxError) as error:
        stderr.print(Text.assemble(("error: ", "bold red"), str(error)))
        sys.exit(1)
    except KeyboardInterrupt:
        stderr.print("stopped; run the same command again to go on where it was")
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
