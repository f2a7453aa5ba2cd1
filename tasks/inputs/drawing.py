"""Values drawn from shapes: first a plan (which type everywhere), then a value of that plan.

The same plan gives values of the same type all the way down, which is what the search
learns about: a plan that ran is drawn from again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from tasks.inputs import texts
from tasks.inputs.chances import chance
from tasks.inputs.facts import Pool
from tasks.inputs.numbers_drawn import draw_float, draw_int
from tasks.inputs.shapes import PLAIN_ELEMENTS, PLAIN_KEYS, UNHASHABLE, Base, Shape, weights
from tasks.inputs.strings_drawn import draw_bytes, draw_text, graph

MAX_DEPTH = 4
MAX_SIZE = 20
"""A length that is asked for is drawn up to here."""
BY_POSITION = 0.6
"""Share of rows whose first elements are what the program looks for at their places."""
PERIODIC = 0.12
"""Share of rows that repeat themselves, where slices of them are taken: those may be compared."""
AGAIN = 0.3
"""Share of the elements with which a program calls itself that are as large as the whole may be."""
MAX_AGAIN = 3
_SCALARS = (Base.INT, Base.FLOAT, Base.STR, Base.BOOL, Base.BYTES, Base.NONE)


@dataclass(frozen=True, slots=True)
class Plan:
    """A type, and the types inside it: of the elements, or of keys and values."""

    base: Base
    inside: tuple["Plan", ...] = ()
    hashable: bool = False
    """It stands in a set or as a key."""


@dataclass(frozen=True, slots=True)
class Within:
    """Where in a value a type is drawn."""

    temperature: float = 1.0
    """Higher is more adventurous."""
    depth: int = 0
    hashable: bool = False


def plan_of(shape: Shape, rng: Random, within: Within) -> Plan:
    """Draw a type for the shape and for what is inside."""
    known = weights(shape)
    if within.hashable:
        known = {base: known[base] for base in known if base not in UNHASHABLE}
    if within.depth >= MAX_DEPTH:
        known = {base: known[base] for base in _SCALARS}
    chances = [weight ** (1 / within.temperature) for weight in known.values()]
    base = rng.choices(list(known), chances)[0]
    inner = Within(within.temperature, within.depth + 1, within.hashable or base is Base.SET)
    return Plan(base, _inside(base, shape, rng, inner), within.hashable)


def _inside(base: Base, shape: Shape, rng: Random, within: Within) -> tuple[Plan, ...]:
    if base is Base.DICT:
        key = plan_of(shape.keys or PLAIN_KEYS, rng, replace(within, hashable=True))
        return (key, plan_of(_element(shape), rng, within))
    if base is Base.TUPLE and shape.fields:
        count = shape.length or max(shape.at_least, 1 + max(map(_position, shape.fields)))
        fields = [shape.fields.get(i) or _element(shape) for i in range(min(count, 12))]
        return tuple(plan_of(field, rng, within) for field in fields)
    if base in {Base.LIST, Base.TUPLE, Base.SET}:
        return (plan_of(_element(shape), rng, within),)
    return ()


def _position(key: Any) -> int:
    return key if isinstance(key, int) else 0


def _element(shape: Shape) -> Shape:
    if shape.item is not None:
        return shape.item
    positions = [field for key, field in shape.fields.items() if isinstance(key, int)]
    return positions[0] if positions else PLAIN_ELEMENTS


class Drawer:
    """Draws values of plans. `scale` shrinks numbers and lengths where large ones take too long."""

    def __init__(self, pool: Pool, rng: Random) -> None:
        self._pool = pool
        self._rng = rng
        self.scale = 1.0
        self._words: tuple[str, ...] = ()
        self._nested = 0

    def meet(self) -> None:
        """Draw the next values from few words and small numbers, so that they meet each other."""
        self._words = tuple(texts.word(self._rng) for _ in range(4))

    def part(self) -> None:
        """Draw freely again."""
        self._words = ()

    def draw(self, plan: Plan, shape: Shape) -> Any:
        """A value of that plan."""
        may_nest = shape.alike is not None and not plan.hashable and self._nested < MAX_AGAIN
        if may_nest and shape.alike is not None and chance(self._rng, AGAIN):
            return self._again(shape.alike)
        if shape.closed and chance(self._rng, 0.97):
            return self._rng.choice(shape.closed)
        fixed = [value for value in shape.constants if type(value).__name__ == plan.base.value]
        chosen_where_drawn = plan.hashable or plan.base in {Base.INT, Base.FLOAT, Base.STR}
        if fixed and not chosen_where_drawn and chance(self._rng, 0.3):
            return self._rng.choice(fixed)
        if plan.base is Base.DICT:
            return self._dict(plan, shape)
        if plan.base in {Base.LIST, Base.TUPLE, Base.SET}:
            return self._sequence(plan, shape)
        return self._scalar(plan.base, shape)

    def _again(self, shape: Shape) -> Any:
        """Another of what it stands in: a branch of a tree, a list in a list."""
        self._nested += 1
        try:
            return self.draw(plan_of(shape, self._rng, Within(0.7, self._nested)), shape)
        finally:
            self._nested -= 1

    def _scalar(self, base: Base, shape: Shape) -> Any:
        if self._words and base in {Base.INT, Base.STR} and chance(self._rng, 0.7):
            return self._rng.choice(self._words) if base is Base.STR else self._rng.randint(0, 5)
        if base in {Base.INT, Base.FLOAT}:
            draw = draw_int if base is Base.INT else draw_float
            return draw(shape, self._pool, self._rng, self.scale)
        if base is Base.STR:
            return draw_text(shape, self._pool, self._rng)
        return draw_bytes(shape, self._pool, self._rng) if base is Base.BYTES else self._small(base)

    def _small(self, base: Base) -> bool | complex | None:
        if base is Base.NONE:
            return None
        parts = (self._rng.randint(-5, 5), self._rng.randint(-5, 5))
        return complex(*parts) if base is Base.COMPLEX else chance(self._rng, 0.5)

    def _sequence(self, plan: Plan, shape: Shape) -> Any:
        if plan.base is Base.TUPLE and shape.fields:
            fields = [shape.fields.get(i) or _element(shape) for i in range(len(plan.inside))]
            return tuple(self.draw(p, field) for p, field in zip(plan.inside, fields, strict=True))
        count = self.count(shape)
        if plan.inside[0].base in {Base.LIST, Base.TUPLE} and shape.length is None:
            values = self._rows(plan.inside[0], _element(shape), count)
        else:
            values = self._elements(plan.inside[0], shape, count)
        if plan.base is Base.SET:
            return set(values)
        return tuple(values) if plan.base is Base.TUPLE else values

    def count(self, shape: Shape) -> int:
        """How many elements a container gets: seldom none, mostly a handful."""
        if shape.length is not None:
            return shape.length
        drawn = self._rng.choices((0, 1, 2, 3, 4, 5, 6, 8, 12), (2, 6, 10, 18, 18, 16, 12, 6, 2))[0]
        sizes = [size for size in shape.sizes if type(size) is int and 0 <= size <= MAX_SIZE]
        if sizes and chance(self._rng, 0.35):
            drawn = max(0, self._rng.choice(sizes) + self._rng.choice((0, 0, 1, -1)))
        if chance(self._rng, 0.9):
            drawn = max(drawn, min(shape.at_least, 12))
        return max(1, int(drawn * self.scale)) if drawn else 0

    def _elements(self, plan: Plan, shape: Shape, count: int) -> list[Any]:
        element = _element(shape)
        if element.mixed and chance(self._rng, 0.6):
            return [self._field(element, plan) for _ in range(count)]
        if shape.length is not None and shape.fields:
            fields = [shape.fields.get(i) for i in range(count)]
            return [
                self._field(each, plan) if each else self.draw(plan, element) for each in fields
            ]
        if shape.sliced and shape.length is None and chance(self._rng, PERIODIC):
            unit = [self.draw(plan, element) for _ in range(self._rng.choice((1, 2, 4)))]
            return unit * self._rng.choice((2, 3, 5, 8))
        values = [self.draw(plan, element) for _ in range(count)]
        if shape.fields and shape.length is None and chance(self._rng, BY_POSITION):
            fields = [shape.fields.get(i) for i in range(count)]
            return [self._field(f, plan) if f else v for f, v in zip(fields, values, strict=True)]
        return self._arranged(values) if shape.length is None else values

    def _arranged(self, values: list[Any]) -> list[Any]:
        """Sometimes sorted, sometimes with repeats: many functions are about either."""
        manner = self._rng.random()
        if manner < 0.15 and _comparable(values):  # noqa: PLR2004 - a share
            return sorted(values)
        if manner < 0.4 and len(values) > 1:  # noqa: PLR2004 - a share
            some = values[: max(1, len(values) // 2)]
            return [self._rng.choice(some) for _ in values]
        return values

    def _rows(self, plan: Plan, shape: Shape, count: int) -> list[Any]:
        """Elements that are sequences: mostly of one length, often as many as there are rows."""
        width = shape.length
        if width is None and plan.base is Base.LIST and chance(self._rng, 0.8):
            width = count if chance(self._rng, 0.6) else max(1, self.count(shape))
            width = max(width, shape.at_least)
        if width is None or plan.base is not Base.LIST:
            return [self.draw(plan, shape) for _ in range(count)]
        if plan.inside[0].base in {Base.LIST, Base.TUPLE}:
            return [self._rows(plan.inside[0], _element(shape), width) for _ in range(count)]
        return [self._elements(plan.inside[0], shape, width) for _ in range(count)]

    def _dict(self, plan: Plan, shape: Shape) -> dict[Any, Any]:
        if "graph" in shape.flavours and chance(self._rng, 0.7):
            return graph(plan.inside[0].base is Base.INT, plan.inside[1].base, self._rng)
        named = {key: field for key, field in shape.fields.items() if isinstance(key, str)}
        # Mostly all keys that are asked for; sometimes only some.
        kept = self._rng.choice((1.0, 1.0, 1.0, 0.93, 0.5, 0.25))
        values = {
            key: self._field(field, plan) for key, field in named.items() if chance(self._rng, kept)
        }
        if not named or (shape.item is not None and chance(self._rng, 0.3)):
            for _ in range(self.count(shape)):
                key = self.draw(plan.inside[0], shape.keys or PLAIN_KEYS)
                element = _element(shape)
                mixed = element.mixed and chance(self._rng, 0.6)
                values[key] = (
                    self._field(element, plan) if mixed else self.draw(plan.inside[1], element)
                )
        return values

    def _field(self, shape: Shape, beside: Plan) -> Any:
        """A value of a type of its own, whatever that beside it has."""
        within = Within(0.7, 1, beside.hashable)
        return self.draw(plan_of(shape, self._rng, within), shape)


def _comparable(values: Sequence[Any]) -> bool:
    kinds = {type(value) for value in values}
    return len(kinds) == 1 and kinds <= {int, float, str}
