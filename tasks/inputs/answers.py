"""Rows of arguments in a model's answer, read leniently: a bad row costs only itself.

Covered: fences and prose around the rows; rows written `dict(a=1)`, `{"a": 1}`, `f(1, b=2)`,
`(1, 2)`, `a=1, b=2` or as bare values; lists of rows, also under a key; JSON words; comments; a
last row that was cut off; names that the function does not have; arguments by position, also
after keywords. Values are literals, read from the syntax tree: nothing is ever evaluated.
"""

import ast
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeGuard

from sandbox.parsing import parse_expression
from tasks.inputs.literals import LENIENT_NAMES, value_of
from tasks.records.functions import Parameter

MAX_ANSWER_CHARS = 60_000
MAX_ROWS = 64
MAX_GROUPS = 400
"""Brackets that are tried as the beginning of rows."""

_OPEN, _CLOSE = "([{", ")]}"
_HEAD = re.compile(r"(?:[A-Za-z_][\w.]*)?[(\[{]")
_WRAPPED = re.compile(r"\{\s*[\"'][^\"']*[\"']\s*:\s*\[")
"""The beginning of an object that holds a list: the rows may be in there."""
_LINE = re.compile(r"^[\s\-*\d.)]*(?P<row>[A-Za-z_]\w*\s*=(?!=).+)$", re.MULTILINE)
_NAMED = re.compile(r"\s*[\"']?(?P<name>[A-Za-z_]\w*)[\"']?\s*(?:=(?!=)|:)(?P<value>.+)", re.DOTALL)


Row = tuple[list[ast.expr], Mapping[str, ast.expr]]
"""Arguments by position and by name."""


def parse_answer(text: str, parameters: Sequence[Parameter]) -> list[dict[str, Any]]:
    """The rows of an answer as values by parameter, in the signature's order, each row once."""
    rows: dict[str, dict[str, Any]] = {}
    for positional, named in _rows(text[:MAX_ANSWER_CHARS], parameters):
        values = _fitted(positional, named, parameters)
        if values:
            rows.setdefault(repr(values), values)
        if len(rows) >= MAX_ROWS:
            break
    return list(rows.values())


def _rows(text: str, parameters: Sequence[Parameter]) -> Iterator[Row]:
    """The rows in each bracketed group. One that does not parse is looked into, if not a row."""
    position, found_any = 0, False
    for _ in range(MAX_GROUPS):
        if (found := _HEAD.search(text, position)) is None:
            break
        end = _closing(text, found.end() - 1)
        source = text[found.start() : end]
        node = None if end is None else _parsed(source)
        if node is not None:
            for row in _rows_of(node, parameters):
                found_any = True
                yield row
        elif end is not None and _is_row(source):
            found_any = True
            yield _pieces(source[source.index(found[0][-1]) + 1 : -1])
        position = found.end() if _look_inside(source, node, end) else (end or len(text))
    if not found_any:
        yield from (_pieces(match["row"]) for match in _LINE.finditer(text))


def _is_row(source: str) -> bool:
    return source[0] not in "[(" and not _WRAPPED.match(source)


def _look_inside(source: str, node: ast.expr | None, end: int | None) -> bool:
    """A group that could not be read whole, but may hold rows that can."""
    if node is not None:
        return False
    if end is None:
        # Cut off: the rows before the cut are whole, unless this is the row that was cut.
        return not re.match(r"dict\(|\{", source) or bool(_WRAPPED.match(source))
    return not _is_row(source)


def _parsed(source: str) -> ast.expr | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return parse_expression(source.strip()).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _rows_of(node: ast.expr, parameters: Sequence[Parameter]) -> Iterator[Row]:
    if isinstance(node, ast.Call):
        yield from _call_rows(node, parameters)
    elif isinstance(node, ast.Dict):
        yield from _dict_rows(node, parameters)
    elif isinstance(node, (ast.List, ast.Tuple)):
        yield from _list_rows(node, parameters)


def _call_rows(node: ast.Call, parameters: Sequence[Parameter]) -> Iterator[Row]:
    if isinstance(node.func, ast.Attribute) and node.func.attr in {"append", "extend"}:
        for argument in node.args:
            yield from _rows_of(argument, parameters)
    else:
        yield list(node.args), {k.arg: k.value for k in node.keywords if k.arg is not None}


