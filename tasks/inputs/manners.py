"""What nobody would pass: data for a callable, a made-up encoding, a number for a flag.

Such values often run, and what they give is true, but a call that no person would write is
nothing to learn from.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.parsing import parse_expression
from tasks.inputs.facts import Facts
from tasks.inputs.literals import value_of
from tasks.inputs.shapes import BASES, Shape
from tasks.inputs.word_lists import words
from tasks.records.functions import Function, Parameter

_KNOWN: Mapping[str, tuple[str, ...]] = {
    "errors": ("strict", "ignore", "replace"),
    "encoding": ("utf-8", "ascii", "latin-1", "utf-16"),
    "charset": ("utf-8", "us-ascii", "iso-8859-1", "utf-16"),
    "byteorder": ("little", "big"),
    "byte_order": ("little", "big"),
    "endian": ("little", "big"),
    "endianness": ("little", "big"),
    "newline": ("\n", "\r\n", "\r"),
    "linesep": ("\n", "\r\n"),
    "eol": ("\n", "\r\n"),
    "lineterm": ("\n", "", "\r\n"),
    "rounding": ("ROUND_HALF_EVEN", "ROUND_UP", "ROUND_DOWN"),
}
_TAKES_CODE = frozenset(
    words(
        "key func function fn f callback predicate cmp hook factory callable handler formatter"
        " transform mapper reducer comparator converter wrapper visitor default_factory"
        " object_hook getter pred"
    )
)
_KEEPS_STATE = frozenset(words("memo cache memory seen visited acc accumulator"))
_SEARCHES_SORTED = re.compile(r"bisect|insort|binary_?search|merge_sorted|interpolation_search")
_SAYS_SORTED = re.compile(
    r"(?:assum\w+|must be|is|are|already|kept|keep|given) (?:\w+ ){0,4}sorted|sorted (?:a|array)\b"
)
_OWN_SORTED = re.compile(r"sorted|heap")


def left_out(function: Function, facts: Facts) -> frozenset[str]:
    """Parameters with a default that callers leave alone: callables, and notes for a recursion."""
    called = {
        node.func.id
        for node in ast.walk(facts.entry)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    return frozenset(
        parameter.name
        for parameter in function.parameters
        if parameter.default is not None and (parameter.name in called or _takes_code(parameter))
    )


def _takes_code(parameter: Parameter) -> bool:
    name = parameter.name.strip("_")
    if name in _KEEPS_STATE:
        return True
    return name in _TAKES_CODE and not _is_data(parameter.default or "")


def _is_data(default: str) -> bool:
    """A default that is a literal, and so says that literals are meant."""
    return default[:1] in "\"'([{-" or default[:1].isdigit() or default in {"True", "False"}


def close(function: Function, facts: Facts, shapes: Mapping[str, Shape]) -> None:
    """Find the parameters with few sensible values, and those that are sorted."""
    flags = _flags(facts.entry)
    for position, parameter in enumerate(function.parameters):
        shape = shapes[parameter.name]
        # The first parameter of `normalize(encoding)` is what the function is about.
        aside = position > 0
        default = _default_of(parameter, facts)
        flag = parameter.name in flags and default in (None, 0, 1)
        if flag or (isinstance(default, bool) and not shape.mixed):
            shape.closed = (False, True)
        else:
            shape.closed = tuple(_known_for(parameter.name, shape, default)) if aside else ()
        if shape.closed:
            shape.only({BASES[type(value)] for value in shape.closed}, 8.0)
    for name in _sorted_of(function):
        shapes[name].rows_sorted = True


def _flags(entry: ast.AST) -> frozenset[str]:
    """Names that are only ever asked whether they are true."""
    asked = {id(name) for node in ast.walk(entry) for name in _asked(node)}
    names = [node for node in ast.walk(entry) if isinstance(node, ast.Name)]
    others = {node.id for node in names if id(node) not in asked}
    return frozenset(node.id for node in names) - others


def _asked(node: ast.AST) -> Iterator[ast.expr]:
    tests: list[ast.expr] = []
    if isinstance(node, (ast.If, ast.IfExp, ast.While, ast.Assert)):
        tests.append(node.test)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        tests.append(node.operand)
    elif isinstance(node, ast.comprehension):
        tests += node.ifs
    for test in tests:
        yield from test.values if isinstance(test, ast.BoolOp) else (test,)


def _default_of(parameter: Parameter, facts: Facts) -> Any:
    try:
        return value_of(parse_expression(parameter.default or "").body, facts.constants)
    except (SyntaxError, ValueError):
        return None


def _known_for(name: str, shape: Shape, default: Any) -> Iterator[Any]:
    known = _KNOWN.get(name.lower().strip("_"))
    if known is None:
        return
    own = [each for each in (default, *shape.constants) if isinstance(each, str) and each]
    yield from dict.fromkeys((*own, *known))


def _sorted_of(function: Function) -> Iterator[str]:
    """Parameters whose elements stand in order: those of a search among sorted ones."""
    says = _SEARCHES_SORTED.search(function.name) or _SAYS_SORTED.search(function.docstring)
    for parameter in function.parameters:
        if says or _OWN_SORTED.search(parameter.name):
            yield parameter.name


def put_right(values: Mapping[str, Any], shapes: Mapping[str, Shape]) -> dict[str, Any]:
    """The values, with those sorted that must be."""
    return {
        name: _in_order(value) if shapes[name].rows_sorted else value
        for name, value in values.items()
    }


def _in_order(value: Any) -> Any:
    kinds = {type(element) for element in value} if isinstance(value, (list, tuple)) else {None}
    if len(kinds) == 1 and kinds <= {int, float, str}:
        return type(value)(sorted(value))
    return value


def is_odd(values: Mapping[str, Any], shapes: Mapping[str, Shape]) -> bool:
    """Whether a parameter with few sensible values has another one."""
    return any(
        shapes[name].closed
        and not any(type(value) is type(known) and value == known for known in shapes[name].closed)
        for name, value in values.items()
    )
