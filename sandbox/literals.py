"""Reads the literals that `sandbox.values` writes, from their syntax tree, never by `eval`."""

import ast
import re
from collections.abc import Callable
from typing import Any

from sandbox.parsing import parse_expression

# The escapes that repr writes: any other would make the parser print a warning.
_ESCAPES = re.compile(r"""(?:[^\\]|\\(?:[\\'nrt]|x[\da-f]{2}|u[\da-f]{4}|U[\da-f]{8}))*""")
_INT = r"-?[1-9]\d{0,4000}|0"
_FLOAT = r"-?\d+\.\d+(?:e[-+]\d+)?"
_SCALAR = rf"(?:{_FLOAT}|{_INT}|'[ -&(-\[\]-~]*'|None|True|False)"


def _held(item: str) -> str:
    """A list or tuple of such items."""
    return rf"(?:\[(?:{item}(?:, {item})*)?\]|\((?:{item},|{item}(?:, {item})+)?\))"


_PLAIN = re.compile(rf"{_SCALAR}|{_held(rf'(?:{_SCALAR}|{_held(_SCALAR)})')}")
_FLOATS = re.compile(_FLOAT)
_PLAIN_NODES = 10_000
_CONSTANTS = (type(None), bool, int, float, complex, str, bytes)


def read_literal(text: str) -> Any:
    """The value of a literal, or of a nested display of literals.

    Beside Python's own literals: `float('nan')` and the like, `complex(a, b)`, `set()`,
    `frozenset()` and `frozenset({...})`.

    Raises:
        ValueError: It is not one.
    """
    if "\\" in text and not _ESCAPES.fullmatch(text):
        raise ValueError(f"an escape that no literal needs: {text[:80]!r}")
    try:
        return _read(parse_expression(text).body)
    except (SyntaxError, MemoryError, RecursionError, TypeError, ValueError) as error:
        raise ValueError(f"not a literal: {text[:80]!r}") from error


def is_plain(text: str) -> bool:
    """True for some of the texts that `sandbox.values` writes, and for no other.

    Most values are scalars or lists and tuples of them: saying so takes no parser.
    """
    if text.count(",") > _PLAIN_NODES or not _PLAIN.fullmatch(text):
        return False
    return "." not in text or all(repr(float(each)) == each for each in _FLOATS.findall(text))


def _read(node: ast.expr) -> Any:
    reader = _READERS.get(type(node))
    if reader is None:
        raise ValueError(f"{type(node).__name__} is no literal")
    return reader(node)


def _read_constant(node: ast.Constant) -> Any:
    if type(node.value) not in _CONSTANTS:
        raise ValueError(f"{node.value!r} is no literal")
    return node.value


def _read_tuple(node: ast.Tuple) -> tuple[Any, ...]:
    return tuple(map(_read, node.elts))


def _read_list(node: ast.List) -> list[Any]:
    return list(map(_read, node.elts))


def _read_set(node: ast.Set) -> set[Any]:
    return set(map(_read, node.elts))


def _read_dict(node: ast.Dict) -> dict[Any, Any]:
    keys = [_read(key) for key in node.keys if key is not None]
    return dict(zip(keys, map(_read, node.values), strict=True))


def _read_negative(node: ast.UnaryOp) -> int | float | complex:
    value = _read(node.operand)
    if not isinstance(node.op, ast.USub) or type(value) not in (int, float, complex):
        raise ValueError("only a number can be negative")
    return -value  # type: ignore[no-any-return]


def _read_sum(node: ast.BinOp) -> complex:
    """`1+2j`, the only arithmetic that a literal has."""
    real, imag = _read(node.left), _read(node.right)
    if type(real) not in (int, float) or type(imag) is not complex or imag.real:
        raise ValueError("only a complex number is written as a sum")
    if isinstance(node.op, ast.Add):
        return complex(real, imag.imag)
    if isinstance(node.op, ast.Sub):
        return complex(real, -imag.imag)
    raise ValueError("only a complex number is written as a sum")


def _read_call(node: ast.Call) -> Any:
    if not isinstance(node.func, ast.Name) or node.keywords:
        raise ValueError("no literal calls this")
    arguments = [_read(argument) for argument in node.args]
    kinds = tuple(map(type, arguments))
    match node.func.id, kinds:
        case ("float", (kind,)) if kind is str and arguments[0] in {"nan", "inf", "-inf"}:
            return float(arguments[0])
        case ("complex", (real, imag)) if real is float and imag is float:
            return complex(*arguments)
        case ("set", ()):
            return set()
        case ("frozenset", ()):
            return frozenset()
        case ("frozenset", (kind,)) if kind is set:
            return frozenset(arguments[0])
    raise ValueError("no literal calls this")


_READERS: dict[type[ast.expr], Callable[[Any], Any]] = {
    ast.Constant: _read_constant,
    ast.Tuple: _read_tuple,
    ast.List: _read_list,
    ast.Set: _read_set,
    ast.Dict: _read_dict,
    ast.UnaryOp: _read_negative,
    ast.BinOp: _read_sum,
    ast.Call: _read_call,
}
