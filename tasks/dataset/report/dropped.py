"""One example of everything that was left out, for those who wonder what a reason means."""

import inspect
import json
from ast import Assign, ClassDef, Constant, Expr, Name
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from pydantic import Field

from sandbox.parsing import parse_module
from tasks.records.base import Record, digest_of
from tasks.records.drops import DropReason

_COLUMNS = ["step", "reason", "subject", "detail", "record"]
_LINES = 24
"""Of code that is readable at a glance; a longer example only where there is no shorter one."""


class DropExample(Record):
    """One of those that a step dropped for one reason."""

    subject: str
    """The source, or where in it: `corpus/path:line:name`; a name where only an id is known."""
    detail: str = ""
    code: str = ""
    """Empty where it was not kept."""
    lines: int = Field(default=0, ge=0)


def examples(tables: Iterable[Path]) -> dict[tuple[str, str], DropExample]:
    """For each step and reason the drop that shows most: with code, short, else the first.

    Which one does not depend on the order of the tables. Memory: one example for each.
    """
    best: dict[tuple[str, str], tuple[tuple[Any, ...], DropExample]] = {}
    for step, reason, subject, detail, record in _rows(tables):
        key = (step, reason)
        if record is None and key in best and best[key][0][0] == 0:
            continue
        example = _example(subject, detail, record)
        rank = (not example.code, example.lines > _LINES, digest_of(subject))
        if key not in best or rank < best[key][0]:
            best[key] = (rank, example)
    return {key: example for key, (_, example) in sorted(best.items())}


def _rows(tables: Iterable[Path]) -> Iterator[tuple[str, str, str, str, str | None]]:
    for path in tables:
        with pq.ParquetFile(path) as table:
            for batch in table.iter_batches(columns=_COLUMNS):
                columns = batch.to_pydict()
                yield from zip(*(columns[name] for name in _COLUMNS), strict=True)


def _example(subject: str, detail: str, record: str | None) -> DropExample:
    if record is None:
        return DropExample(subject=subject, detail=detail)
    found = _found(record)
    code = str(found.get("code", "")).strip("\n")
    if "source" in found and "name" in found:
        subject = f"{found['source']}:{found.get('first_line', 0)}:{found['name']}"
    return DropExample(subject=subject, detail=detail, code=code, lines=len(code.splitlines()))


def _found(record: str) -> dict[str, Any]:
    """The function in a record, whatever step kept it: itself, or inside."""
    try:
        value = json.loads(record)
    except ValueError:
        return {"code": record}
    while isinstance(value, dict) and "code" not in value:
        inner = value.get("function") or value.get("executed")
        if inner is None:
            return {"code": value.get("text", "")}
        value = inner
    return value if isinstance(value, dict) else {}


@cache
def meanings() -> dict[str, str]:
    """What each reason means: the line under it where it is defined."""
    [defined] = [
        node
        for node in parse_module(inspect.getsource(DropReason)).body
        if isinstance(node, ClassDef)
    ]
    return {
        str(DropReason[name]): text
        for before, after in pairwise(defined.body)
        if (name := _assigned(before)) and (text := _text(after))
    }


def _assigned(node: object) -> str:
    if isinstance(node, Assign) and isinstance(node.targets[0], Name):
        return node.targets[0].id
    return ""


def _text(node: object) -> str:
    if isinstance(node, Expr) and isinstance(node.value, Constant):
        return " ".join(str(node.value.value).split())
    return ""
