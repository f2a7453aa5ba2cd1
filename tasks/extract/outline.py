"""From the segments of a file to the table of its names, parsing only what cannot wait.

Definitions and assignments of a plain name are parsed when something asks for them; imports are
read by their words; conditions, loops, calls and other statements are parsed, since they may bind
or change any name. A statement that the running Python cannot parse makes every word in it
unusable, and nothing else.
"""

import ast
import re
from collections.abc import Callable, Iterable

from sandbox.parsing import parse_module
from tasks.extract.glance import is_overload
from tasks.extract.methods import free_method
from tasks.extract.module import Block, Imported, Kind, Module
from tasks.extract.reading import Reader, bind_import, imports_of
from tasks.extract.segments import Segment, Shape
from tasks.extract.source_text import SourceText

BROKEN = (SyntaxError, ValueError, RecursionError, MemoryError)
"""What the parser raises for a text that it does not take."""

_FROM = re.compile(r"from\s+([\w.]+|\.+\s*\w[\w.]*|\.+)\s*\bimport\b")
_COMMENT = re.compile(r"#[^\n]*|\\\n")
_WORD = re.compile(r"\w+")
_INDENT = re.compile(r"\n( +)([^\s#])")
_PLAIN_ITEM = re.compile(r"([\w.]+|\*)(?:\s+as\s+(\w+))?")


class Broken(Exception):  # noqa: N818 - not an error: a question for a more careful cut
    """A segment does not parse: perhaps it was cut in the wrong place."""


def outline(text: str, segments: Iterable[Segment], *, final: bool) -> Module:
    """The table of names of a file, from segments that were surveyed.

    Raises:
        Broken: A segment does not parse, and `final` does not say to go on without it.
    """
    module = Module(SourceText(text))
    for segment in segments:
        if segment.shape is Shape.DEFINITION:
            _add_definition(segment, module)
        elif segment.shape is Shape.IMPORT:
            for imported in _imports(segment):
                bind_import(module, imported)
        elif segment.shape is not Shape.NOTHING:
            _add_statement(segment, module, final=final)
    return module


def _view(segment: Segment, module: Module) -> SourceText:
    return module.text.below(segment.line - 1)


def _add_definition(segment: Segment, module: Module) -> None:
    if is_overload(segment):
        return
    make = _only_statement(segment.text)
    module.bind(segment.name, _add(segment, module, _view(segment, module), make))
    for method in segment.methods:
        # Its line 1 is the `if` that it is parsed under.
        text = module.text.below(method.line - 2)
        _add(method, module, text, _method_of(method))


def _add(segment: Segment, module: Module, text: SourceText, make: Callable[[], ast.stmt]) -> Block:
    return module.add(
        segment.kind,
        segment.name,
        text,
        segment.line_of_name,
        make,
        owner=segment.owner,
        raw=segment.text,
        refusal=segment.refusal,
    )


def _only_statement(text: str) -> Callable[[], ast.stmt]:
    return lambda: parse_module(text).body[0]


def _method_of(segment: Segment) -> Callable[[], ast.stmt]:
    """Parse a method without its class."""

    def make() -> ast.stmt:
        block = parse_module(f"if 1:\n{segment.text}").body[0]
        method = free_method(block.body[0]) if isinstance(block, ast.If) else None
        if method is None:
            raise NotAMethodError
        return method

    return make


def method_in_class(module: Module, block: Block) -> ast.FunctionDef:
    """Look at the class itself for a method that was only cut out so far.

    Raises:
        NotAMethodError: It is none of this class.
    """
    classes = (other for other in module.blocks if other.name == block.owner and not other.owner)
    for other in classes:
        if _is_plain_member(other.raw or "", block) and isinstance(block.node, ast.FunctionDef):
            return block.node
        for inner in other.node.body if isinstance(other.node, ast.ClassDef) else ():
            method = free_method(inner)
            if method is not None and other.text.line(method) == block.line:
                return method
    raise NotAMethodError


def _is_plain_member(text: str, block: Block) -> bool:
    """Whether the text of a class shows that a method stands directly in it, whole.

    Nothing is indented less, no string is open there, and no decorator stands above what was cut
    out. A no means that it is not sure.
    """
    start = text.find(block.raw or text)
    if start < 0 or "\t" in text:
        return False
    if any(text.count(quotes, 0, start) & 1 for quotes in ('"""', "'''")):
        return False
    own = text[start : len(text) - len(text[start:].lstrip(" "))]
    above = [first for indent, first in _INDENT.findall(text, 0, start) if indent == own]
    least = min((len(indent) for indent, _ in _INDENT.findall(text)), default=0)
    return len(own) == least and not (above and above[-1] in "@)]}")


class NotAMethodError(Exception):
    """What looked like a method stands in a string or in an inner class."""


def _add_statement(segment: Segment, module: Module, *, final: bool) -> None:
    text = _view(segment, module)
    if segment.shape is Shape.ASSIGNMENT:
        make = _only_statement(segment.text)
        block = module.add(Kind.STATEMENT, "", text, segment.line, make, raw=segment.text)
        module.bind(segment.name, block)
        return
    try:
        Reader(module, text).add_all(parse_module(segment.text).body)
    except BROKEN as error:
        if not final:
            raise Broken from error
        module.broken.update(_WORD.findall(segment.text))


def _imports(segment: Segment) -> Iterable[Imported]:
    """What an import binds, by its words; by the parser where they are not plain."""
    plain = segment.text
    if "#" in plain or "\\" in plain:
        plain = _COMMENT.sub(" ", plain)
    match = _FROM.match(plain)
    source = match[1].replace(" ", "") if match else ""
    listed = plain[match.end() :] if match else plain.removeprefix("import")
    pairs = _pairs(listed.strip("() \t\n").rstrip(", \n"))
    if pairs is None or not (match or plain.startswith("import")):
        nodes = parse_module(segment.text).body
        imports = (node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom))
        return [item for node in imports for item in imports_of(node)]
    if not match:
        return [Imported(a or n.partition(".")[0], n, aliased=a is not None) for n, a in pairs]
    if source == "__future__":
        return []
    return [Imported(alias or name, source, name) for name, alias in pairs]


def _pairs(listed: str) -> list[tuple[str, str | None]] | None:
    """Names and what they are called here; None where the list is not plain."""
    pairs: list[tuple[str, str | None]] = []
    for item in listed.split(","):
        name = item.strip()
        if name.isidentifier():
            pairs.append((name, None))
            continue
        match = _PLAIN_ITEM.fullmatch(name)
        if match is None:
            return None
        pairs.append((match[1], match[2]))
    return pairs
