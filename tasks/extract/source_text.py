"""Cutting pieces out of a source text by the positions that the parser gives."""

import ast
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from tasks.programs.trees import walk

_COMMENT = re.compile(rb"[ \t]*#.*\n")
_LETTER = re.compile(rb"[A-Za-z\x80-\xff]")
_NO_PROSE = re.compile(
    rb"^[ \t]*#[ ]*[-=#*~]{3}|coding[:=]|#!|pylint|noqa|type:|flake8|pragma|mypy|fmt:"
    rb"|copyright|license",
    re.IGNORECASE | re.MULTILINE,
)
MAX_COMMENT_LINES = 6
"""More comment than this above a statement is about more than the statement."""


class Edit(NamedTuple):
    """Replace the bytes from `start` to `end`."""

    start: int
    end: int
    text: bytes = b""


class _Lines:
    """What all views of a text share."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def data(self) -> bytes:
        return self._text.encode()

    @cached_property
    def starts(self) -> list[int]:
        """Where each line starts, and where the text ends."""
        ends = accumulate(map(len, self.data.split(b"\n")))
        starts = [end + breaks for breaks, end in enumerate(ends, 1)]
        starts[-1] = len(self.data)
        starts.insert(0, 0)
        return starts


class SourceText:
    """A text, addressed as `ast` does: lines from 1, columns in bytes of UTF-8.

    A part of it that was parsed on its own counts lines from its own start: `below` gives the view
    that such positions are good for. Encoding and lines are made when they are first asked for.
    """

    def __init__(self, text: str) -> None:
        self._lines = _Lines(text)
        self.lines_above = 0

    def below(self, lines: int) -> "SourceText":
        """The same text for positions that count from the line after so many lines."""
        view = SourceText.__new__(SourceText)  # `copy` costs more than all else here
        view._lines = self._lines  # noqa: SLF001 - of its own class
        view.lines_above = lines
        return view

    @property
    def data(self) -> bytes:
        """The whole text, encoded."""
        return self._lines.data

    @property
    def _starts(self) -> list[int]:
        return self._lines.starts

    def line(self, node: ast.stmt) -> int:
        """The line of the whole text that a node starts on (`def`, not a decorator)."""
        return node.lineno + self.lines_above

    def _end_line(self, node: ast.expr | ast.stmt | ast.arg) -> int:
        return (node.end_lineno or node.lineno) + self.lines_above

    def offset(self, line: int, column: int) -> int:
        """Bytes from the start of the text."""
        return self._starts[line - 1 + self.lines_above] + column

    def start(self, node: ast.expr | ast.stmt | ast.arg) -> int:
        """Where a node starts; a decorated definition starts with its first decorator."""
        decorators = getattr(node, "decorator_list", None)
        if decorators:
            return self.decorator(decorators[0])
        return self.offset(node.lineno, node.col_offset)

    def decorator(self, node: ast.expr) -> int:
        """Where the `@` of a decorator stands."""
        return self.data.rindex(b"@", 0, self.offset(node.lineno, node.col_offset))

    def end(self, node: ast.expr | ast.stmt | ast.arg) -> int:
        """Where a node ends."""
        return self.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def text_of(self, node: ast.expr) -> str:
        """The source of an expression."""
        return self.data[self.start(node) : self.end(node)].decode()

    def statement(self, node: ast.stmt, edits: Iterable[Edit] = ()) -> str:
        """A statement with the comment above it and the one behind it, edited, then dedented."""
        start, end = self.start(node), self._with_trailing_comment(node)
        start = self._with_comment_above(start, node.col_offset)
        edits = [*edits, *self._dedents(node, start, end), *self._elif(node)]
        pieces, position = [], start
        for edit in sorted(edits):
            pieces += [self.data[position : edit.start], edit.text]
            position = max(position, edit.end)
        pieces.append(self.data[position:end])
        return b"".join(pieces).decode().strip(" \t\n")

    def _elif(self, node: ast.stmt) -> Iterator[Edit]:
        """An `elif` that is cut out is an `if`."""
        start = self.start(node)
        if self.data.startswith(b"elif", start):
            yield Edit(start, start + len(b"elif"), b"if")

    def lines_of(self, node: ast.stmt) -> tuple[int, int]:
        """First and last line, the comment above included."""
        start = self._with_comment_above(self.start(node), node.col_offset)
        first = self._line(start)
        return first, self._end_line(node)

    def _line(self, offset: int) -> int:
        return bisect_right(self._starts, offset)

    def _with_trailing_comment(self, node: ast.stmt) -> int:
        end = self.end(node)
        line_end = self._starts[self._end_line(node)]
        rest = self.data[end:line_end]
        return end + len(rest.rstrip()) if rest.lstrip().startswith(b"#") else end

    def _with_comment_above(self, start: int, column: int) -> int:
        """The start of the comment lines directly above `start`, if they are prose and few."""
        line = self._line(start) - 1
        if start != self._starts[line] + column:
            return start
        first = line
        while first and _COMMENT.fullmatch(self.data, self._starts[first - 1], self._starts[first]):
            first -= 1
        comment = self.data[self._starts[first] : self._starts[line]]
        if first == 0 or line - first > MAX_COMMENT_LINES:
            return start
        if _NO_PROSE.search(comment) or not _LETTER.search(comment):
            return start
        return self._starts[first]

    def _dedents(self, node: ast.stmt, start: int, end: int) -> list[Edit]:
        """Edits that take the indent off each line that does not start inside a string."""
        line_start = self.offset(node.lineno, 0)
        indent = self.data[line_start : line_start + node.col_offset]
        if not indent or indent.strip():
            return []
        inside = _lines_inside_strings(node)
        edits = []
        for line in range(self._line(start), self._line(end) + 1):
            position = self._starts[line - 1]
            if line - self.lines_above not in inside and self.data.startswith(indent, position):
                edits.append(Edit(position, position + len(indent)))
        return edits


def _lines_inside_strings(node: ast.stmt) -> set[int]:
    """Lines that start inside a string, docstrings excepted: there the indent is only layout."""
    docstrings = {
        id(inner.body[0].value)
        for inner in walk(node)
        if isinstance(inner, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)
        and isinstance(inner.body[0], ast.Expr)
    }
    lines: set[int] = set()
    for inner in walk(node):
        if isinstance(inner, ast.Constant | ast.JoinedStr) and id(inner) not in docstrings:
            lines.update(range(inner.lineno + 1, (inner.end_lineno or inner.lineno) + 1))
    return lines
