"""Finding the parts of a text that is Python or JSON values, without parsing it.

Canonical literals, calls of them and JSON share what matters here: brackets nest, and
nothing inside quotes counts.
"""

import re
from collections.abc import Iterator

_TOKEN = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[\[({]|[\])}]|, |: """)


def split_arguments(arguments: str) -> dict[str, str]:
    """The literal of each argument by its name, from the canonical literal of their dict."""
    parts: dict[str, str] = {}
    start, name = 1, ""
    for piece, at in _separators(arguments[:-1], 1):
        if piece == ": ":
            # Names of parameters are identifiers: between the quotes nothing is escaped.
            name = arguments[start + 1 : at - 1]
        else:
            parts[name] = arguments[start:at]
        start = at + 2
    if start > 1:
        parts[name] = arguments[start:-1]
    return parts


def _separators(text: str, start: int) -> Iterator[tuple[str, int]]:
    """Each `, ` and `: ` outside of quotes and brackets, with its position."""
    depth = 0
    for match in _TOKEN.finditer(text, start):
        piece = match[0]
        if piece in ", : ":
            if depth == 0:
                yield piece, match.start()
        elif piece in "[({":
            depth += 1
        elif piece in "])}":
            depth -= 1


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
        depth += (piece in "[({") - (piece in "])}")
        if depth < 0:
            return -1
        at += len(piece)
    return -1
