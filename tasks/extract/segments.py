"""Cutting a file into its top-level statements without parsing it.

A statement starts where a line has no indent, and is no comment, closing bracket or `else`. What
only looks like one stands in a string, in brackets, or behind a backslash: an odd number of triple
quotes, or brackets that do not balance, make a segment be read token by token.

Not covered: a decorator or header that continues at column 0 inside brackets, unless the file is
cut `careful`ly, which reads all of it by tokens and is asked for where a segment does not parse.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from tasks.extract.module import Kind
from tasks.extract.rejection import RejectedError

_START = re.compile(r"\n(?<!\\\n)(?=[^\s#)\]},:])(?!(?:el(?:se|if)|except|finally)\b)")
_TOKEN = re.compile(
    r"#[^\n]*|'''(?:[^\\]|\\.)*?'''|" r'"""(?:[^\\]|\\.)*?"""|'
    r"'(?:[^'\\\n]|\\.)*'|" r'"(?:[^"\\\n]|\\.)*"|[()\[\]{}]',
    re.DOTALL,
)  # fmt: skip
_HEAD = re.compile(
    r"(?P<word>async\s+def|def|class|import|from|if|try|for|while|with|async|match)\b\s*(?P<name>\w*)"
    r"|(?P<target>[^\W\d]\w*)\s*(?::[^=\n]+)?=(?!=)(?![^\n\"'(\[{#=]*(?:\[[^\]\n]*\])?\s*=[^=])"
    r"|(?P<nothing>[\"'])"
)
_MAIN = re.compile(r"if\s+__name__\s*==\s*[\"']__main__[\"']\s*:")
_DEFINITIONS = {"def": Kind.FUNCTION, "class": Kind.CLASS}
_COMPOUND = frozenset(("if", "try", "for", "while", "with", "async", "match"))
_INNER_FUNCTION = re.compile(r"\n[ \t]+(?:async[ \t]+)?def\b")


_STARTS = ("def ", "def\t", "async ", "async\t")
_MARKS = ("\ndef ", "\ndef\t", "\nasync ", "\nasync\t", "staticmethod", "classmethod")
_COMPOUND_START = re.compile(r"\n(?:if|try|for|while|with|match)\b")


def may_have_functions(text: str) -> bool:
    """Whether any segment of a text may be a function or hold one that is looked at.

    That is one at column 0, a static or class method, or one inside a compound statement.
    """
    if "def" not in text:
        return False
    if text.startswith(_STARTS) or any(mark in text for mark in _MARKS):
        return True
    lines = f"\n{text}"
    return any(_may_hold_function(lines, one.end()) for one in _COMPOUND_START.finditer(lines))


def _may_hold_function(text: str, start: int) -> bool:
    end = _START.search(text, start)
    region = (start, end.end() if end else len(text))
    return bool(_INNER_FUNCTION.search(text, *region)) or _has_odd_quotes(text, *region)


class Shape(Enum):
    """What a segment is, as far as its first words say."""

    DEFINITION = auto()
    IMPORT = auto()
    ASSIGNMENT = auto()
    """Of one plain name, and nothing else in the segment."""
    NOTHING = auto()
    """It binds and changes nothing: a docstring, the main block."""
    OTHER = auto()


@dataclass(slots=True)
class Segment:
    """The text of one statement; several that share a line are one segment."""

    text: str
    line: int
    """Of the file, counted from 1, that it starts on: that of the first decorator."""
    head: int
    """Where `def` or `class` stands in its text."""
    shape: Shape
    name: str = ""
    kind: Kind = Kind.STATEMENT
    owner: str = ""
    """The class that a method stands in."""
    methods: "tuple[Segment, ...]" = ()
    """Of a class: what looks like its static and class methods."""
    refusal: RejectedError | None = None
    """What the text of a function shows to be wrong with it."""

    @property
    def has_functions(self) -> bool:
        """Whether a function may be defined inside a condition, a loop or the like."""
        return self.shape is Shape.OTHER and _INNER_FUNCTION.search(self.text) is not None

    @property
    def line_of_name(self) -> int:
        """The line of `def` or `class`."""
        return self.line + self.text.count("\n", 0, self.head)


def cut(text: str, *, careful: bool = False) -> Iterator[Segment]:
    """The segments of a text, in order; comments between them belong to the one above."""
    starts = [match.end() for match in _START.finditer(text)]
    if text[:1].strip() not in {"", "#"}:
        starts.insert(0, 0)
    starts.append(len(text))
    line, counted, at = 1, 0, 0
    while at < len(starts) - 1:
        start = head = starts[at]
        while text.startswith("@", head) and at < len(starts) - 2:
            at = _end(text, starts, at, careful=careful)
            head = starts[at]
        if at < len(starts) - 1:
            at = _end(text, starts, at, careful=careful)
        line += text.count("\n", counted, start)
        counted = start
        yield _segment(text[start : starts[at]], line, head - start)


def _end(text: str, starts: list[int], at: int, *, careful: bool) -> int:
    """The index of the start that ends the segment which starts at `starts[at]`."""
    start, end = starts[at], starts[at + 1]
    if not careful and not _is_doubtful(text, start, end):
        return at + 1
    depth, position = 0, start
    while at < len(starts) - 2:
        token = _TOKEN.search(text, position)
        if depth <= 0 and (token is None or token.start() >= starts[at + 1]):
            break
        if token is None:
            return len(starts) - 1
        depth += (token.group() in "([{") - (token.group() in ")]}")
        position = token.end()
        while at < len(starts) - 2 and (
            starts[at + 1] < position or (depth > 0 and starts[at + 1] == position)
        ):
            at += 1
    return at + 1


def _is_doubtful(text: str, start: int, end: int) -> bool:
    if _has_odd_quotes(text, start, end):
        return True
    if text.startswith(_BLOCKS, start):
        return False
    return (
        text.count("(", start, end) != text.count(")", start, end)
        or text.count("[", start, end) != text.count("]", start, end)
        or text.count("{", start, end) != text.count("}", start, end)
    )


def _has_odd_quotes(text: str, start: int, end: int) -> bool:
    return bool(text.count('"""', start, end) & 1 or text.count("'''", start, end) & 1)


_BLOCKS = ("def ", "class ", "async ", "if ", "import ", "@")


def _segment(text: str, line: int, head: int) -> Segment:
    match = _HEAD.match(text, head)
    if match is None:
        return Segment(text, line, head, Shape.OTHER)
    word, target = match["word"], match["target"]
    if match["nothing"]:
        return Segment(text, line, head, Shape.NOTHING)
    if target:
        shape = Shape.OTHER if ";" in text else Shape.ASSIGNMENT
        return Segment(text, line, head, shape, target)
    if word in {"import", "from"}:
        return Segment(text, line, head, Shape.IMPORT)
    if word in _COMPOUND:
        alone = _MAIN.match(text) and "\nel" not in text
        return Segment(text, line, head, Shape.NOTHING if alone else Shape.OTHER)
    kind = _DEFINITIONS.get(word, Kind.COROUTINE)
    return Segment(text, line, head, Shape.DEFINITION, match["name"], kind)
