"""What a failed call teaches about the shapes of its arguments.

Messages are those of CPython; one that is not known teaches only that the types did not do.
"""

import ast
import re
from collections.abc import Iterator, Mapping

from sandbox import Outcome, Status
from tasks.inputs.drawing import Plan
from tasks.inputs.names import named
from tasks.inputs.shapes import Base, Shape
from tasks.inputs.trials import Trial

BY_SUCCESS = 0.12
BY_FAILURE = 0.3
BY_MESSAGE = 0.4
MAX_LOST = 2.5
"""What a type can lose by failures alone: less than what an annotation says."""
_WANTED = (
    ("bytes-like object is required", Base.BYTES),
    ("must be str", Base.STR),
    ("expected str", Base.STR),
    ("expected string", Base.STR),
    ("as an integer", Base.INT),
    ("attribute 'items'", Base.DICT),
    ("attribute 'get'", Base.DICT),
    ("attribute 'split'", Base.STR),
)
MAX_LENGTH = 8
MAX_DEPTH = 4
_NO_CONTAINER = re.compile(r"'(\w+)' object is not (?:iterable|subscriptable)")
_SEQUENCES = (Base.LIST, Base.TUPLE, Base.STR)
_TYPE_FAULTS = frozenset(("TypeError", "AttributeError"))
_FLAVOURS = (
    ("invalid literal for int()", "digits"),
    ("could not convert string to float", "decimal"),
    ("isoformat string", "date"),
    ("does not match format", "date"),
    ("Expecting value", "json"),
    ("expected a character", "character"),
    ("must be a unicode character", "character"),
)


def learn_from(trial: Trial, outcome: Outcome, shapes: Mapping[str, Shape]) -> None:
    """Move the scores of the types that were tried, and take in what the message says."""
    failed_type = outcome.status is Status.OPAQUE or outcome.error in _TYPE_FAULTS
    for name, plan in trial.plans:
        shape = shapes[name]
        if trial.telling:
            _reward(shape, plan, BY_SUCCESS)
        elif failed_type:
            _reward(shape, plan, -BY_FAILURE / len(trial.plans))
    if outcome.status is Status.RAISED:
        for name, plan in trial.plans:
            _read_message(outcome, plan, shapes[name])
            _looked_into(outcome.message, shapes[name])


def _reward(shape: Shape, plan: Plan, by: float) -> None:
    _move(shape, plan.base, by)
    if plan.inside and shape.item is not None and plan.base is not Base.DICT:
        _move(shape.item, plan.inside[0].base, by / 2)


def _move(shape: Shape, base: Base, by: float) -> None:
    """A type that fails may still be the right one, with values that are rare."""
    lost = shape.lost.get(base, 0.0)
    by = max(by, lost - MAX_LOST)
    shape.lost[base] = lost - min(by, 0.0)
    shape.favour((base,), by)


def _looked_into(message: str, shape: Shape, depth: int = 0) -> None:
    """`'int' object is not iterable`: whatever is looked into, at any depth, is no int."""
    said = _NO_CONTAINER.search(message)
    if said is None or depth > MAX_DEPTH:
        return
    wrong = [base for base in Base if base.value == said[1]]
    if shape.item is not None or shape.fields:
        shape.favour(wrong, -BY_MESSAGE)
    for inner in [shape.item, *shape.fields.values()]:
        if inner is not None:
            _looked_into(message, inner, depth + 1)


def _read_message(outcome: Outcome, plan: Plan, shape: Shape) -> None:
    if outcome.error == "KeyError":
        _missing_key(outcome.message, plan, shape)
    elif outcome.error == "IndexError":
        for inner, _ in _sequences(plan, shape):
            inner.at_least = min(MAX_LENGTH, inner.at_least + 1)
    elif outcome.error == "ValueError":
        _bad_value(outcome.message, plan, shape)
    elif outcome.error in _TYPE_FAULTS:
        _wrong_type(outcome.message, plan, shape)
        _flavoured(outcome.message, plan, shape)


def _missing_key(message: str, plan: Plan, shape: Shape) -> None:
    try:
        key = ast.literal_eval(message)
    except (ValueError, SyntaxError):
        return
    for inner, base in _levels(plan, shape):
        if base is Base.DICT and isinstance(key, str):
            named(inner, key)
        elif base is Base.DICT and isinstance(key, int):
            inner.key().saw(key)


def _bad_value(message: str, plan: Plan, shape: Shape) -> None:
    unpacked = re.search(r"values to unpack \(expected (?:at least )?(\d+)", message)
    if unpacked is not None:
        _unpacked(plan, shape, int(unpacked[1]))
    _flavoured(message, plan, shape)


def _wrong_type(message: str, plan: Plan, shape: Shape) -> None:
    """`a bytes-like object is required, not 'str'`: what was a str should have been bytes."""
    named = set(re.findall(r"'(\w+)'|not (\w+)", message))
    wrong = {word for pair in named for word in pair if word}
    wanted = [base for words, base in _WANTED if words in message]
    for inner, base in _levels(plan, shape):
        if base.value in wrong:
            inner.favour((base,), -BY_MESSAGE)
            inner.favour(wanted, BY_MESSAGE)


def _flavoured(message: str, plan: Plan, shape: Shape) -> None:
    for words, flavour in _FLAVOURS:
        if words in message:
            for inner, base in _levels(plan, shape):
                if base is Base.STR and flavour not in inner.flavours:
                    inner.flavours.append(flavour)


def _unpacked(plan: Plan, shape: Shape, count: int) -> None:
    """The innermost sequences are what was unpacked, most likely."""
    found = [inner for inner, base in _sequences(plan, shape) if base is not Base.STR]
    if found and count <= MAX_LENGTH:
        found[-1].length = found[-1].length or count


def _sequences(plan: Plan, shape: Shape) -> list[tuple[Shape, Base]]:
    return [(inner, base) for inner, base in _levels(plan, shape) if base in _SEQUENCES]


def _levels(plan: Plan, shape: Shape) -> Iterator[tuple[Shape, Base]]:
    """The shape and those of its elements, with the type that each was drawn as."""
    yield shape, plan.base
    if plan.inside:
        inner = plan.inside[1 if plan.base is Base.DICT else 0]
        yield from _levels(inner, shape.inner())
