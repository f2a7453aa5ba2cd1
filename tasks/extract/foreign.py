"""Uses of modules that no program may import, seen in the text of a function.

A symbol table is what tells for sure; it costs thirty times as much, and most functions that need
it only to be thrown out say `np.` or `torch.` in a plain statement. Asked here is whether a name
is surely read from the module: each time it stands there as a word an attribute follows, so that
nothing binds it, and one of these is in a statement, outside of strings and comments. A no means
that it is not sure.
"""

import re

_STATEMENT = re.compile(r"[ \t]+(?:(?:return|if|elif|while|for \w+ in)\b|\w+ =)[^\"'#:]*")


def is_surely_read(text: str, name: str) -> bool:
    """Whether the text of a function reads a name of its module and then an attribute of it."""
    if f"{name}." not in text or "import " in text:
        return False
    is_read = False
    position = text.find(name)
    while position >= 0:
        end = position + len(name)
        before, after = text[position - 1], text[end : end + 1]
        if not (before.isalnum() or before in "_." or after.isalnum() or after == "_"):
            if after != ".":
                return False
            is_read = is_read or _is_in_statement(text, position)
        position = text.find(name, end)
    return is_read


def _is_in_statement(text: str, position: int) -> bool:
    if not _STATEMENT.fullmatch(text, text.rfind("\n", 0, position) + 1, position):
        return False
    return not any(text.count(quotes, 0, position) & 1 for quotes in ('"""', "'''"))
