"""What a function does on inputs that it shares with others, as something to compare.

The battery has inputs of several types for each number of arguments, the same in every run. Two
functions behave alike where their outputs agree on the first types on which they tell enough.
Covered: floats that differ in the last digits, ints that equal floats. Not covered: what a function
does beyond the battery; what returns the same for nearly everything has no signature.
"""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from sandbox import Call, Outcome, Program, Status, decode, encode
from tasks.records.base import digest_of
from tasks.records.functions import Function, Parameter, ParameterKind

BATTERY_VERSION = 1
INPUTS_PER_PATTERN = 12
MIN_DISTINCT = 4
"""Distinct outputs on one pattern of types from which on a signature says something."""
MIN_EACH = 4
"""The same for functions that only say yes or no: of either answer."""
MAX_ARITY = 5

_MAY_VARY = re.compile(r"[.{}]|\d[ej]|inf|nan|set|True|False")
"""In a literal without any of these, equal values have equal texts."""

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SIGNS = 2 * _LETTERS + "ABCDEFXYZ0123456789  ..,,:;--__//\\\\\"'()[]{}<>&%=+*?!#@|~\t\n\né"
_WORDS = ("red", "level", "stone", "Apple", "tree", "a", "banana", "kayak", "Blue", "of")


def arities(parameters: Sequence[Parameter]) -> tuple[int, ...]:
    """Numbers of positional arguments that a call may have, at least one, fewest first."""
    positional = [one for one in parameters if one.kind is not ParameterKind.KEYWORD_ONLY]
    named = [one for one in parameters if one.kind is ParameterKind.KEYWORD_ONLY]
    if any(one.default is None for one in named):
        return ()
    required = sum(one.default is None for one in positional)
    return tuple(range(max(required, 1), len(positional) + 1))


def loose(text: str) -> str:
    """The literal of a value that stands for all that `==` calls equal, or nearly, for floats.

    Ints for bools and for floats without a fraction, nine digits for other floats, dicts and
    sets in one order. Raises ValueError where the text is no literal.
    """
    return _loosened(text) if _MAY_VARY.search(text) else text


@lru_cache(maxsize=1 << 14)
def _loosened(text: str) -> str:
    return encode(_loose(decode(text)), max_bytes=1 << 20)


def _loose(value: Any) -> Any:
    kind = type(value)
    if kind is bool:
        return int(value)
    if kind is float:
        return _loose_float(value)
    if kind is dict:
        pairs = ((_loose(key), _loose(item)) for key, item in value.items())
        return dict(sorted(pairs, key=lambda pair: encode(pair[0])))
    if kind in {list, tuple, set, frozenset}:
        items: Any = map(_loose, value)
        return frozenset(items) if kind is set else kind(items)
    return value


def _loose_float(value: float) -> float | int:
    if value.is_integer() and abs(value) < 1e15:  # noqa: PLR2004 - above, digits are lost anyway
        return int(value)
    return float(f"{value:.9g}")


@dataclass(frozen=True, slots=True)
class Pattern:
    """Inputs of one combination of types."""

    types: tuple[str, ...]
    calls: tuple[Call, ...]


@cache
def battery(arity: int) -> tuple[Pattern, ...]:
    """The patterns for calls with so many arguments; none above `MAX_ARITY`."""
    if arity > MAX_ARITY:
        return ()
    combinations = _COMBINATIONS.get(arity) or [
        (kind,) * arity for kind in ("int", "float", "word")
    ]
    return tuple(_pattern(types) for types in combinations)


def _pattern(types: tuple[str, ...]) -> Pattern:
    rng = random.Random(f"battery {BATTERY_VERSION} {' '.join(types)}")  # noqa: S311 - not a secret
    calls = (Call(tuple(_DRAWN[kind](rng) for kind in types)) for _ in range(INPUTS_PER_PATTERN))
    return Pattern(types, tuple(calls))


def _word(rng: random.Random) -> str:
    if rng.random() < 0.5:  # noqa: PLR2004 - half of them
        return rng.choice(_WORDS)
    return "".join(rng.choice(_LETTERS) for _ in range(rng.randint(1, 8)))


