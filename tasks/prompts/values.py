"""What can be said of a value, judged from its canonical literal.

Most literals are judged by a look at their text: decoding costs more than all the rest of
rendering, and few values hold a nan or a set.
"""

import json
import re
from typing import Any

from sandbox import decode
from tasks.prompts.scan import holds_set_of_many

_BUT_FOR_QUOTES = re.compile(r"(?:[-+0-9.e, \[\]]++|'[ !#-&(-\[\]-~]*+')++")
"""Numbers, lists and simple strings: the same in JSON but for the quotes."""


def is_comparable(literal: str) -> bool:
    """Whether the value equals another one built alike: not so where a nan is in it."""
    return "nan" not in literal or bool(decode(literal) == decode(literal))


def is_printable(literal: str) -> bool:
    """Whether the interpreter prints the value alike in every run: not so for most sets."""
    return "{" not in literal or not holds_set_of_many(literal)


def printed(literal: str) -> str:
    """What the interpreter prints for the value: its `repr`."""
    if "float('" in literal or "complex(" in literal:
        return repr(decode(literal))
    return literal


def as_json(literal: str) -> str | None:
    """The value as one line of JSON, or None where JSON would change its type or lose a bit."""
    if _BUT_FOR_QUOTES.fullmatch(literal):
        return literal.replace("'", '"')
    value = decode(literal)
    if not _is_json(value):
        return None
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else json.dumps(value)


def _is_json(value: Any) -> bool:
    kind = type(value)
    if kind is dict:
        return all(type(key) is str and _is_json(key) and _is_json(value[key]) for key in value)
    if kind is list:
        return all(map(_is_json, value))
    if kind is str:
        # A lone surrogate is not text: readers of JSON disagree about it.
        return not any("\ud800" <= char <= "\udfff" for char in value)
    if kind is float:
        return bool(value - value == 0)
    return value is None or kind is bool or kind is int
