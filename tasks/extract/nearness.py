"""Which statements of a file have to be parsed to see the calls of some functions in it.

Calls are looked for as text. Parsed are the statements around them, of a class only the members
around them, the imports, and assignments that those may refer to. A longer statement that only
might give a name another value is left out: then a seed is what the name was before.
"""

import ast
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise

from sandbox.parsing import parse_module
from tasks.extract.module import Kind
from tasks.extract.segments import Segment, Shape, cut

# An attribute, a call or an item of something: no value that is known beforehand.
_NO_LITERAL = re.compile(
    r"\s*(?:\)|\*|(?!(?:bool|bytes|complex|dict|float|frozenset|int|list|set|str|tuple)\b)"
    r"[^\W\d]\w*\s*[.(\[])"
)
_MEMBER = re.compile(r"\n([ \t]+)(?:async[ \t]|def[ \t]|@)")
_METHOD = re.compile(r"[ \t]*(?:async[ \t]|def[ \t]|@)")
_BROKEN = (SyntaxError, ValueError, RecursionError, MemoryError)
MAX_OTHER_CHARS = 1_000
"""Of a statement that has no calls and is neither import nor assignment."""


def lines_of_calls(text: str, names: Sequence[tuple[str, bool]]) -> list[int]:
    """Where functions may be called with literals, in order; a definition only looks like a call.

    Args:
        text: Of a file.
        names: Of functions, and whether their first argument is required.
    """
    starts: set[int] = set()
    for name, required in names:
        aliases = re.findall(rf"\b{name} as (\w+)", text) if f"{name} as " in text else []
        for called in {name, *aliases}:
            starts.update(_calls_of(text, called, required=required))
    lines, line, counted = [], 1, 0
    for start in sorted(starts):
        line += text.count("\n", counted, start)
        counted = start
        lines.append(line)
    return lines


def _calls_of(text: str, name: str, *, required: bool) -> Iterator[int]:
    for call in (f"{name}(", f"{name} ("):
        start = text.find(call)
        while start >= 0:
            end = start + len(call)
            before = text[start - 1 : start]
            if not (
                before.isalnum()
                or before == "_"
                or (required and _NO_LITERAL.match(text, end))
                or text.endswith("def ", 0, start)
            ):
                yield start
            start = text.find(call, end)


def statements_near(text: str, lines: Sequence[int]) -> Iterator[tuple[list[ast.stmt], list[int]]]:
    """Statements in the order of the file, with the lines in them, counted as their nodes count.

    What the running Python cannot parse is left out: extraction counts it, here it has no seeds.
    """
    for parts, near in _joined(_relevant(list(cut(text)), lines)):
        for part in parts:
            try:
                yield parse_module(part).body, near
            except _BROKEN:
                continue
            break


def _joined(parts: Iterable[tuple[Segment, list[int]]]) -> Iterator[tuple[list[str], list[int]]]:
    """Texts to parse, each with others to try where it does not parse.

    What has no calls and only gives names is put together: parsing many small texts is dear.
    """
    for near, group in groupby(parts, key=lambda part: bool(part[1])):
        if near:
            yield from (([*_thinned(segment, own), segment.text], own) for segment, own in group)
        else:
            yield ["\n".join(segment.text for segment, _ in group)], []


def _thinned(segment: Segment, lines: Sequence[int]) -> Iterator[str]:
    """The text of a class with empty lines instead of the methods without calls."""
    text = segment.text
    member = _MEMBER.search(text) if segment.kind is Kind.CLASS else None
    if member is None:
        return
    inner = re.finditer(rf"\n(?={member[1]}[^\s#)\]}}])", text)
    starts = [0, *(match.end() for match in inner)]
    decorator = f"{member[1]}@"
    cuts = [new for old, new in pairwise(starts) if not text.startswith(decorator, old)]
    pieces, line = [text[: cuts[0]]], 1 + text.count("\n", 0, cuts[0])
    for start, end in pairwise([*cuts, len(text)]):
        piece = text[start:end]
        height = piece.count("\n")
        at = bisect_left(lines, line)
        is_near = at < len(lines) and lines[at] <= line + height
        pieces.append(piece if is_near or not _METHOD.match(piece) else "\n" * height)
        line += height
    yield "".join(pieces)


def _relevant(
    segments: Sequence[Segment], lines: Sequence[int]
) -> Iterator[tuple[Segment, list[int]]]:
    """Segments with calls, the lines counted from their own start, and what those may refer to."""
    near = [_lines_within(segment, lines) for segment in segments]
    mentions = "\n".join(one.text for one, own in zip(segments, near, strict=True) if own)
    needed = [bool(own) for own in near]
    for at, segment in reversed(list(enumerate(segments))):
        if needed[at]:
            continue
        if segment.shape is Shape.ASSIGNMENT:
            needed[at] = segment.name in mentions
            mentions += segment.text if needed[at] else ""
        elif segment.shape is Shape.OTHER:
            needed[at] = len(segment.text) <= MAX_OTHER_CHARS
        else:
            needed[at] = segment.shape is Shape.IMPORT
    for segment, own, wanted in zip(segments, near, needed, strict=True):
        if wanted:
            yield segment, own


def _lines_within(segment: Segment, lines: Sequence[int]) -> list[int]:
    above = segment.line - 1
    last = segment.line + segment.text.count("\n")
    return [n - above for n in lines[bisect_left(lines, segment.line) : bisect_right(lines, last)]]
