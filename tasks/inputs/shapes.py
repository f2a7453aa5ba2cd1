"""What is known of a value that a function takes: scores of types, and the shapes inside it.

A shape is filled with evidence from several sides (names, annotations, defaults, how the
body uses the parameter) and is then drawn from (`tasks.inputs.drawing`). Scores are natural
logarithms of weights, so that independent pieces of evidence add up.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Base(StrEnum):
    """The types that arguments are made of."""

    INT = "int"
    FLOAT = "float"
    STR = "str"
    BYTES = "bytes"
    BOOL = "bool"
    NONE = "None"
    LIST = "list"
    TUPLE = "tuple"
    SET = "set"
    DICT = "dict"
    COMPLEX = "complex"


TYPES: Mapping[Base, type] = {
    Base.INT: int,
    Base.FLOAT: float,
    Base.STR: str,
    Base.BYTES: bytes,
    Base.BOOL: bool,
    Base.NONE: type(None),
    Base.LIST: list,
    Base.TUPLE: tuple,
    Base.SET: set,
    Base.DICT: dict,
    Base.COMPLEX: complex,
}
BASES: Mapping[type, Base] = {kind: base for base, kind in TYPES.items()} | {frozenset: Base.SET}

NUMBERS = (Base.INT, Base.FLOAT, Base.BOOL, Base.COMPLEX)
SEQUENCES = (Base.LIST, Base.TUPLE, Base.STR, Base.BYTES)
CONTAINERS = (*SEQUENCES, Base.SET, Base.DICT)
UNHASHABLE = (Base.LIST, Base.SET, Base.DICT)

# How often a parameter that nothing is known of has each type, and how often an element has:
# rough shares in published code, of which only the order matters.
PRIOR: Mapping[Base, float] = {
    Base.INT: 0.0,
    Base.STR: 0.0,
    Base.LIST: -0.1,
    Base.FLOAT: -1.2,
    Base.DICT: -1.4,
    Base.TUPLE: -1.8,
    Base.BOOL: -2.8,
    Base.SET: -3.0,
    Base.BYTES: -3.5,
    Base.NONE: -4.0,
    Base.COMPLEX: -6.0,
}
INNER_PRIOR: Mapping[Base, float] = {
    **PRIOR,
    Base.INT: 0.4,
    Base.STR: 0.1,
    Base.LIST: -1.3,
    Base.TUPLE: -1.5,
    Base.DICT: -2.2,
    Base.NONE: -5.0,
}
ASKED_FOR = 0.07
"""Weight, at least, of None and of types that a program asks for."""
FLOOR = -7.0
"""No evidence is certain: a type keeps this much below the best one."""


@dataclass(slots=True)
class Shape:
    """Evidence about one value. `item`, `keys` and `fields` are the shapes inside it."""

    scores: dict[Base, float] = field(default_factory=lambda: dict(PRIOR))
    item: "Shape | None" = None
    """Of the elements; of the values, for a dict."""
    keys: "Shape | None" = None
    """Of the keys of a dict."""
    fields: dict[Any, "Shape"] = field(default_factory=dict)
    """By key of a dict or by position in a tuple."""
    length: int | None = None
    """How many elements it is unpacked into."""
    at_least: int = 0
    """One more than the largest constant index."""
    sizes: list[Any] = field(default_factory=list)
    """Numbers that its length is compared with."""
    whole: "Shape | None" = None
    """What this is a slice of."""
    constants: list[Any] = field(default_factory=list)
    """Values that the program compares it with, or that were seen in its place."""
    affixes: list[Any] = field(default_factory=list)
    """Pieces of text that it is searched for."""
    parts: list[tuple[str, "Shape"]] = field(default_factory=list)
    """Separators that a text is split at (empty: white space), and the shape of the pieces."""
    patterns: list[str] = field(default_factory=list)
    """Regular expressions that a text is matched with."""
    formats: list[str] = field(default_factory=list)
    """Formats, as of `strptime`, that a text is read with."""
    flavours: list[str] = field(default_factory=list)
    """Names of kinds of text, see `tasks.inputs.texts`."""
    span: tuple[int, int] | None = None
    """Least and greatest sensible number."""
    topical: bool = False
    """Its kind of text comes from what the function is about."""
    closed: tuple[Any, ...] = ()
    """The only values that make sense for it; empty where any does."""
    rows_sorted: bool = False
    """Its elements are expected in order."""
    optional: bool = False
    """The program asks whether it is None."""
    sliced: bool = False
    """Parts of it are taken."""
    mixed: bool = False
    """The program asks for its type: elements beside it may be of others."""
    tested: list[Base] = field(default_factory=list)
    """The types that the program asks for."""
    lost: dict[Base, float] = field(default_factory=dict)
    """What each type has lost by failures."""
    alike: "Shape | None" = None
    """What it is a smaller one of: the program calls itself with it."""

    def favour(self, bases: Iterable[Base], by: float) -> None:
        """Make each of the types more likely by that much, or less if it is negative."""
        for base in bases:
            self.scores[base] += by

    def only(self, bases: Iterable[Base], by: float = 3.0) -> None:
        """Make every other type less likely."""
        kept = tuple(bases)
        self.favour((base for base in Base if base not in kept), -by)

    def inner(self) -> "Shape":
        """The shape of the elements, made on first use."""
        if self.item is None:
            self.item = Shape(dict(INNER_PRIOR))
        return self.item

    def key(self) -> "Shape":
        """The shape of a dict's keys, made on first use."""
        if self.keys is None:
            self.keys = Shape(dict(INNER_PRIOR))
            self.keys.favour(UNHASHABLE, -9.0)
        return self.keys

    def at(self, key: Any) -> "Shape":
        """The shape under a constant key or position, made on first use."""
        if key not in self.fields:
            self.fields[key] = Shape(dict(INNER_PRIOR))
        return self.fields[key]

    def part(self, separator: str) -> "Shape":
        """The shape of the pieces of a text between the separators, made on first use."""
        for known, shape in self.parts:
            if known == separator:
                return shape
        shape = Shape(dict(INNER_PRIOR))
        shape.only((Base.STR,), 6.0)
        pieces = Shape()
        pieces.item = shape
        self.parts.append((separator, pieces))
        return pieces

    def slice(self) -> "Shape":
        """The shape of a slice: the same types; constants that it is compared with are affixes."""
        self.sliced = True
        return Shape(
            scores=self.scores,
            item=self.item,
            fields=self.fields,
            constants=self.affixes,
            whole=self,
        )

    def size(self) -> "Shape":
        """The shape of its length: constants that it is compared with are sizes."""
        shape = Shape(constants=self.sizes)
        shape.only((Base.INT,))
        return shape

    def saw(self, value: Any) -> None:
        """Remember a value that belongs here."""
        if len(self.constants) < MAX_CONSTANTS and not any(
            type(value) is type(known) and value == known for known in self.constants
        ):
            self.constants.append(value)


