"""Small changes to values that ran, type by type, after EvalPlus (arXiv 2305.01210, table 1).

A mutant has the type of the original all the way down. Originals are never changed.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from random import Random
from typing import Any

from tasks.inputs.chances import chance
from tasks.inputs.facts import Pool

MAX_LENGTH = 30
"""Longer sequences are only cut."""
MAX_PLACES = 120
"""Values in an input that may be put in each other's place."""
Path = tuple[Any, ...]


def mutate(value: Any, pool: Pool, rng: Random) -> Any:
    """A value near this one, of the same type. It may be equal to it."""
    rule = _RULES.get(type(value))
    return rule(value, pool, rng) if rule is not None else value


def transplant(values: Mapping[str, Any], rng: Random) -> dict[str, Any] | None:
    """One value in there, at whatever depth, in the place of another of its type.

    None where no two differ. So keys meet rows, and ends meet beginnings.
    """
    places = list(islice(_places(values, ()), MAX_PLACES))
    by_type: dict[type, list[tuple[Path, Any]]] = {}
    for path, value in places:
        by_type.setdefault(type(value), []).append((path, value))
    targets = [path for path, value in places if path and len(by_type[type(value)]) > 1]
    if not targets:
        return None
    target = rng.choice(targets)
    own = _at(values, target)
    sources = [v for path, v in by_type[type(own)] if v != own and path != target[: len(path)]]
    return dict(_put(values, target, rng.choice(sources))) if sources else None


def _places(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """All that is in a value, with the keys and numbers that lead to it, and the value itself."""
    yield path, value
    if isinstance(value, Mapping):
        for key, element in value.items():
            yield from _places(element, (*path, key))
    elif isinstance(value, list | tuple):
        for position, element in enumerate(value):
            yield from _places(element, (*path, position))


def _at(value: Any, path: Path) -> Any:
    return _at(value[path[0]], path[1:]) if path else value


def _put(value: Any, path: Path, new: Any) -> Any:
    if not path:
        return new
    inner = _put(value[path[0]], path[1:], new)
    if isinstance(value, Mapping):
        return {**value, path[0]: inner}
    return type(value)(inner if at == path[0] else each for at, each in enumerate(value))


def _int(value: int, pool: Pool, rng: Random) -> int:
    manner = rng.random()
    if pool.ints and manner < 0.15:  # noqa: PLR2004 - a share
        return rng.choice(pool.ints)
    if manner < 0.55:  # noqa: PLR2004 - a share
        return value + rng.choice((1, -1, 2, -2, 3, 5, 10))
    return rng.choice((-value, value * 2, value // 2, value + rng.randint(1, 20), 0, 1))


def _float(value: float, pool: Pool, rng: Random) -> float:
    if pool.floats and chance(rng, 0.15):
        return rng.choice(pool.floats)
    changed = (-value, value * 2, value / 2, value + 1, value - 1, value + 0.5, 0.0)
    return float(f"{rng.choice(changed):.6g}")


def _bool(value: bool, _: Pool, __: Random) -> bool:
    return not value


def _text(value: str, pool: Pool, rng: Random) -> str:
    if not value:
        return rng.choice(pool.texts) if pool.texts else rng.choice("ab1 ")
    if len(value) > MAX_LENGTH and chance(rng, 0.7):
        return value[: rng.randint(1, len(value))]
    at, end = sorted((rng.randint(0, len(value)), rng.randint(0, len(value))))
    return rng.choice(_TEXTS)(value, (at, end), pool, rng)


def _drop(value: str, span: tuple[int, int], _: Pool, __: Random) -> str:
    return value[: span[0]] + value[min(span[1], span[0] + 3) :]


def _repeat(value: str, span: tuple[int, int], _: Pool, __: Random) -> str:
    return value[: span[1]] + value[span[0] :]


def _insert(value: str, span: tuple[int, int], pool: Pool, rng: Random) -> str:
    known = (pool.alphabet, value, "a1 .-", *pool.texts)
    source = rng.choice([text for text in known if text])
    piece = source if source in pool.texts else rng.choice(source)
    return value[: span[0]] + piece + value[span[0] :]


def _replace(value: str, span: tuple[int, int], pool: Pool, rng: Random) -> str:
    near = rng.choice(pool.alphabet or value) if chance(rng, 0.5) else _beside(value, span, rng)
    return value[: span[0]] + near + value[span[0] + 1 :]


def _beside(value: str, span: tuple[int, int], rng: Random) -> str:
    """The next character, so that digits stay digits and letters letters."""
    here = value[min(span[0], len(value) - 1)]
    if here.isdigit() and here.isascii():
        return rng.choice("0123456789")
    return rng.choice("abcdeftxyz") if here.isalpha() else here


def _case(value: str, _: tuple[int, int], __: Pool, rng: Random) -> str:
    return rng.choice((value.upper(), value.lower(), value.swapcase(), value.title()))


def _reverse(value: str, _: tuple[int, int], __: Pool, ___: Random) -> str:
    return value[::-1]


_TEXTS = (_drop, _drop, _repeat, _insert, _insert, _replace, _replace, _replace, _case, _reverse)


def _bytes(value: bytes, pool: Pool, rng: Random) -> bytes:
    return _text(value.decode("latin-1"), pool, rng).encode("latin-1", "replace")


def _list(value: list[Any], pool: Pool, rng: Random) -> list[Any]:
    if not value:
        return []
    at = rng.randrange(len(value))
    manner = rng.random()
    if len(value) > MAX_LENGTH or manner < 0.15:  # noqa: PLR2004 - shares from here on
        return value[:at] + value[at + 1 :]
    if manner < 0.3:  # noqa: PLR2004
        return [*value[:at], mutate(value[at], pool, rng), *value[at:]]
    if manner < 0.4:  # noqa: PLR2004
        return [*value, value[at]]
    if manner < 0.5:  # noqa: PLR2004
        return rng.choice((value[::-1], rng.sample(value, len(value)), value[at:] + value[:at]))
    return [*value[:at], mutate(value[at], pool, rng), *value[at + 1 :]]


def _tuple(value: tuple[Any, ...], pool: Pool, rng: Random) -> tuple[Any, ...]:
    """The length stays: it mostly has a meaning."""
    if not value:
        return value
    at = rng.randrange(len(value))
    return (*value[:at], mutate(value[at], pool, rng), *value[at + 1 :])


def _set(value: set[Any], pool: Pool, rng: Random) -> set[Any]:
    return set(_list(sorted(value, key=repr), pool, rng))


def _dict(value: dict[Any, Any], pool: Pool, rng: Random) -> dict[Any, Any]:
    if not value:
        return {}
    key = rng.choice(list(value))
    manner = rng.random()
    if manner < 0.15 and len(value) > 1:  # noqa: PLR2004 - a share
        return {each: element for each, element in value.items() if each != key}
    changed = mutate(value[key], pool, rng)
    if manner < 0.35:  # noqa: PLR2004 - a share
        return {**value, mutate(key, pool, rng): changed}
    return {each: changed if each == key else element for each, element in value.items()}


_RULES: Mapping[type, Callable[[Any, Pool, Random], Any]] = {
    int: _int,
    float: _float,
    bool: _bool,
    str: _text,
    bytes: _bytes,
    list: _list,
    tuple: _tuple,
    set: _set,
    dict: _dict,
}
