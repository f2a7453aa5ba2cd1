"""`case2code diff`."""

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from flows.cli.screen import print_json, stdout
from flows.diff_datasets import diff_datasets
from tasks.records.diffs import Change, DatasetDiff

_WORDS = {
    Change.CAME: "came",
    Change.WENT: "went",
    Change.CODE: "changed in code",
    Change.CASES: "changed in cases",
    Change.PROMPTS: "changed in prompts",
}
_REF = "A data set: NAME, NAME@VERSION, the start of its digest, or its folder."


def diff(
    old: Annotated[str, typer.Argument(help=_REF)],
    new: Annotated[str, typer.Argument(help=_REF)],
    *,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=0, help="Functions listed of each kind of change.")
    ] = 20,
    store: Annotated[
        str, typer.Option(help="The store to look in: a folder or s3://bucket/prefix.")
    ] = "",
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object on standard output.")
    ] = False,
) -> None:
    """Say which functions came, went and changed from one data set to another, and why."""
    found = diff_datasets(old, new, store)
    if json:
        counts = {str(change): found.count(change) for change in Change}
        print_json(found.model_dump(mode="json") | {"counts": counts})
        return
    for change in Change:
        if found.count(change):
            stdout.print(_table(found, change, limit))
    for line in found.config:
        stdout.print(Text(f"config    {line}"), soft_wrap=True)
    counted = [f"{found.count(change):,} {_WORDS[change]}" for change in Change]
    stdout.print(f"{found.same:,} functions as they were, {', '.join(counted)}", highlight=False)


def _table(found: DatasetDiff, change: Change, limit: int) -> Table:
    own = [one for one in found.changes if one.change == change]
    more = f", {len(own) - limit:,} of them not listed" if len(own) > limit else ""
    table = Table(
        title=f"{len(own):,} functions {_WORDS[change]}{more}",
        title_justify="left",
        show_header=False,
    )
    for one in own[:limit]:
        why = f"{one.reason} {one.detail}".strip()
        if change == Change.CAME and why:
            why = f"before: {why}"
        table.add_row(one.name, Text(f"{one.source}:{one.line}"), Text(why))
    return table
