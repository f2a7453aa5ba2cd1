"""Arguments that have to do with each other: a length, an index, an element, a part."""

from random import Random
from typing import Any

from tasks.inputs.chances import chance

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
    return _structure(target, source, rng) if found is None else found


def _structure(target: Any, source: Any, rng: Random) -> Any:
    """A container like the target, of what is in the source."""
    if chance(rng, 0.5):
        return _filled(target, source, rng)
    if type(target) is not type(source):
        return None
    if isinstance(source, dict):
        return _changed(source, rng) if chance(rng, 0.5) else {**target, **_changed(source, rng)}
    return _sequence(target, source, rng) if isinstance(source, (list, tuple)) else None


def _number(source: Any, rng: Random) -> int | None:
    if type(source) is int:
        return rng.choice((source, source + 1, source - 1, source * 2, source + 10))
    if not isinstance(source, (str, bytes, list, tuple, set, dict)):
        return None
    size = len(source)
    inside = _element(int, source, rng)
    options = [size, max(size - 1, 0), rng.randint(0, max(size - 1, 0)), 1]
    chosen: int = rng.choice(options if inside is None else [*options, inside, inside])
    return chosen


def _text(source: str, rng: Random) -> str:
    if not source:
        return source
    start, end = sorted((rng.randint(0, len(source)), rng.randint(0, len(source))))
    parts = (source[start:end] or source, source[0], source[-2:], source[:end] or source)
    return rng.choice((*parts, source, source[::-1]))


def _element(kind: type, source: Any, rng: Random) -> Any:
    if isinstance(source, (list, tuple, set, dict)):
        fit = [element for element in _all_inside(source) if type(element) is kind]
        return rng.choice(sorted(fit, key=repr)) if fit else None
    return None


def _all_inside(value: Any) -> list[Any]:
    """Elements, keys and values, of a container and of those in it."""
    if isinstance(value, dict):
        direct = [*value, *value.values()]
    elif isinstance(value, (list, tuple, set)):
        direct = list(value)
    else:
        return []
    return direct + [deeper for element in direct for deeper in _all_inside(element)]


def _sequence(target: Any, source: Any, rng: Random) -> Any:
    """As long as the source, or sharing elements with it."""
    if not source or not target or type(source[0]) is not type(target[0]):
        return _stretched(target, len(source))
    shared = type(target)(
        rng.choice((own, other)) for own, other in zip(target, source, strict=False)
    )
    made = rng.choice(("stretched", "shared", "changed", "changed", "same", "shuffled"))
    if made == "stretched":
        return _stretched(target, len(source))
    if made == "shuffled":
        return type(source)(rng.sample(source, len(source)))
    if made == "changed":
        return _changed(source, rng)
    return shared if made == "shared" else source


def _changed(value: Any, rng: Random) -> Any:
    """The same structure, with other numbers in about half of the places."""
    if isinstance(value, dict):
        return {key: _changed(element, rng) for key, element in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_changed(element, rng) for element in value)
    if type(value) is int and chance(rng, 0.6):
        return rng.randint(0, 20)
    return value


def _filled(target: Any, source: Any, rng: Random) -> Any:
    """The target's structure, its elements (not its keys) taken from the source."""
    scalars = [each for each in _all_inside(source) if isinstance(each, (int, str, float))]
    by_kind: dict[type, list[Any]] = {}
    for scalar in sorted(scalars, key=repr):
        by_kind.setdefault(type(scalar), []).append(scalar)
    return _replaced(target, by_kind, rng)


def _replaced(value: Any, by_kind: dict[type, list[Any]], rng: Random) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(element, by_kind, rng) for key, element in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_replaced(element, by_kind, rng) for element in value)
    return rng.choice(by_kind[type(value)]) if type(value) in by_kind else value


def _stretched(values: Any, length: int) -> Any:
    if not values or not length:
        return values
    return type(values)(values[i % len(values)] for i in range(length))
