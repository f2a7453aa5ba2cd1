"""The grammar of rows of arguments: what the smallest models need to write a list of calls.

Written in the Lark of llguidance. It takes up an answer whose first words are written already,
`examples = [` and `dict(NAME=` with the first parameter's name, and holds it to as many rows as are
wanted, with the function's own names and literals of the types that its annotations name. Texts,
numbers and lists have an end: a model of a hundred million weights would write one text for ever.

Covered: int, float, complex, str, bytes, bool, None, list, tuple, set, frozenset, dict, Optional,
Union and Literal, nested. What has another annotation, or none, may be any of them.
"""

import ast
import json
from collections.abc import Callable, Mapping, Sequence

from sandbox.parsing import parse_expression
from tasks.records.functions import Parameter

MAX_DEPTH = 4
"""Of annotations; what is nested deeper may be anything."""
_TERMINALS = r"""
any: scalar | list | tuple | dict
scalar: INT | FLOAT | STR | BOOL | NONE
list: "[" (any (", " any){0,9})? "]"
tuple: "(" any ", " (any (", " any){0,7})? ")"
dict: "{" (key ": " any (", " key ": " any){0,5})? "}"
key: STR | INT
INT: /-?(0|[1-9][0-9]{0,11})/
FLOAT: /-?(0|[1-9][0-9]{0,8})\.[0-9]{1,6}/
STR: /"([^"\\\x00-\x1f]|\\[nt"\\]){0,60}"/ | /'([^'\\\x00-\x1f]|\\[nt'\\]){0,60}'/
BYTES: /b"([ !#-\[\]-~]|\\[nt"\\]|\\x[0-9a-f]{2}){0,40}"/
BOOL: "True" | "False"
NONE: "None"
"""
_SCALARS = {
    "int": "INT",
    "float": "(FLOAT | INT)",
    "complex": "(FLOAT | INT)",
    "str": "STR",
    "bytes": "BYTES",
    "bytearray": "BYTES",
    "bool": "BOOL",
    "None": "NONE",
}
_LISTS = frozenset(
    ("list", "List", "Sequence", "Iterable", "Collection", "MutableSequence", "Iterator")
)
_SETS = frozenset(("set", "Set", "frozenset", "FrozenSet", "AbstractSet", "MutableSet"))
_DICTS = frozenset(("dict", "Dict", "Mapping", "MutableMapping", "OrderedDict", "defaultdict"))
_ANY = "any"


def rows_grammar(parameters: Sequence[Parameter], rows: int) -> str:
    r"""The grammar of an answer that goes on after `examples = [\n    dict(NAME=`.

    Args:
        parameters: Of the function, at least one; NAME is the first one's.
        rows: How many dicts the list has.
    """
    first, *others = parameters
    rest = "".join(_pair(each) for each in others)
    value = _of_annotation(first.annotation)
    between, end = _text(f"),\n    dict({first.name}="), _text(")\n]")
    more = f" ({between} row){{{rows - 1}}}" if rows > 1 else ""
    start = f"start: row{more} {end}"
    return f"{start}\nrow: {value}{rest}\n{_TERMINALS}"


def _pair(parameter: Parameter) -> str:
    pair = f" {_text(f', {parameter.name}=')} {_of_annotation(parameter.annotation)}"
    return pair if parameter.default is None else f" ({pair.strip()})?"


def _text(literal: str) -> str:
    return json.dumps(literal, ensure_ascii=False)


def _of_annotation(annotation: str) -> str:
    try:
        return _of(parse_expression(annotation).body, 0) if annotation else _ANY
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _ANY


def _of(node: ast.expr, depth: int) -> str:
    """The rule of an annotation, as a group that can stand anywhere."""
    if depth > MAX_DEPTH:
        return _ANY
    match node:
        case ast.Constant(value=None):
            return "NONE"
        case ast.Constant(value=str(text)):
            return _of(parse_expression(text).body, depth + 1)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _union((left, right), depth)
        case ast.Subscript(value=base, slice=inner):
            parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            return _of_generic(_name(base), parts, depth)
    name = _name(node)
    return _SCALARS.get(name) or _of_generic(name, (), depth)


def _name(node: ast.expr) -> str:
    """The last name: of `typing.List`, List."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _of_generic(name: str, parts: Sequence[ast.expr], depth: int) -> str:
    if name == "Optional":
        return f"({_union(parts, depth)} | NONE)"
    if name == "Union":
        return _union(parts, depth)
    if name == "Literal":
        return _literals(parts)
    if name in {"tuple", "Tuple"}:
        return _tuple(parts, depth)
    for names, make in _CONTAINERS.items():
        if name in names:
            return make([_of(part, depth + 1) for part in parts])
    return _ANY


def _union(parts: Sequence[ast.expr], depth: int) -> str:
    return f"({' | '.join(_of(part, depth + 1) for part in parts)})" if parts else _ANY


def _literals(parts: Sequence[ast.expr]) -> str:
    values = [part.value for part in parts if isinstance(part, ast.Constant)]
    return f"({' | '.join(_text(repr(value)) for value in values)})" if values else _ANY


def _list(inner: Sequence[str]) -> str:
    if not inner:
        return "list"
    return f'("[" ({inner[0]} (", " {inner[0]}){{0,9}})? "]")'


def _set(inner: Sequence[str]) -> str:
    one = inner[0] if inner else "scalar"
    return f'("{{" {one} (", " {one}){{0,9}} "}}")'


def _dict(inner: Sequence[str]) -> str:
    if len(inner) != 2:  # noqa: PLR2004 - key and value
        return "dict"
    pair = f'{inner[0]} ": " {inner[1]}'
    return f'("{{" ({pair} (", " {pair}){{0,5}})? "}}")'


def _tuple(parts: Sequence[ast.expr], depth: int) -> str:
    inner = [_of(p, depth + 1) for p in parts if not _is_ellipsis(p)]
    if not inner:
        return "tuple"
    if len(inner) < len(parts):
        return f'("(" {inner[0]} ", " ({inner[0]} (", " {inner[0]}){{0,7}})? ")")'
    if len(inner) == 1:
        return f'("(" {inner[0]} ",)")'
    together = ' ", " '.join(inner)
    return f'("(" {together} ")")'


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is Ellipsis


_CONTAINERS: Mapping[frozenset[str], Callable[[Sequence[str]], str]] = {
    _LISTS: _list,
    _SETS: _set,
    _DICTS: _dict,
}
