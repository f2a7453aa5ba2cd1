"""Rows of any data set of functions as items that can be checked.

Covered: JSON lines (plain or gzip) with a column `code` or `completion`, and a function name in
`func_name`, `name` or `entry_point`; further the published Case2Code items (`example_str` with
`example_outputs`) and our own samples (`shown` and `hidden`). Not covered: code in prose.
"""

import ast
import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from sandbox import encode
from sandbox.parsing import parse_module
from tasks.errors import CorpusError
from tasks.programs.identity import identity
from tasks.records.audits import AuditItem, Gold
from tasks.records.base import digest_of
from tasks.records.functions import Function, Parameter, ParameterKind

_CODE = ("code", "program", "completion")
_NAME = ("func_name", "name", "entry_point")


def rows_of(path: Path) -> Iterator[Mapping[str, Any]]:
    """The rows of a JSONL file, or of the Parquet files of a data set's folder.

    Raises:
        CorpusError: It cannot be read as either.
    """
    tables = sorted((path / "data").glob("*.parquet")) if path.is_dir() else []
    if tables:
        for table in tables:
            with pq.ParquetFile(table) as file:
                for batch in file.iter_batches():
                    yield from batch.to_pylist()
        return
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw).decode()
        yield from (json.loads(line) for line in text.split("\n") if line.strip())
    except (OSError, ValueError) as error:
        raise CorpusError(f"cannot read {path} as JSON lines: {error}") from error


def items_of(rows: Iterable[Mapping[str, Any]]) -> Iterator[AuditItem | None]:
    """An item for each row; None for a row without a function that can be parsed."""
    seen: set[str] = set()
    for number, row in enumerate(rows):
        item = _item(row, str(number))
        if item is None or item.function.id not in seen or not row.get("function_id"):
            yield item
        if item is not None:
            seen.add(item.function.id)


def _item(row: Mapping[str, Any], number: str) -> AuditItem | None:
    code = next((row[name] for name in _CODE if row.get(name) and isinstance(row[name], str)), None)
    if code is None:
        return None
    try:
        function = _function(row, code, number)
    except (SyntaxError, KeyError, ValueError, StopIteration, RecursionError):
        return None
    return AuditItem(
        function=function,
        prompt=row.get("prompt") or "",
        golds=tuple(_golds(row)),
        split=row.get("split") or "",
    )


def _function(row: Mapping[str, Any], code: str, number: str) -> Function:
    nodes = [node for node in parse_module(code).body if isinstance(node, ast.FunctionDef)]
    named = next((row[key] for key in _NAME if row.get(key)), None)
    node = next(one for one in reversed(nodes) if named in {None, one.name})
    source = ast.get_source_segment(code, node) or code
    return Function(
        id=row.get("function_id") or digest_of(number, code),
        name=node.name,
        program=code,
        code=source,
        parameters=tuple(parameters_of(node.args)),
        docstring=ast.get_docstring(node) or "",
        identity=identity(code, node.name),
        operations=0,
        branches=0,
        source=str(row.get("source") or row.get("id") or number),
        path=number,
        corpus="audited",
        first_line=node.lineno,
        last_line=node.end_lineno or node.lineno,
    )


def parameters_of(args: ast.arguments) -> Iterator[Parameter]:
    """The parameters that a call can fill."""
    plain = [*args.posonlyargs, *args.args]
    missing = [None] * (len(plain) - len(args.defaults))
    for arg, default in zip(plain, [*missing, *args.defaults], strict=True):
        kind = ParameterKind.POSITIONAL_OR_KEYWORD
        yield _parameter(
            arg, default, ParameterKind.POSITIONAL_ONLY if arg in args.posonlyargs else kind
        )
    for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        yield _parameter(arg, default, ParameterKind.KEYWORD_ONLY)


def _parameter(arg: ast.arg, default: ast.expr | None, kind: ParameterKind) -> Parameter:
    return Parameter(
        name=arg.arg,
        kind=kind,
        annotation=ast.unparse(arg.annotation) if arg.annotation else "",
        default=ast.unparse(default) if default else None,
    )


def _golds(row: Mapping[str, Any]) -> Iterator[Gold]:
    for case in [*(row.get("shown") or ()), *(row.get("hidden") or ())]:
        yield Gold(arguments=case["arguments"], output=case["output"])
    if isinstance(row.get("example_str"), str) and isinstance(row.get("example_outputs"), list):
        yield from _published(row["example_str"], row["example_outputs"])


def _published(text: str, outputs: list[Mapping[str, Any]]) -> Iterator[Gold]:
    """Cases of the published items: inputs as `dict(...)` in source, outputs as quoted reprs."""
    try:
        calls = list(_examples(parse_module(text)))
    except SyntaxError:
        return
    if len(calls) != len(outputs):
        return
    known: set[str] = set()
    for call, output in zip(calls, outputs, strict=True):
        arguments = _arguments(call)
        if arguments and arguments not in known:
            known.add(arguments)
            yield Gold(arguments=arguments, output=_unquoted(output.get("return")))


def _examples(tree: ast.Module) -> Iterator[ast.Call]:
    for statement in tree.body:
        if isinstance(statement, ast.Assign | ast.AugAssign) and isinstance(
            statement.value, ast.List
        ):
            yield from (one for one in statement.value.elts if isinstance(one, ast.Call))


def _arguments(call: ast.Call) -> str:
    try:
        values = {str(word.arg): ast.literal_eval(word.value) for word in call.keywords}
        return encode(values)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return ""


def _unquoted(text: Any) -> str | None:
    if not isinstance(text, str):
        return None
    try:
        return str(json.loads(text))
    except ValueError:
        return text
