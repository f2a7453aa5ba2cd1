"""Uses of modules that no program may import, seen in the text of a function.

A symbol table is what tells for sure; it costs many times as much, and most functions that need it
only to be thrown out say `np.zeros(` or `Tensor(` in a plain statement. Asked here is whether a
name is surely read from the module: nowhere does it stand as something that could be bound, and
once it stands in a statement, outside of strings and comments. A no means that it is not sure.
"""

import re

_HEADER_ENDS = re.compile(r"\)[^\n()]*:[ \t]*(?:#[^\n]*)?\n")
_NO_STATEMENT = re.compile(r"[\"'#:]")
_BEFORE_USES = ("->", ":", "|", "raise", "except")
_DEFINERS = ("def", "class")


def is_surely_read(text: str, name: str) -> bool:
    """Whether the text of a function reads a name that its module has, and does not bind it."""
    is_read = False
    position = text.find(name)
    if position < 0 or "import " in text or "lambda" in text:
        return False
    while position >= 0:
        end = position + len(name)
        before, after = text[position - 1], text[end : end + 1]
        if not (before.isalnum() or before in "_." or after.isalnum() or after == "_"):
            line = text[text.rfind("\n", 0, position) + 1 : position]
            if not _is_use(line, after):
                return False
            is_read = is_read or _is_in_statement(text, position, line)
        position = text.find(name, end)
    return is_read


def _is_use(before: str, after: str) -> bool:
    """Whether a name between these cannot be bound there."""
    if after == ".":
        return True
    word = before.rstrip()
    if after == "(":
        return not word.endswith(_DEFINERS)
    return word.endswith(_BEFORE_USES) or "isinstance(" in before


def _is_in_statement(text: str, position: int, line: str) -> bool:
    header = _HEADER_ENDS.search(text)
    if header is None or position < header.end() or _NO_STATEMENT.search(line):
        return False
    return not any(text.count(quotes, 0, position) & 1 for quotes in ('"""', "'''"))
