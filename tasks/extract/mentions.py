"""Whether a text may rebind a name or change its object: a question before parsing.

A yes only says that the text has to be parsed. A no is meant to be sure; missed are changes of a
name in brackets, `(name)[0] = 1`, a comment between a name and its dot, and what stands behind an
odd number of triple quotes that are no ends of a string.
"""

import re

from tasks.extract.facts import MUTATORS

_CHANGE = re.compile(
    r"(?:\s*\.\s*\w+|\s*\[[^\n]*\])*"
    r"(?:\s*(?:[-+*/%@&|^]|//|\*\*|<<|>>)?=(?!=)"
    rf"|\s*\.\s*(?:{'|'.join(sorted(MUTATORS))})\b)"
)
_PART = r"(?:[^\n=()]|\((?:[^\n()]|\([^\n()]*\))*\))*"
_SEVERAL = re.compile(rf"\s*[.\[]{_PART},{_PART}=(?!=)|{_PART}[.\]]\s*,{_PART}=(?!=)")
_OPEN = re.compile(r"\s*(?:\.\s*\w+\s*)*\[[^\]\n]*\n")
_GOES_ON = frozenset((".", "[", "\\", "\n"))
_BINDER = re.compile(r"\bdel\b|\bglobal\b|\bas\s+\(?$|\bfor\b(?![^\n]*\bin\b)")


def may_change(text: str, name: str) -> bool:
    """Whether the name stands somewhere as the target of a change, or may do so."""
    position = text.find(name)
    while position >= 0:
        end = position + len(name)
        if _is_word(text, position, end) and _looks_like_change(text, position, end):
            return True
        position = text.find(name, end)
    return False


def _is_word(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (before.isalnum() or before in ("_", ".") or after.isalnum() or after == "_")


def _looks_like_change(text: str, start: int, end: int) -> bool:
    before = text[text.rfind("\n", 0, start) + 1 : start]
    return _is_target(text, end, before) and not _is_prose(text, start, before)


def _is_target(text: str, end: int, before: str) -> bool:
    if _BINDER.search(before):
        return True
    if text[end : end + 2].lstrip()[:1] in _GOES_ON and _CHANGE.match(text, end):
        return True
    if _OPEN.match(text, end):
        return True
    inside = before.count("(") > before.count(")")
    return not inside and _SEVERAL.match(text, end) is not None


def _is_prose(text: str, start: int, before: str) -> bool:
    """Whether a position is in a comment, or in a string of three quotes."""
    if "#" in before and not ("'" in before or '"' in before):
        return True
    return any(text.count(quotes, 0, start) & 1 for quotes in ('"""', "'''"))
