"""The program in a model's answer, taken out as the field's harnesses do it.

`sanitized` follows EvalPlus 0.3.1: the longest run of lines that is Python, and of it the imports
and what the function needs. It finds definitions by Python's own parser and not by tree-sitter.
What a model wrote is only ever parsed here, never run.
"""

import ast
import re
from collections.abc import Iterator, Sequence

from sandbox.parsing import parse_module

MAX_LINES = 300
"""An answer is cut here: trying its lines takes time with the square of their number."""

_FENCED = re.compile(r"```[^\n`]*\n(.*?)(?:\n?```|\Z)", re.DOTALL)


def until(text: str, stops: Sequence[str]) -> str:
    """The text up to the first of the stop words."""
    found = [place for stop in stops if (place := text.find(stop)) >= 0]
    return text[: min(found)] if found else text


def first_block(text: str, entry: str) -> str:
    """The first fenced block that defines the function, else the first one, else all of it."""
    blocks: list[str] = _FENCED.findall(text)
    defines = re.compile(rf"^\s*(?:async\s+)?(?:def|class)\s+{re.escape(entry)}\b", re.MULTILINE)
    return next((block for block in blocks if defines.search(block)), (blocks or [text])[0])


def sanitized(text: str, entry: str) -> str:
    """EvalPlus's: imports, and the definitions that the function reaches, of the longest run."""
    lines = text.replace("\r\n", "\n").split("\n")
    code = longest_python("\n".join(lines[:MAX_LINES]))
    tree = _parsed(code)
    kept = "\n".join(_kept(tree, code, entry)).strip() if tree else ""
    return kept or code


def longest_python(text: str) -> str:
    """Of all runs of two lines or more that parse, the one with the most lines that are not empty.

    Of several the first. As in EvalPlus, a text without such a run gives its first line.
    """
    lines = text.split("\n")
    filled = [0]
    for line in lines:
        filled.append(filled[-1] + bool(line.strip()))
    spans = (
        (start - end_filled, first, last)
        for first, start in enumerate(filled[:-1])
        for last, end_filled in enumerate(filled[first + 2 :], first + 1)
        if end_filled > start
    )
    for _, first, last in sorted(spans):
        run = "\n".join(lines[first : last + 1])
        if _parsed(run) is not None:
            return run
    return lines[0]


def _parsed(code: str) -> ast.Module | None:
    try:
        return parse_module(code)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def _kept(tree: ast.Module, code: str, entry: str) -> Iterator[str]:
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    definitions: dict[str, ast.stmt] = {}
    for node in tree.body:
        if name := _defined(node):
            definitions.setdefault(name, node)
    reached = _reached(entry, definitions)
    for node in [*imports, *(node for name, node in definitions.items() if name in reached)]:
        yield ast.get_source_segment(code, node) or ""


def _defined(node: ast.stmt) -> str:
    """The name that a statement defines, if it is one that EvalPlus keeps.

    Functions that return nothing, and whatever has a decorator, it does not keep.
    """
    match node:
        case ast.ClassDef(name=name, decorator_list=[]):
            return name
        case (
            ast.FunctionDef(name=name, decorator_list=[])
            | ast.AsyncFunctionDef(name=name, decorator_list=[])
        ):
            returns = any(isinstance(inner, ast.Return) for inner in ast.walk(node))
            return name if returns else ""
        case ast.Assign(targets=[ast.Name(id=name), *_]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
    return ""


def _reached(entry: str, definitions: dict[str, ast.stmt]) -> set[str]:
    reached, queue = {entry}, [entry]
    while queue:
        node = definitions.get(queue.pop())
        new = set(_names(node)) - reached if node else set()
        reached |= new
        queue += sorted(new)
    return reached


def _names(node: ast.stmt) -> Iterator[str]:
    """Every identifier in a statement, of attributes too."""
    for inner in ast.walk(node):
        match inner:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                yield name
            case ast.keyword(arg=str(name)) | ast.alias(name=name):
                yield name
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
