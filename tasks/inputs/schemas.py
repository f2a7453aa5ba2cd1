"""A JSON schema of the rows that a signature allows, for servers that can hold a model to it.

Covered: annotations and defaults that JSON can write. A signature that asks for what JSON cannot
write (bytes, sets, complex numbers, keys that are no text) has no schema: its rows are asked for
as Python instead. Tuples come as lists, which most functions take as well.
"""

import ast
from collections.abc import Sequence
from typing import Any

from sandbox.parsing import parse_expression
from tasks.records.functions import Parameter

MIN_ROWS = 8
"""Fewer is what small models leave it at."""
MAX_DEPTH = 6
_SCALARS = [{"type": kind} for kind in ("string", "integer", "number", "boolean", "null")]
_UNKNOWN = {"anyOf": [*_SCALARS, {"type": "array", "items": {"anyOf": _SCALARS}}]}
"""Of a parameter that says nothing of itself: anything plain, or a list of it."""
_PLAIN = {
    "int": "integer",
    "float": "number",
    "str": "string",
    "bool": "boolean",
    "None": "null",
}
_LISTS = frozenset(("list", "List", "Sequence", "Iterable", "Collection", "tuple", "Tuple"))
_DICTS = frozenset(("dict", "Dict", "Mapping", "MutableMapping"))
_NOT_JSON = frozenset(
    ("bytes", "bytearray", "complex", "set", "Set", "frozenset", "FrozenSet", "AbstractSet")
)


class _NotJsonError(Exception):
    """A value that JSON cannot write."""


def schema_of(parameters: Sequence[Parameter], rows: int) -> dict[str, Any] | None:
    """The schema of an object that holds up to `rows` rows under `examples`, or None."""
    try:
        properties = {each.name: _of_parameter(each) for each in parameters}
    except _NotJsonError:
        return None
    row = {
        "type": "object",
        "properties": properties,
        "required": [each.name for each in parameters if each.default is None],
        "additionalProperties": False,
    }
    examples = {"type": "array", "items": row, "minItems": min(MIN_ROWS, rows), "maxItems": rows}
    return {
        "type": "object",
        "properties": {"examples": examples},
        "required": ["examples"],
        "additionalProperties": False,
    }


def _of_parameter(parameter: Parameter) -> dict[str, Any]:
    if parameter.annotation:
        return _of_text(parameter.annotation, 0)
    return _of_default(parameter.default)


def _of_default(default: str | None) -> dict[str, Any]:
    node = _parsed(default or "None")
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, bytes | complex):
        raise _NotJsonError
    return {"type": _PLAIN[type(value).__name__]} if value is not None else _UNKNOWN


def _of_text(annotation: str, depth: int) -> dict[str, Any]:
    node = _parsed(annotation)
    return _UNKNOWN if node is None else _of(node, depth)


def _parsed(source: str) -> ast.expr | None:
    try:
        return parse_expression(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _of(node: ast.expr, depth: int) -> dict[str, Any]:
    if depth > MAX_DEPTH:
        return _UNKNOWN
    if isinstance(node, ast.Constant):
        return _of_constant(node, depth)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _any_of([node.left, node.right], depth)
    if isinstance(node, ast.Subscript):
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return _generic(_last_name(node.value), inner, depth)
    return _generic(_last_name(node), [], depth)


def _of_constant(node: ast.Constant, depth: int) -> dict[str, Any]:
    """None, or an annotation that is written as a text."""
    if isinstance(node.value, str):
        return _of_text(node.value, depth + 1)
    return {"type": "null"} if node.value is None else _UNKNOWN


def _generic(name: str, inner: Sequence[ast.expr], depth: int) -> dict[str, Any]:
    if name in _NOT_JSON:
        raise _NotJsonError
    if name in _PLAIN:
        return {"type": _PLAIN[name]}
    if name in _LISTS:
        kinds = [each for each in inner if not _is_ellipsis(each)]
        return {"type": "array", "items": _any_of(kinds, depth) if kinds else _UNKNOWN}
    if name in _DICTS:
        return _dict(inner, depth)
    if name == "Optional" and inner:
        return _any_of([inner[0], ast.Constant(None)], depth)
    if name == "Union" and inner:
        return _any_of(inner, depth)
    return _literal(inner) if name == "Literal" else _UNKNOWN


def _dict(inner: Sequence[ast.expr], depth: int) -> dict[str, Any]:
    if inner and _last_name(inner[0]) not in {"str", "Any", ""}:
        raise _NotJsonError
    values = _of(inner[1], depth + 1) if len(inner) > 1 else _UNKNOWN
    return {"type": "object", "additionalProperties": values}


def _literal(inner: Sequence[ast.expr]) -> dict[str, Any]:
    values = [each.value for each in inner if isinstance(each, ast.Constant)]
    known = [value for value in values if isinstance(value, str | int | bool | None)]
    return {"enum": known} if known else _UNKNOWN


def _any_of(nodes: Sequence[ast.expr], depth: int) -> dict[str, Any]:
    """One of several, each once."""
    found: list[dict[str, Any]] = []
    for node in nodes:
        one = _of(node, depth + 1)
        if one not in found:
            found.append(one)
    return found[0] if len(found) == 1 else {"anyOf": found}


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is Ellipsis
