"""What an operator or a comparison tells of the types on its sides."""

import ast
import re
from collections.abc import Mapping
from typing import Any

from tasks.inputs.shapes import BASES, CONTAINERS, Base, Shape

_NUMBERS = (Base.INT, Base.FLOAT, Base.BOOL, Base.COMPLEX)
_REAL = (Base.INT, Base.FLOAT)
_ADDABLE = (Base.INT, Base.FLOAT, Base.STR, Base.LIST, Base.TUPLE, Base.BYTES)
_SHIFTS = (ast.LShift, ast.RShift)
_BITS = (ast.BitAnd, ast.BitOr, ast.BitXor)
_WHOLE = (ast.Mod, ast.FloorDiv)
_ORDERED = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_MEMBER = (ast.In, ast.NotIn)


def operate(
    operator: ast.operator,
    left: Shape | None,
    right: Shape | None,
    types: tuple[Base | None, Base | None],
) -> None:
    """Take the evidence of `left operator right`; `types` are those of the sides where known."""
    if isinstance(operator, ast.Mod) and (types[0] is Base.STR or types[1] in _TEXT_ARGUMENTS):
        # Formatting: '%d items' % n.
        if left is not None:
            left.only((Base.STR,))
        return
    if left is not None:
        _operand(operator, left, types[1])
    if right is not None:
        _operand(operator, right, types[0])


_TEXT_ARGUMENTS = (Base.TUPLE, Base.STR)


_CONVERSION = re.compile(r"%[-+ #0]*(?:\*|\d+)?(?:\.\d+)?([diouxXeEfFgGcrsa%])")
_WRITTEN: Mapping[str, tuple[Base, ...]] = {
    **dict.fromkeys("diu", (Base.INT, Base.FLOAT)),
    **dict.fromkeys("oxX", (Base.INT,)),
    **dict.fromkeys("eEfFgG", (Base.FLOAT, Base.INT)),
    "c": (Base.STR, Base.INT),
}


def conversions(form: str) -> list[tuple[Base, ...]]:
    """The types that a format such as `'%s: %d'` takes, place by place; none where any will do."""
    return [_WRITTEN.get(sign, ()) for sign in _CONVERSION.findall(form) if sign != "%"]


def _operand(operator: ast.operator, shape: Shape, other: Base | None) -> None:
    if isinstance(operator, ast.Add):
        _added(shape, other)
    elif isinstance(operator, ast.Mult):
        _multiplied(shape, other)
    elif isinstance(operator, _SHIFTS):
        shape.only((Base.INT,))
        shape.span = shape.span or (0, 32)
    elif isinstance(operator, _BITS):
        shape.only((Base.INT, Base.BOOL, Base.SET))
    else:
        shape.only((*_NUMBERS, Base.SET) if isinstance(operator, ast.Sub) else _NUMBERS)
        shape.favour((Base.BOOL, Base.SET, Base.COMPLEX), -1.0)
        if isinstance(operator, _WHOLE):
            shape.favour((Base.INT,), 1.0)


def _added(shape: Shape, other: Base | None) -> None:
    if other in _NUMBERS:
        shape.only(_NUMBERS)
    elif other is not None:
        shape.only((other,))
    else:
        shape.only(_ADDABLE, 1.5)


def _multiplied(shape: Shape, other: Base | None) -> None:
    if other in {Base.STR, Base.LIST, Base.TUPLE}:
        shape.only((Base.INT,))
        shape.span = shape.span or (0, 6)
    else:
        shape.only(_NUMBERS, 2.5)


def compare(operator: ast.cmpop, shape: Shape, value: Any, *, reverse: bool = False) -> None:
    """Take the evidence of `shape operator value`, or of the reverse, with a constant value."""
    if isinstance(operator, _MEMBER):
        _contains(shape, value) if reverse else _contained(shape, value)
    elif value is None:
        shape.favour((Base.NONE,), 1.5)
        shape.optional = True
    elif type(value) in BASES:
        _equal(operator, shape, value)
        if isinstance(operator, (ast.Is, ast.IsNot)):
            shape.only((BASES[type(value)],), 3.0)
            shape.favour((BASES[type(value)],), 2.0)


def _equal(operator: ast.cmpop, shape: Shape, value: Any) -> None:
    base = BASES[type(value)]
    if isinstance(operator, _ORDERED) or base is not Base.INT:
        shape.only(_REAL if base in _REAL else (base,), 2.0)
    shape.favour((base,), 1.0)
    if base in _NUMBERS:
        shape.favour((Base.STR, Base.LIST, Base.TUPLE, Base.DICT), -0.7)
    # An empty value is a question about size, not one of the values meant.
    if value not in (0, "", []):
        shape.saw(value)


def _contained(shape: Shape, value: Any) -> None:
    """`x in 'aeiou'`, `x in (1, 2)`: x is one of them."""
    if not isinstance(value, (str, list, tuple, set, frozenset, dict)):
        return
    elements = sorted(value, key=repr) if isinstance(value, (set, frozenset)) else list(value)
    for element in elements:
        _equal(ast.Eq(), shape, element) if type(element) in BASES else None
    if isinstance(value, str):
        shape.only((Base.STR,))
        shape.flavours.append("character")


def _contains(shape: Shape, value: Any) -> None:
    """`'x' in p`: p is a container of such things, or a text with it inside."""
    shape.only(CONTAINERS)
    if isinstance(value, str):
        shape.affixes.append(value)
        shape.only((Base.STR, Base.LIST, Base.DICT, Base.SET), 1.0)
    else:
        shape.favour((Base.STR, Base.BYTES), -2.0)
