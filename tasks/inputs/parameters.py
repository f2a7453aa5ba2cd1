"""All that is known of each parameter of a function, as one shape."""

import contextlib
from collections.abc import Sequence

from sandbox.parsing import parse_expression
from tasks.inputs.annotations import annotate
from tasks.inputs.facts import Facts, facts_of
from tasks.inputs.literals import value_of
from tasks.inputs.manners import close
from tasks.inputs.names import read_name
from tasks.inputs.shapes import BASES, INNER_PRIOR, Base, Shape, weights
from tasks.inputs.topics import read_topics
from tasks.inputs.usage import Peers, read_usage
from tasks.records.functions import Function, Parameter

BY_DEFAULT = 4.5
BY_SEED = 3.0
LIKENED = 0.25
"""Of the difference between two that are added or compared, what each gives up: half is left."""


def shapes_of(function: Function) -> tuple[dict[str, Shape], Facts]:
    """The shape of each parameter, and the facts of the program.

    Raises:
        ValueError: the program does not parse, or does not define the function.
    """
    facts = facts_of(function.program, function.name)
    shapes = {parameter.name: Shape() for parameter in function.parameters}
    for parameter in function.parameters:
        read_name(shapes[parameter.name], parameter.name, function.docstring)
    peers: list[Peers] = []
    with contextlib.suppress(RecursionError):
        peers = read_usage(facts, shapes)
    for parameter in function.parameters:
        _declared(shapes[parameter.name], parameter, facts)
    for one, other in peers:
        _liken(one, other)
    for shape in shapes.values():
        settle(shape)
    close(function, facts, shapes)
    read_topics(function, shapes)
    return shapes, facts


def _declared(shape: Shape, parameter: Parameter, facts: Facts) -> None:
    if parameter.annotation:
        with contextlib.suppress(SyntaxError):
            annotate(shape, parse_expression(parameter.annotation).body, facts.aliases)
    if parameter.default is not None:
        with contextlib.suppress(SyntaxError, ValueError):
            default = value_of(parse_expression(parameter.default).body, facts.constants)
            shape.favour((BASES[type(default)],), BY_DEFAULT if default is not None else 1.0)
            if default is not None:
                learn(shape, default, 0.0)


def _liken(one: Shape, other: Shape) -> None:
    """Let two that are added or compared share a part of what is known of their types."""
    for base in Base:
        apart = LIKENED * (one.scores[base] - other.scores[base])
        one.scores[base] -= apart
        other.scores[base] += apart


def settle(shape: Shape, depth: int = 0) -> None:
    """Let what was seen at single positions count for the elements, where those are of one kind."""
    for child in _children(shape):
        if depth < MAX_DEPTH:
            settle(child, depth + 1)
    positions = [key for key in shape.fields if isinstance(key, int)]
    if shape.length is not None or not positions:
        return
    kinds = {
        (_likeliest(field), field.span) for key, field in shape.fields.items() if key in positions
    }
    if shape.item is not None or (shape.at_least > PAIR and len(kinds) == 1):
        for position in positions:
            _pour(shape.fields.pop(position), shape.inner())
    elif len(kinds) > 1:
        shape.length = max(shape.at_least, 1 + max(positions))
        # Places of different kinds are those of a row, not of a text.
        shape.favour((Base.TUPLE, Base.LIST), 0.7)
        shape.favour((Base.STR,), -1.0)


MAX_DEPTH = 6
PAIR = 2


def _likeliest(shape: Shape) -> Base:
    known = weights(shape)
    return max(known, key=known.__getitem__)


def _children(shape: Shape) -> list[Shape]:
    inside = [child for child in (shape.item, shape.keys) if child is not None]
    return [*inside, *shape.fields.values(), *(pieces for _, pieces in shape.parts)]


def _pour(source: Shape, target: Shape) -> None:
    for base in Base:
        target.scores[base] += source.scores[base] - INNER_PRIOR[base]
    for value in source.constants:
        target.saw(value)
    target.flavours.extend(source.flavours)
    target.span = target.span or source.span
    if source.item is not None and target.item is None:
        target.item = source.item


def learn(shape: Shape, value: object, by: float = BY_SEED, depth: int = 0) -> None:
    """Take a value that a person or a model wrote for the place as evidence, with all inside it."""
    base = BASES.get(type(value))
    if base is None or depth > MAX_DEPTH:
        return
    shape.favour((base,), by)
    if base not in {Base.LIST, Base.TUPLE, Base.SET, Base.DICT}:
        shape.saw(value)
    if isinstance(value, dict):
        for key, element in value.items():
            learn(shape.key(), key, by / 2, depth + 1)
            learn(shape.fields.get(key) or shape.inner(), element, by / 2, depth + 1)
    elif isinstance(value, (list, tuple)):
        _learn_elements(shape, value, by, depth)
    elif isinstance(value, (set, frozenset)):
        _learn_elements(shape, sorted(value, key=repr), by, depth)


def _learn_elements(shape: Shape, values: Sequence[object], by: float, depth: int) -> None:
    for position, element in enumerate(values[:8]):
        learn(shape.fields.get(position) or shape.inner(), element, by / 4, depth + 1)
