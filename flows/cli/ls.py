"""`case2code ls`."""

import json as jsonlib
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer
from rich.table import Table

from flows.cli.screen import print_json, stdout
from tasks.records.artifacts import ArtifactRef
from tasks.records.versions import NamedVersion
from tasks.settings import load_settings
from tasks.store.artifacts import ArtifactStore, open_store
from tasks.store.names import latest, names, versions

_MEGABYTE = 1_000_000


def ls(
    name: Annotated[str, typer.Argument(help="Only this name.")] = "",
    *,
    kind: Annotated[
        str, typer.Option(help="What to list: dataset, mix, model and so on.")
    ] = "dataset",
    store: Annotated[
        str, typer.Option(help="The store to look in: a folder or s3://bucket/prefix.")
    ] = "",
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object on standard output.")
    ] = False,
) -> None:
    """List data sets by name and version; NAME means the latest, NAME@VERSION that one."""
    settings = load_settings()
    with open_store(store or settings.store_url, settings) as opened:
        known = [name] if name else names(opened, kind)
        refs = {ref.digest: ref for ref in opened.refs(kind)}
        rows = [row for one in known for row in _rows(opened, kind, one, refs)]
        if json:
            print_json({"store": opened.url, "versions": rows})
            return
        stdout.print(_table(rows))
        unnamed = len(set(refs) - {row["ref"] for row in rows})
    if unnamed and not name:
        stdout.print(f"{unnamed} more without a name; their digests find them", highlight=False)


def _rows(
    store: ArtifactStore, kind: str, name: str, refs: Mapping[str, ArtifactRef]
) -> Iterator[dict[str, Any]]:
    pointed = latest(store, kind, name)
    for entry in versions(store, kind, name):
        yield _row(store, entry, refs.get(entry.digest)) | {"latest": entry == pointed}


def _row(store: ArtifactStore, entry: NamedVersion, ref: ArtifactRef | None) -> dict[str, Any]:
    return {
        "name": entry.name,
        "version": entry.version,
        "ref": entry.digest,
        "rows": ref.rows if ref else None,
        "bytes": ref.size if ref else None,
        "built": _built(store, ref) if ref else "gone",
    }


def _built(store: ArtifactStore, ref: ArtifactRef) -> str:
    """When, by the record of the run that stands beside it."""
    raw = store.backend.get_bytes(f"{ref.key}.run.json")
    return str(jsonlib.loads(raw).get("started_at", "")) if raw else ""


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table(title="Data sets", title_justify="left")
    for column in ("name", "version", "rows", "size", "digest", "built"):
        table.add_column(column, justify="right" if column in {"rows", "size"} else "left")
    for row in rows:
        table.add_row(
            row["name"],
            row["version"] + (" (latest)" if row["latest"] else ""),
            "" if row["rows"] is None else f"{row['rows']:,}",
            "" if row["bytes"] is None else f"{row['bytes'] / _MEGABYTE:,.1f} MB",
            row["ref"][:12],
            row["built"].replace("T", " ")[:16],
        )
    return table
