"""Arguments that have to do with each other: a length, an index, an element, a part."""

from collections.abc import Callable
from random import Random
from typing import Any

SHARE = 0.35
"""Of drawn inputs with two parameters or more."""


def relate(values: dict[str, Any], rng: Random) -> dict[str, Any]:
    """The same values, or one of them replaced by something taken from another.

    The types stay as they were.
    """
    names = list(values)
    if len(names) < 2 or rng.random() >= SHARE:  # noqa: PLR2004 - a pair
        return values
    target, source = rng.sample(names, 2)
    made = _made(values[target], values[source], rng)
    return values if made is None else {**values, target: made}


def _made(target: Any, source: Any, rng: Random) -> Any:
    """Something of the target's type made of the source; None where nothing is."""
    kind = type(target)
    if kind is int:
        return _number(source, rng)
    if kind is str and isinstance(source, str):
        return _text(source, rng)
    found = _element(kind, source, rng)
    if found is not None:
        return found
    if kind is type(source) and kind in {list, tuple}:
        return _sequence(target, source, rng)
    return None


def _number(source: Any, rng: Random) -> int | None:
    if type(source) is int:
        return rng.choice((source, source + 1, source - 1, source * 2, source + 10))
    if not isinstance(source, (str, bytes, list, tuple, set, dict)):
        return None
    size = len(source)
    inside = _element(int, source, rng)
    options = [size, max(size - 1, 0), rng.randint(0, max(size - 1, 0)), 1]
    return rng.choice(options if inside is None else [*options, inside, inside])


def _text(source: str, rng: Random) -> str:
    if not source:
        return source
    start, end = sorted((rng.randint(0, len(source)), rng.randint(0, len(source))))
    return rng.choice((source[start:end] or source, source[0], source[-2:], source, source[::-1]))


def _element(kind: type, source: Any, rng: Random) -> Any:
    if isinstance(source, (list, tuple, set, dict)):
        fit = [element for element in source if type(element) is kind]
        return rng.choice(sorted(fit, key=repr)) if fit else None
    return None


def _sequence(target: Any, source: Any, rng: Random) -> Any:
    """As long as the source, or sharing elements with it."""
    if not source or not target or type(source[0]) is not type(target[0]):
        return _stretched(target, len(source))
    shared = type(target)(
        rng.choice((own, other)) for own, other in zip(target, source, strict=False)
    )
    options: tuple[Callable[[], Any], ...] = (
        lambda: _stretched(target, len(source)),
        lambda: _stretched(target, len(source)),
        lambda: shared,
        lambda: source,
    )
    return rng.choice(options)()


def _stretched(values: Any, length: int) -> Any:
    if not values or not length:
        return values
    return type(values)(values[i % len(values)] for i in range(length))