def _list_of(kind: str, least: int = 0, most: int = 7) -> Callable[[random.Random], list[Any]]:
    return lambda rng: [_DRAWN[kind](rng) for _ in range(rng.randint(least, most))]


def _mixed(rng: random.Random) -> str:
    return "".join(rng.choice(_SIGNS) for _ in range(rng.randint(4, 16)))


_DRAWN: Mapping[str, Callable[[random.Random], Any]] = {
    # The first pattern that tells enough is the one that counts: the most demanding of strings,
    # then ints, on which floats are not yet rounded.
    "mixed": _mixed,
    "int": lambda rng: rng.randint(-20, 60),
    "nat": lambda rng: rng.randint(0, 40),
    "float": lambda rng: round(rng.uniform(-20, 60), 2),
    "word": _word,
    "text": lambda rng: " ".join(_word(rng) for _ in range(rng.randint(2, 6))),
    "digits": lambda rng: str(rng.randint(0, 99_999)),
    "ints": _list_of("int"),
    "floats": _list_of("float"),
    "words": _list_of("word"),
    "rows": lambda rng: _rows(rng, rng.randint(1, 4)),
    "pairs": lambda rng: [(_word(rng), rng.randint(0, 20)) for _ in range(rng.randint(1, 5))],
    "counts": lambda rng: {_word(rng): rng.randint(-5, 20) for _ in range(rng.randint(1, 5))},
    "bytes": lambda rng: _word(rng).encode(),
}


def _rows(rng: random.Random, size: int) -> list[list[int]]:
    return [[rng.randint(-9, 30) for _ in range(size)] for _ in range(size)]


_COMBINATIONS: Mapping[int, Sequence[tuple[str, ...]]] = {
    1: [(kind,) for kind in _DRAWN],
    2: [
        ("mixed", "mixed"),
        ("mixed", "nat"),
        ("int", "int"),
        ("nat", "nat"),
        ("float", "float"),
        ("word", "word"),
        ("text", "word"),
        ("nat", "text"),
        ("ints", "int"),
        ("int", "ints"),
        ("ints", "ints"),
        ("words", "word"),
        ("words", "words"),
        ("counts", "word"),
        ("counts", "counts"),
        ("rows", "nat"),
    ],
    3: [
        ("int", "int", "int"),
        ("nat", "nat", "nat"),
        ("float", "float", "float"),
        ("mixed", "word", "word"),
        ("mixed", "nat", "nat"),
        ("text", "word", "word"),
        ("ints", "int", "int"),
        ("words", "word", "word"),
        ("counts", "word", "int"),
    ],
}


def battery_program(function: Function) -> Program | None:
    """The function with every call of the battery; None where it cannot be called by position."""
    possible = arities(function.parameters)
    patterns = battery(possible[0]) if possible else ()
    calls = tuple(call for pattern in patterns for call in pattern.calls)
    return Program(function.program, function.name, calls) if calls else None


def signature(outcomes: Sequence[Outcome], arity: int) -> str:
    """A hash that functions share which behave alike, or an empty string where little is known.

    Args:
        outcomes: Of the calls of `battery_program`.
        arity: Number of arguments in these calls.
    """
    for number, pattern in enumerate(battery(arity)):
        start = number * INPUTS_PER_PATTERN
        part = outcomes[start : start + INPUTS_PER_PATTERN]
        if _is_telling(part, pattern):
            return digest_of(" ".join(pattern.types), *map(_shown, part))
    return ""


def _is_telling(outcomes: Sequence[Outcome], pattern: Pattern) -> bool:
    """Whether there are enough distinct outputs that are no argument handed back."""
    if any(one.status not in {Status.OK, Status.RAISED} for one in outcomes):
        return False
    values = [one.value for one in outcomes if one.value is not None]
    if set(values) == {"True", "False"}:
        return min(map(values.count, ("True", "False"))) >= MIN_EACH
    made = {
        one.value
        for one, call in zip(outcomes, pattern.calls, strict=True)
        if one.value is not None and one.value not in map(encode, call.args)
    }
    return len(made) >= MIN_DISTINCT


def _shown(outcome: Outcome) -> str:
    """The output as text; nothing for an exception, of whatever type."""
    return "" if outcome.value is None else loose(outcome.value)
