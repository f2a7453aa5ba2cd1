"""Whether a text may rebind a name or change its object: a question before parsing.

A yes only says that it has to be parsed. A no is meant to be sure: missed are a subscript that
starts on one line and is assigned on another without an open bracket, and comments between a name
and its dot.
"""

import re

from tasks.extract.facts import MUTATORS

_CHANGE = re.compile(
    rf"(?<![=!<>])=(?!=)|\.\s*(?:{'|'.join(sorted(MUTATORS))})\b|\b(?:del|for|as|global)\b"
)
_NEXT = re.compile(r"\s*[.\[)]")


def may_change(text: str, name: str) -> bool:
    """Whether some line that goes on behind the name with `.` or `[` looks like a change."""
    position = text.find(name)
    while position >= 0:
        end = position + len(name)
        if _is_word(text, position, end) and _looks_like_change(text, position, end):
            return True
        position = text.find(name, end)
    return False


def _is_word(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (before.isalnum() or (before in {"_", "."} and before)) and not (
        after.isalnum() or after == "_"
    )


def _looks_like_change(text: str, start: int, end: int) -> bool:
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    line = text[line_start : line_end if line_end >= 0 else len(text)]
    if line.lstrip().startswith("global "):
        return True
    if not _NEXT.match(text, end):
        return False
    return bool(_CHANGE.search(line)) or _is_open(line)


def _is_open(line: str) -> bool:
    """Whether the statement goes on in the next line."""
    return line.endswith("\\") or any(
        line.count(left) > line.count(right) for left, right in ("()", "[]", "{}")
    )