def _dict_rows(node: ast.Dict, parameters: Sequence[Parameter]) -> Iterator[Row]:
    """A row itself, or rows under keys that are no parameters."""
    named = dict(_text_keys(node))
    if any(parameter.name in named for parameter in parameters):
        yield [], named
    else:
        for value in named.values():
            yield from _rows_of(value, parameters)


def _text_keys(node: ast.Dict) -> Iterator[tuple[str, ast.expr]]:
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key.value, value


def _list_rows(node: ast.List | ast.Tuple, parameters: Sequence[Parameter]) -> Iterator[Row]:
    """A list of rows, a list of values of the one parameter, or one row by position."""
    if any(_is_named_row(element, parameters) for element in node.elts):
        for element in node.elts:
            yield from _rows_of(element, parameters)
    elif len(parameters) == 1:
        yield from (([element], {}) for element in node.elts)
    elif all(_fits(element, parameters) for element in node.elts):
        yield from ((element.elts, {}) for element in node.elts if _is_sequence(element))
    else:
        yield list(node.elts), {}


def _is_named_row(node: ast.expr, parameters: Sequence[Parameter]) -> bool:
    if isinstance(node, ast.Dict):
        return any(key in {p.name for p in parameters} for key, _ in _text_keys(node))
    return isinstance(node, ast.Call) and bool(node.keywords)


def _is_sequence(node: ast.expr) -> TypeGuard[ast.List | ast.Tuple]:
    return isinstance(node, (ast.List, ast.Tuple))


def _fits(node: ast.expr, parameters: Sequence[Parameter]) -> bool:
    required = sum(parameter.default is None for parameter in parameters)
    return _is_sequence(node) and required <= len(node.elts) <= len(parameters)


def _pieces(source: str) -> Row:
    """The arguments of a row that Python cannot parse whole, each for itself."""
    positional: list[ast.expr] = []
    named: dict[str, ast.expr] = {}
    for piece in _split(source):
        match = _NAMED.fullmatch(piece)
        node = _parsed(match["value"] if match else piece)
        if node is not None and match:
            named[match["name"]] = node
        elif node is not None:
            positional.append(node)
    return positional, named


def _split(source: str) -> Iterator[str]:
    """The source between its commas, those inside brackets and strings left alone."""
    start = position = 0
    while position < len(source):
        character = source[position]
        if character == ",":
            yield source[start:position]
            start = position + 1
        if character in _OPEN:
            position = _closing(source, position) or len(source)
        elif character in "'\"":
            position = _string_end(source, position)
        elif character == "#":
            position = _line_end(source, position)
        else:
            position += 1
    if source[start:].strip():
        yield source[start:]


def _closing(text: str, start: int) -> int | None:
    """The index after the bracket that closes the one at `start`; None where none does."""
    depth = 0
    position = start
    while position < len(text) and position - start <= MAX_ANSWER_CHARS:
        character = text[position]
        if character in "'\"":
            position = _string_end(text, position)
            continue
        if character == "#":
            position = _line_end(text, position)
            continue
        depth += (character in _OPEN) - (character in _CLOSE)
        position += 1
        if not depth:
            return position
    return None


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def _string_end(text: str, start: int) -> int:
    """The index after a string; a quote that is not closed on its line stands for itself."""
    quote = text[start : start + 3] if text[start : start + 3] in {"'''", '"""'} else text[start]
    position = start + len(quote)
    while position < len(text):
        if text[position] == "\\":
            position += 2
            continue
        if text.startswith(quote, position):
            return position + len(quote)
        if text[position] == "\n" and len(quote) == 1:
            break
        position += 1
    return start + 1


def _fitted(
    positional: list[ast.expr], named: Mapping[str, ast.expr], parameters: Sequence[Parameter]
) -> dict[str, Any] | None:
    """Names that exist are kept; what is left over by position goes to the free names in order."""
    nodes = {p.name: named[p.name] for p in parameters if p.name in named}
    free = [p.name for p in parameters if p.name not in nodes]
    nodes |= dict(zip(free, positional, strict=False))
    if len(positional) > len(free) or any(
        p.default is None and p.name not in nodes for p in parameters
    ):
        return None
    try:
        values = {name: value_of(node, LENIENT_NAMES) for name, node in nodes.items()}
    except ValueError:
        return None
    return {p.name: values[p.name] for p in parameters if p.name in values}
