"""The value of an expression made of literals, without running anything.

Covered: displays, names of known value, signs, arithmetic and concatenation within limits, and
the plain constructors (`set()`, `float("inf")`, `dict(a=1)`, `bytes([1])`).
"""

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

_MAX_LENGTH = 10_000
"""Of a repeated sequence."""
_MAX_POWER = 1 << 14
"""Bits of an integer that a power or a shift gives."""

_CONSTRUCTORS: dict[str, Callable[..., Any]] = {
    kind.__name__: kind
    for kind in (bool, bytes, complex, dict, float, frozenset, int, list, set, str, tuple)
}
_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.LShift: operator.lshift,
    ast.BitOr: operator.or_,
}
_SIGNS: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
    ast.Invert: operator.invert,
    ast.Not: operator.not_,
}


class NotLiteralError(Exception):
    """The expression has no value that is known beforehand."""


def value_of(node: ast.expr, known: Mapping[str, Any]) -> Any:
    """The value of an expression, with the values of some names.

    Raises:
        NotLiteralError: It is not made of literals and those names.
    """
    evaluate = _EVALUATORS.get(type(node))
    if evaluate is None:
        raise NotLiteralError
    try:
        return evaluate(node, known)
    except (TypeError, ValueError, IndexError, ArithmeticError, RecursionError) as error:
        raise NotLiteralError from error


def _constant(node: ast.Constant, _known: Mapping[str, Any]) -> Any:
    if node.value is Ellipsis:
        raise NotLiteralError
    return node.value


def _name(node: ast.Name, known: Mapping[str, Any]) -> Any:
    if node.id not in known:
        raise NotLiteralError
    return known[node.id]


def _list(node: ast.List, known: Mapping[str, Any]) -> list[Any]:
    return [value_of(item, known) for item in node.elts]


def _tuple(node: ast.Tuple, known: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(value_of(item, known) for item in node.elts)


def _set(node: ast.Set, known: Mapping[str, Any]) -> set[Any]:
    return {value_of(item, known) for item in node.elts}


def _dict(node: ast.Dict, known: Mapping[str, Any]) -> dict[Any, Any]:
    values: dict[Any, Any] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:  # `**mapping`
            raise NotLiteralError
        values[value_of(key, known)] = value_of(value, known)
    return values


def _signed(node: ast.UnaryOp, known: Mapping[str, Any]) -> Any:
    return _SIGNS[type(node.op)](value_of(node.operand, known))


def _binary(node: ast.BinOp, known: Mapping[str, Any]) -> Any:
    apply = _OPERATORS.get(type(node.op))
    if apply is None:
        raise NotLiteralError
    left, right = value_of(node.left, known), value_of(node.right, known)
    if isinstance(node.op, ast.Mod) and isinstance(left, str | bytes):
        raise NotLiteralError
    if isinstance(node.op, ast.Mult):
        _check_repeat(left, right)
        _check_repeat(right, left)
    if isinstance(node.op, ast.Pow | ast.LShift):
        _check_power(left, right)
    return apply(left, right)


def _check_repeat(sequence: Any, times: Any) -> None:
    repeats = isinstance(sequence, str | bytes | list | tuple) and isinstance(times, int)
    if repeats and len(sequence) * times > _MAX_LENGTH:
        raise NotLiteralError


def _check_power(base: Any, exponent: Any) -> None:
    if not isinstance(base, int | float) or not isinstance(exponent, int | float):
        raise NotLiteralError
    if isinstance(base, int) and base.bit_length() * exponent > _MAX_POWER:
        raise NotLiteralError
    if isinstance(exponent, int) and exponent > _MAX_POWER:
        raise NotLiteralError


def _call(node: ast.Call, known: Mapping[str, Any]) -> Any:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name not in _CONSTRUCTORS or name in known:
        raise NotLiteralError
    args = [value_of(argument, known) for argument in node.args]
    kwargs = {k.arg: value_of(k.value, known) for k in node.keywords if k.arg}
    if len(kwargs) != len(node.keywords) or (name == "bytes" and isinstance(args[0], int)):
        raise NotLiteralError
    return _CONSTRUCTORS[name](*args, **kwargs)


_EVALUATORS: dict[type[ast.expr], Callable[..., Any]] = {
    ast.BinOp: _binary,
    ast.Call: _call,
    ast.Constant: _constant,
    ast.Dict: _dict,
    ast.List: _list,
    ast.Name: _name,
    ast.Set: _set,
    ast.Tuple: _tuple,
    ast.UnaryOp: _signed,
}
