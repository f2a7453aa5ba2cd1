"""What the text of a function already shows to be wrong with it, before anything is parsed.

Each answer is one that the rules would give too (`tasks.extract.rules`), or one that they would
have given next.
"""

import re
from collections.abc import Iterable, Iterator

from tasks.extract.module import Kind
from tasks.extract.rejection import RejectedError
from tasks.extract.rules import SAFE_DECORATORS, SELVES
from tasks.extract.segments import Segment, Shape
from tasks.records.configs import ExtractConfig
from tasks.records.drops import DropReason

_METHOD = re.compile(
    r"\n([ \t]+)@(?:static|class)method\b[^\n]*\n"
    r"(?:\1@[^\n]*\n|[ \t]*(?:#[^\n]*)?\n)*"
    r"\1(?P<head>def)[ \t]+(?P<name>\w+)",
    re.MULTILINE,
)
_DECORATOR = re.compile(r"^[ \t]*@[ \t]*([\w.]+)[ \t]*(?=[(#\n])", re.MULTILINE)
_OVERLOAD = re.compile(r"^@[ \t]*(?:\w+\.)*overload\b", re.MULTILINE)
_HEADER = re.compile(r"\s*(?:\[[^\]]*\]\s*)?\(\s*(?:(\w+)\s*[,:)=]|(\))|[*#])")
_RETURN = re.compile(r"\breturn\b[ \t]*(?!None[ \t]*(?:\n|#|$))[^\s#;]")


def survey(segments: Iterable[Segment], config: ExtractConfig) -> list[Segment]:
    """The functions among segments, methods after their class, each with what is wrong with it."""
    found: list[Segment] = []
    for segment in segments:
        if segment.shape is not Shape.DEFINITION or is_overload(segment):
            continue
        if segment.kind is Kind.CLASS:
            segment.methods = tuple(m for m in _methods(segment) if not is_overload(m))
            found += segment.methods
        else:
            found.append(segment)
    for function in found:
        function.refusal = next(_refusals(function, config), None)
    return found


def _methods(segment: Segment) -> Iterator[Segment]:
    """What looks like static and class methods in the text of a class; inner classes too."""
    text = segment.text
    if "@staticmethod" not in text and "@classmethod" not in text:
        return
    for match in _METHOD.finditer(text, segment.head):
        start = match.start(1)
        body = text[start : _end_of_method(text, match.end(), len(match[1]))]
        line = segment.line + text.count("\n", 0, start)
        head = match.start("head") - start
        yield Segment(
            body, line, head, Shape.DEFINITION, match["name"], Kind.FUNCTION, segment.name
        )


def _end_of_method(text: str, start: int, indent: int) -> int:
    """Where something starts that is not indented deeper, strings excepted."""
    for match in re.compile(rf"\n[ \t]{{0,{indent}}}[^\s#)\]}}]").finditer(text, start):
        if not any(text.count(quotes, start, match.start()) & 1 for quotes in ('"""', "'''")):
            return match.start()
    return len(text)


def is_overload(segment: Segment) -> bool:
    """Whether a definition only says what another one accepts."""
    return segment.head > 0 and _OVERLOAD.search(segment.text, 0, segment.head) is not None


def _refusals(segment: Segment, config: ExtractConfig) -> Iterator[RejectedError]:
    """The rules that a function is seen to break, in their order."""
    text, head, name = segment.text, segment.head, segment.name
    header = _HEADER.match(text, text.index(name, head + len("def")) + len(name))
    if header is None:
        return  # It does not look like Python: let the parser say so.
    if segment.kind is Kind.COROUTINE:
        yield RejectedError(DropReason.COROUTINE)
    if name.startswith("test_") or name == "test":
        yield RejectedError(DropReason.TEST_FUNCTION)
    for match in _DECORATOR.finditer(text, 0, head) if head else ():
        if match[1] not in SAFE_DECORATORS:
            yield RejectedError(DropReason.DECORATOR, match[1])
    yield from _signature(header, is_method=bool(segment.owner))
    if text.count("\n", head) > config.max_lines and _lines(text[head:]) > config.max_lines:
        yield RejectedError(DropReason.TOO_LONG)
    if not _RETURN.search(text, head) and text.find("yield", head) < 0:
        yield RejectedError(DropReason.NO_RETURN)


def _signature(header: re.Match[str], *, is_method: bool) -> Iterator[RejectedError]:
    if header[2]:
        yield RejectedError(DropReason.NO_PARAMETERS)
    if header[1] in SELVES and not is_method:
        yield RejectedError(DropReason.OBJECT_PARAMETER, header[1])


def _lines(text: str) -> int:
    """Lines up to the last that is neither blank nor a comment."""
    lines = text.split("\n")
    while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        lines.pop()
    return len(lines)
