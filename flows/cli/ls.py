"""`case2code ls`."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from flows.cli.screen import print_json, stderr, stdout
from flows.cli.sizes import in_words
from tasks.settings import load_settings
from tasks.store.artifacts import open_store

_NARROWEST = {"name": 16, "built": len("2026-11-23"), "made from": len("made from")}
"""Columns that are folded where a terminal is narrow, and no further than to this."""


def ls(
    name: Annotated[str, typer.Argument(help="Only the versions of this name.")] = "",
    *,
    kind: Annotated[
        str, typer.Option(help="Only this: dataset, mix, adapter, model or evaluation.")
    ] = "",
    store: Annotated[
        str, typer.Option(help="The store to look in: a folder or s3://bucket/prefix.")
    ] = "",
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object on standard output.")
    ] = False,
) -> None:
    """List data sets by version, trained models and scores, with sizes and what each was made from.

    NAME means the latest version, NAME@VERSION that one; a model or an evaluation goes by the start
    of its digest.
    """
    # Importing it takes a second, which `--help` does not pay.
    from flows.list_store import list_store  # noqa: PLC0415

    settings = load_settings()
    with stderr.status("looking"), open_store(store or settings.store_url, settings) as opened:
        found = list_store(opened, (kind,) if kind else (), name)
    if json:
        print_json({"store": opened.url} | vars(found))
        return
    for table in (_versions(found.versions), _models(found.models), _scores(found.evaluations)):
        if table.row_count:
            stdout.print(table)
            stdout.print()
    if not (found.versions or found.models or found.evaluations):
        stdout.print(f"nothing {f'called {name} ' if name else ''}in {opened.url}", highlight=False)
    if found.unnamed and not name:
        stdout.print(
            f"{found.unnamed} more without a name; their digests find them", highlight=False
        )


def _versions(rows: list[dict[str, Any]]) -> Table:
    table = _new("Data sets", "name", "version", "rows", "size", "digest", "built", "made from")
    for row in rows:
        table.add_row(
            row["name"],
            row["version"] + (" (latest)" if row["latest"] else ""),
            "" if row["rows"] is None else f"{row['rows']:,}",
            in_words(row["bytes"]),
            row["ref"][:12],
            row["built"].replace("T", " ")[:16],
            ", ".join(row["made_from"]),
        )
    return table


def _models(rows: list[dict[str, Any]]) -> Table:
    table = _new("Trained", "kind", "digest", "base", "trained on", "steps", "loss", "size")
    for row in rows:
        loss = row["held_out_loss"]
        table.add_row(
            row["kind"],
            row["ref"][:12],
            row["base"],
            _data(row),
            f"{row['steps']:,}",
            "" if loss is None else f"{loss:.3f}",
            in_words(row["bytes"]),
        )
    return table


def _scores(rows: list[dict[str, Any]]) -> Table:
    table = _new("Scores", "digest", "model", "benchmark", "measure", "score", "trained on")
    for row in rows:
        table.add_row(
            row["ref"][:12],
            row["model"],
            row["benchmark"] + (f" (first {row['limit']})" if row["limit"] else ""),
            row["measure"],
            f"{row['score']:.1%} ({row['low']:.1%} to {row['high']:.1%})",
            _data(row),
        )
    return table


def _new(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, show_edge=False, padding=0)
    for column in columns:
        right = column in {"rows", "size", "steps", "loss"}
        # What is there to be copied is never cut, whatever the terminal's width.
        table.add_column(
            column,
            justify="right" if right else "left",
            no_wrap=column in {"version", "digest", "rows", "size", "measure"},
            min_width=_NARROWEST.get(column),
            overflow="fold",
        )
    return table


def _data(row: Mapping[str, Any]) -> str:
    return str(row["data_name"] or row["data"][:12])
