"""`case2code doctor`."""

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from flows.cli.screen import print_json, stderr, stdout
from flows.health import Health, check_health
from tasks.settings import load_settings


def doctor(
    *,
    store: Annotated[
        str, typer.Option(help="The store to check, if it is not the usual one.")
    ] = "",
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object on standard output.")
    ] = False,
) -> None:
    """Check what the pipeline stands on and say how to mend what is missing.

    Exit code 1 where something that a build needs does not work.
    """
    found = []
    with stderr.status("checking") as status:
        for health in check_health(load_settings(), store):
            found.append(health)
            status.update(f"checked {health.name}")
    works = all(health.works for health in found if health.needed)
    if json:
        print_json({"works": works, "checks": [vars(health) for health in found]})
    else:
        stdout.print(_table(found))
        stdout.print("all well: `case2code build` will run" if works else "mend what is marked")
    raise typer.Exit(0 if works else 1)


def _table(found: list[Health]) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for health in found:
        mark = Text("ok", "green") if health.works else Text("no", "bold red")
        table.add_row(mark, health.name, health.detail)
    return table
