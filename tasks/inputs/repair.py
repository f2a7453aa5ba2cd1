"""What a failed call says is missing, put where it was looked for.

`KeyError: 'a'` and `'a' is not in list` name a value that some argument should have held. Repaired
is the other side too: everything beside that value in the arguments is mostly looked up as well.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from sandbox import Outcome, Status

MAX_ADDED = 8
_NOT_THERE = re.compile(r"(?P<value>.+) is not in (?:list|deque)")
_SCALARS = (str, int, float, bytes)


def missing(outcome: Outcome) -> Any:
    """The value that was looked for in vain; None where the outcome names none."""
    if outcome.status is not Status.RAISED:
        return None
    text = ""
    if outcome.error == "KeyError":
        text = outcome.message
    elif outcome.error == "ValueError" and (found := _NOT_THERE.fullmatch(outcome.message)):
        text = found["value"]
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return value if isinstance(value, _SCALARS) else None


def repaired(values: Mapping[str, Any], sought: Any, rng: Random) -> dict[str, Any] | None:
    """The arguments, with what was sought, and its like from the others, in one of them.

    None where no argument could hold it.
    """
    names = [name for name, value in values.items() if _lacks(value, sought)]
    if not names:
        return None
    name = rng.choice(names)
    others = [value for other, value in values.items() if other != name]
    beside = [each for each in _scalars(others) if type(each) is type(sought)]
    added = list(dict.fromkeys([sought, *beside]))[:MAX_ADDED]
    return {**values, name: _with(values[name], added, rng)}


def _lacks(value: Any, sought: Any) -> bool:
    """A container with keys or elements of the same type, without this one."""
    if not isinstance(value, (dict, list, set, tuple)) or sought in value:
        return False
    return not value or any(type(each) is type(sought) for each in value)


def _scalars(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for key, element in value.items():
            yield key
            yield from _scalars(element)
    elif isinstance(value, (list, tuple)):
        for element in value:
            yield from _scalars(element)
    elif isinstance(value, set):
        yield from sorted(value, key=repr)
    elif isinstance(value, _SCALARS):
        yield value


def _with(value: Any, added: list[Any], rng: Random) -> Any:
    new = [each for each in added if each not in value]
    if isinstance(value, dict):
        known = list(value.values())
        return {**value, **{each: rng.choice(known) if known else 0 for each in new}}
    return value | set(new) if isinstance(value, set) else type(value)([*value, *new])
