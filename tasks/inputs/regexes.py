"""Texts that a regular expression matches, drawn by walking its parse tree.

Covered: literals, classes, groups, alternatives, repeats, back references, and flags as far as
they do not change what a literal matches. Assertions are passed over, so a drawn text may
not match: it is a proposal, which the sandbox judges.
"""

import re
import string
from collections.abc import Callable, Mapping
from functools import lru_cache
from random import Random
from typing import Any

_PARSER = re._parser  # type: ignore[attr-defined]  # noqa: SLF001 - the only parser of regexes there is
_NEGATED = re.compile(r"\[\^[^\]]+\]")
AVOIDED = 0.7
"""A class of all but some characters is mostly looked for in order to refuse what has them."""
MAX_REPEAT = 4
MAX_PATTERN = 2_000
_PRINTABLE = string.ascii_letters + string.digits + " _-.:/"
_CATEGORIES: Mapping[str, str] = {
    "CATEGORY_DIGIT": string.digits,
    "CATEGORY_SPACE": " ",
    "CATEGORY_WORD": string.ascii_letters + string.digits + "_",
    "CATEGORY_NOT_DIGIT": string.ascii_letters,
    "CATEGORY_NOT_SPACE": string.ascii_letters + string.digits,
    "CATEGORY_NOT_WORD": " -.,:",
}


def matching(pattern: str, rng: Random) -> str | None:
    """A text that probably matches the pattern, or None where it is not a valid one."""
    tree = _parsed(pattern)
    if tree is None:
        return None
    if _NEGATED.fullmatch(pattern) and rng.random() < AVOIDED:
        allowed = _parsed(f"[{pattern[2:]}") or tree
        return "".join(_Writer(rng).sequence(allowed) for _ in range(2 * rng.randint(1, 4)))
    return _Writer(rng).sequence(tree)


@lru_cache(maxsize=256)
def _parsed(pattern: str) -> Any:
    # Verbose patterns of published code mostly have their flag beside them, not inside.
    verbose = re.VERBOSE if "\n" in pattern else 0
    try:
        return _PARSER.parse(pattern, verbose) if len(pattern) <= MAX_PATTERN else None
    except (re.error, RecursionError, OverflowError, ValueError):
        return None


class _Writer:
    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._groups: dict[int, str] = {}

    def sequence(self, tree: Any) -> str:
        return "".join(self._one(str(operation), argument) for operation, argument in tree)

    def _one(self, operation: str, argument: Any) -> str:
        rule = _RULES.get(operation)
        return rule(self, argument) if rule is not None else ""

    def literal(self, code: int) -> str:
        return chr(code)

    def other(self, code: int) -> str:
        return self._rng.choice(_PRINTABLE.replace(chr(code), "") or "x")

    def any(self, _: Any) -> str:
        return self._rng.choice(_PRINTABLE)

    def member(self, members: Any) -> str:
        allowed = "".join(self._characters(str(kind), argument) for kind, argument in members)
        if str(members[0][0]) == "NEGATE":
            allowed = "".join(each for each in _PRINTABLE if each not in allowed)
        return self._rng.choice(allowed) if allowed else ""

    def _characters(self, kind: str, argument: Any) -> str:
        if kind == "LITERAL":
            return chr(argument)
        if kind == "RANGE":
            low, high = argument
            return "".join(map(chr, range(low, min(high, low + 100) + 1)))
        return _CATEGORIES.get(str(argument), "")

    def branch(self, argument: Any) -> str:
        return self.sequence(self._rng.choice(argument[1]))

    def group(self, argument: Any) -> str:
        text = self.sequence(argument[3])
        if argument[0] is not None:
            self._groups[argument[0]] = text
        return text

    def atomic(self, argument: Any) -> str:
        return self.sequence(argument)

    def back(self, number: int) -> str:
        return self._groups.get(number, "")

    def repeat(self, argument: Any) -> str:
        low, high, tree = argument
        most = max(low, min(int(high), low + MAX_REPEAT))
        return "".join(self.sequence(tree) for _ in range(min(self._rng.randint(low, most), 40)))


_RULES: Mapping[str, Callable[[_Writer, Any], str]] = {
    "LITERAL": _Writer.literal,
    "NOT_LITERAL": _Writer.other,
    "ANY": _Writer.any,
    "IN": _Writer.member,
    "BRANCH": _Writer.branch,
    "SUBPATTERN": _Writer.group,
    "ATOMIC_GROUP": _Writer.atomic,
    "GROUPREF": _Writer.back,
    "MAX_REPEAT": _Writer.repeat,
    "MIN_REPEAT": _Writer.repeat,
    "POSSESSIVE_REPEAT": _Writer.repeat,
}
