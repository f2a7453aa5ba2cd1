"""Finding the parts of a text that is Python or JSON values, without parsing it.

Canonical literals, calls of them and JSON share what matters here: brackets nest, and
nothing inside quotes counts.
"""

import re

_STRING = r"""'[^'\\]*+(?:\\.[^'\\]*+)*+'|"[^"\\]*+(?:\\.[^"\\]*+)*+\""""
_TOKEN = re.compile(rf"{_STRING}|[\[({{]|[\])}}]|, |: ")
_FLAT = rf"""[\[({{](?:[^][(){{}}'"]++|{_STRING})*+[\])}}]"""
_FLAT_ITEM = re.compile(rf"""'(\w+)': ((?:[^][(){{}}'",]++|{_STRING}|{_FLAT})++)(?:, |}}$)""")
"""Name and literal of an argument that has no brackets within brackets."""

# Of these only membership is asked.
_OPENING = frozenset("[({")
_CLOSING = frozenset("])}")
_BETWEEN = frozenset((", ", ": "))


def split_arguments(arguments: str) -> dict[str, str]:
    """The literal of each argument by its name, from the canonical literal of their dict."""
    items: list[tuple[str, str]] = _FLAT_ITEM.findall(arguments)
    # Between items stand six characters, around all of them the brackets: if that adds up,
    # nothing was passed over.
    read = sum([len(name) + len(text) + 6 for name, text in items])
    return dict(items) if read == len(arguments) else _split_nested(arguments)


def _split_nested(arguments: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    start, depth, name = 1, 0, ""
    for match in _TOKEN.finditer(arguments, 1, len(arguments) - 1):
        piece = match[0]
        if piece in _OPENING:
            depth += 1
        elif piece in _CLOSING:
            depth -= 1
        elif depth == 0 and piece in _BETWEEN:
            end, text = match.end(), arguments[start : match.start()]
            if piece == ": ":
                # Names of parameters are identifiers: between the quotes nothing is escaped.
                name = text[1:-1]
            else:
                parts[name] = text
            start = end
    if name:
        parts[name] = arguments[start:-1]
    return parts


def holds_set_of_many(literal: str) -> bool:
    """Whether a set of more than one element is anywhere in the value."""
    # For each open bracket: whether it may still turn out to be a set.
    doubtful: list[bool] = []
    for match in _TOKEN.finditer(literal):
        piece = match[0]
        if piece in _OPENING:
            doubtful.append(piece == "{")
        elif piece in _CLOSING:
            doubtful.pop()
        elif piece in _BETWEEN and doubtful and doubtful[-1]:
            if piece == ", ":
                return True
            doubtful[-1] = False
    return False


def split_at(text: str, separator: str) -> list[str]:
    """The parts of the text between separators outside of quotes and brackets."""
    parts: list[str] = []
    start = 0
    while (end := find_outside(text, start, separator)) >= 0:
        parts.append(text[start:end])
        start = end + len(separator)
    return [*parts, text[start:]]


def find_outside(text: str, start: int, sought: str) -> int:
    """Where `sought` first stands outside of quotes and brackets, or -1."""
    depth, at = 0, start
    while at < len(text):
        if depth == 0 and text.startswith(sought, at):
            return at
        match = _TOKEN.match(text, at)
        piece = match[0] if match else text[at]
        depth += (piece in _OPENING) - (piece in _CLOSING)
        if depth < 0:
            return -1
        at += len(piece)
    return -1
