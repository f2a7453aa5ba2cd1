"""`case2code gc`."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

import typer
from rich.table import Table

from flows.cli.screen import print_json, stderr, stdout
from flows.cli.sizes import in_words
from flows.collect_garbage import collect_garbage, find_garbage
from tasks.settings import load_settings
from tasks.store.garbage import Rules, Survey


def gc(  # noqa: PLR0913 - the options of a command
    *,
    delete: Annotated[
        bool, typer.Option("--delete", help="Delete what is listed, after asking.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="With --delete: do not ask.")] = False,
    older_than: Annotated[
        float,
        typer.Option(
            min=0,
            help="Hours. What was written or used since stays: below 12, a build that runs right "
            "now may lose what it builds on, and has to be run again.",
        ),
    ] = 24.0,
    keep: Annotated[
        int | None,
        typer.Option(min=1, help="Of each name, keep only so many of its latest versions."),
    ] = None,
    unnamed: Annotated[
        bool,
        typer.Option(
            "--unnamed", help="Also adapters, models and evaluations no version refers to."
        ),
    ] = False,
    answers: Annotated[
        bool,
        typer.Option(
            "--answers", help="Also answers of models, which cost money to have once more."
        ),
    ] = False,
    store: Annotated[
        str, typer.Option(help="The store to clean: a folder or s3://bucket/prefix.")
    ] = "",
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object on standard output.")
    ] = False,
) -> None:
    """List what nothing in a store refers to any more, and delete it with --delete.

    Data sets and mixes with a version stay, with all that they were made from; so do adapters,
    models, evaluations, answers of models, checkpoints of trainings that have not ended, and all
    that was used lately. What goes costs time to make anew, nothing else.
    """
    rules = Rules(
        grace=timedelta(hours=older_than), versions=keep, products=not unnamed, answers=not answers
    )
    url = store or load_settings().store_url
    with stderr.status("looking"):
        found = find_garbage(url, rules)
    if not json:
        _show(found)
    if delete and found.garbage:
        if not yes:
            typer.confirm(f"delete this from {url}?", abort=True, err=True)
        with stderr.status("deleting"):
            freed = collect_garbage(found, url, rules)
        if not json:
            stdout.print(f"deleted, {in_words(freed)} free", highlight=False)
    elif found.garbage and not json:
        stdout.print("nothing is deleted: `case2code gc --delete` does it", highlight=False)
    if json:
        print_json(_told(found, url) | {"deleted": bool(delete and found.garbage)})


def _told(found: Survey, url: str) -> dict[str, object]:
    sums = {"kept": found.kept, "garbage": found.summed()}
    return {"store": url} | {
        name: {kind: {"number": one[0], "bytes": one[1]} for kind, one in kinds.items()}
        for name, kinds in sums.items()
    }


def _show(found: Survey) -> None:
    garbage = found.summed()
    if garbage:
        stdout.print(_table("Nothing refers to", garbage))
    else:
        stdout.print("no garbage: a version, or something lately used, refers to all there is")
    if found.kept:
        stdout.print(_table("Kept", found.kept))


def _table(title: str, kinds: Mapping[str, tuple[int, int]]) -> Table:
    table = Table(title=title, title_justify="left", show_footer=True)
    number, size = (sum(column) for column in zip(*kinds.values(), strict=True))
    table.add_column("kind", footer="all")
    table.add_column("number", justify="right", footer=f"{number:,}")
    table.add_column("size", justify="right", footer=in_words(size))
    for kind, (count, amount) in kinds.items():
        table.add_row(kind, f"{count:,}", in_words(amount))
    return table
