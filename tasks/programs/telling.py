"""Whether a case shows what a function does, or might as well be one that does nothing.

Covered: outputs that are an argument again: whole, as text, or once beside nothing new, such as
`'level'`, `('', 'level')`, `(b'level', 5)` or `[None, 'level']` for the argument 'level'; and
containers with nothing in them. Such cases are true, and a function may have some of them, but
from those alone nobody can tell what it does.

Not covered: whether the cases of a function, together, tell it from other functions.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox import decode, encode

_SIZED = (str, bytes, list, tuple, set, frozenset, dict)
BY_CHANCE = 0.6
"""For a number that equals an argument: mostly computed, but it does not look so."""


def telling(values: Mapping[str, Any], output: str) -> float:
    """How much the literal `output` tells beside the arguments: 0 for an echo of them, up to 1."""
    if output[:1] in {"(", "[", "{"}:
        return float(not _repeats(values, output))
    if output[:1] in {"'", '"', "b"}:
        return float(not any(output in _texts_of(value) for value in values.values()))
    if output[:1] in {"T", "F", "N"}:
        return 1.0
    return BY_CHANCE if handed_back(values, output) else 1.0


def handed_back(values: Mapping[str, Any], output: str) -> str:
    """Name of the first parameter whose value is the output, or an empty string."""
    return next((name for name, value in values.items() if encode(value) == output), "")


def is_bare(values: Mapping[str, Any]) -> bool:
    """Whether an argument has so little in it that it hardly shows anything."""
    return any(isinstance(value, _SIZED) and len(value) <= 1 for value in values.values())


def _texts_of(value: Any) -> tuple[str, ...]:
    """Literals of the texts that say no more than the value."""
    if isinstance(value, str):
        return repr(value), repr(repr(value)), repr(value.encode(errors="replace"))
    if isinstance(value, bytes):
        return repr(value), repr(value.decode("latin-1"))
    return (repr(str(value)),)


def _repeats(values: Mapping[str, Any], output: str) -> bool:
    """Whether a container is an argument again, or holds one text of them and nothing new."""
    if handed_back(values, output):
        return True
    leaves = list(_leaves(decode(output)))
    said = [leaf for leaf in leaves if isinstance(leaf, (str, bytes)) and leaf]
    if len(said) != 1:
        return not leaves
    sizes = {len(value) for value in values.values() if isinstance(value, _SIZED)}
    return any(repr(said[0]) in _texts_of(value) for value in values.values()) and all(
        leaf is None or isinstance(leaf, (str, bytes)) or leaf == 0 or leaf in sizes
        for leaf in leaves
    )


def _leaves(value: Any) -> Iterator[Any]:
    """What is inside a value, all the way down, but for the containers."""
    if isinstance(value, dict):
        for key, element in value.items():
            yield from _leaves(key)
            yield from _leaves(element)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for element in value:
            yield from _leaves(element)
    else:
        yield value
