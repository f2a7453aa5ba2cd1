"""Values at the edges of what a program asks: each constant that it compares with, None, zero."""

from collections.abc import Mapping
from typing import Any

from tasks.inputs.shapes import BASES, Base, Shape, weights

MAX_CONSTANTS = 12
LIKELY = 0.05
"""Types below this weight have no edges here."""
_PLAIN: Mapping[Base, tuple[Any, ...]] = {
    Base.INT: (0, 1, -1, 2, 100),
    Base.FLOAT: (0.0, -1.5),
    Base.BOOL: (True, False),
    Base.NONE: (None,),
    Base.LIST: ([],),
    Base.STR: ("",),
}


def edges_of(shape: Shape) -> list[Any]:
    """Values worth trying once for the parameter, the most telling first."""
    known = weights(shape)
    values: list[Any] = []
    for constant in shape.constants[:MAX_CONSTANTS]:
        if known[BASES[type(constant)]] >= LIKELY:
            values.append(constant)
            if type(constant) is int:
                values += [constant + 1, constant - 1]
    for base, plain in _PLAIN.items():
        if known[base] >= LIKELY:
            values += shape.span if base is Base.INT and shape.span is not None else plain
    return values