MAX_CONSTANTS = 40
PLAIN_KEYS = Shape()
"""Of the keys of a dict that nothing is known of."""
PLAIN_KEYS.only((Base.STR, Base.INT), 2.5)
PLAIN_KEYS.favour((Base.STR,), 2.0)
PLAIN_ELEMENTS = Shape()
PLAIN_ELEMENTS.only((Base.INT, Base.STR, Base.FLOAT), 2.0)


def weights(shape: Shape) -> dict[Base, float]:
    """Weight of each type, the greatest being 1. What is inside tells of the outside too."""
    scores = dict(shape.scores)
    if shape.item is not None:
        _weigh_items(scores, shape.item)
    for position, field_shape in shape.fields.items():
        if isinstance(position, int):
            _weigh_items(scores, field_shape)
            break
    if shape.fields:
        _weigh_fields(scores, shape)
    best = max(scores.values())
    known = {base: math.exp(max(score - best, FLOOR)) for base, score in scores.items()}
    for base in [*shape.tested, *([Base.NONE] if shape.optional else [])]:
        known[base] = max(known[base], ASKED_FOR)
    return known


def _weigh_items(scores: dict[Base, float], item: Shape) -> None:
    inside = weights(item)
    total = sum(inside.values())
    # The elements of a text are texts, those of bytes are numbers, those of a set are hashable.
    scores[Base.STR] += math.log(2.5 * inside[Base.STR] / total + 0.001)
    scores[Base.BYTES] += math.log(inside[Base.INT] / total + 0.001)
    scores[Base.SET] -= 4.0 * sum(inside[base] for base in UNHASHABLE) / total
    if (
        item.item is not None
        or item.fields
        or item.length
        or item.parts
        or item.patterns
        or item.sliced
    ):
        # What is looked into further is more than a character or a number.
        scores[Base.STR] -= 2.5
        scores[Base.BYTES] -= 4.0


def _weigh_fields(scores: dict[Base, float], shape: Shape) -> None:
    if any(isinstance(key, str) for key in shape.fields):
        scores[Base.DICT] += 3.0
    elif shape.length is None and len(shape.fields) > 1:
        scores[Base.TUPLE] += 0.7


def likelihood(shape: Shape, value: Any) -> float:
    """How natural the value is here, between 0 and 1, by its type and those inside it."""
    own = _likelihood(shape, value)
    return own if shape.alike is None else max(own, likelihood(shape.alike, value))


def _likelihood(shape: Shape, value: Any) -> float:
    known = weights(shape)
    own = known[BASES[type(value)]]
    inside = _inside(shape, value)
    if not inside:
        return own
    return own * min(likelihood(child, element) for child, element in inside)


def _inside(shape: Shape, value: Any) -> list[tuple[Shape, Any]]:
    if isinstance(value, dict):
        pairs = [(shape.fields.get(key) or shape.item, element) for key, element in value.items()]
        pairs += [(shape.keys or PLAIN_KEYS, key) for key in value]
    elif isinstance(value, (list, tuple, set, frozenset)):
        pairs = [(shape.fields.get(i) or shape.item, element) for i, element in enumerate(value)]
    else:
        return []
    return [(child, element) for child, element in pairs if child is not None]
