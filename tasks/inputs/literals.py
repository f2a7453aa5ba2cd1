"""Literals in source code as values. Nothing is ever evaluated: an expression is an error."""

import ast
from collections.abc import Mapping
from typing import Any

# Words of JSON, and numbers that Python has no literal for, as people and models write them.
LENIENT_NAMES: Mapping[str, Any] = {
    "true": True,
    "false": False,
    "null": None,
    "nan": float("nan"),
    "NaN": float("nan"),
    "inf": float("inf"),
    "Infinity": float("inf"),
}
_NUMBERS = {"inf", "-inf", "nan", "infinity", "-infinity"}
_EMPTY = {"set": set, "dict": dict, "list": list, "tuple": tuple, "frozenset": frozenset}


def value_of(node: ast.expr, names: Mapping[str, Any] | None = None) -> Any:
    """The value of a literal; `names` are words that stand for values.

    Raises:
        ValueError: it is not a literal, or holds something unhashable where that cannot be.
    """
    try:
        return _value(node, names or {})
    except (TypeError, RecursionError) as error:
        raise ValueError(f"not a literal: {error}") from error


def _value(node: ast.expr, names: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Constant) and node.value is not Ellipsis:
        return node.value
    if isinstance(node, ast.UnaryOp):
        return _signed(node, names)
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        elements = [_value(element, names) for element in node.elts]
        return {ast.List: list, ast.Tuple: tuple, ast.Set: set}[type(node)](elements)
    if isinstance(node, ast.Dict):
        return _dict(node, names)
    if isinstance(node, ast.Name) and node.id in names:
        return names[node.id]
    if isinstance(node, ast.Call):
        return _call(node, names)
    raise ValueError(f"not a literal: {type(node).__name__}")


def _signed(node: ast.UnaryOp, names: Mapping[str, Any]) -> Any:
    value = _value(node.operand, names)
    if isinstance(value, bool) or not isinstance(value, (int, float, complex)):
        raise ValueError("a sign before no number")  # noqa: TRY004 - it is about the text
    if isinstance(node.op, ast.USub):
        return -value
    if isinstance(node.op, ast.UAdd):
        return value
    raise ValueError("an operator")


def _dict(node: ast.Dict, names: Mapping[str, Any]) -> dict[Any, Any]:
    pairs = zip(node.keys, node.values, strict=True)
    return {_value(_present(key), names): _value(value, names) for key, value in pairs}


def _present(key: ast.expr | None) -> ast.expr:
    if key is None:
        raise ValueError("a dict unpacked into another")
    return key


def _call(node: ast.Call, names: Mapping[str, Any]) -> Any:
    """`set()`, `set([1, 2])`, `float('inf')`, `dict(a=1)`: calls that only write a value."""
    kind = node.func.id if isinstance(node.func, ast.Name) else ""
    if any(keyword.arg is None for keyword in node.keywords):
        raise ValueError("a dict unpacked into a call")
    keywords = {str(keyword.arg): _value(keyword.value, names) for keyword in node.keywords}
    args = [_value(arg, names) for arg in node.args]
    if kind == "float" and len(args) == 1 and str(args[0]).strip("+").lower() in _NUMBERS:
        return float(args[0])
    if kind == "dict" and not args:
        return keywords
    if kind in _EMPTY and not keywords and len(args) <= 1:
        return _EMPTY[kind](*args)
    raise ValueError(f"a call of {kind or 'something'}")
