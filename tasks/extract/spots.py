"""Where annotations stand in a block, and how to cut one out without harm."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.parsing import parse_expression
from tasks.extract.facts import all_arguments
from tasks.extract.module import Block
from tasks.extract.source_text import Edit, SourceText
from tasks.programs.trees import walk

_EQUALS = re.compile(rb"\s*=\s*")


@dataclass(frozen=True, slots=True)
class Spot:
    """One annotation."""

    annotation: ast.expr
    removal: Edit


def spots_of(block: Block) -> Iterator[Spot]:
    """Every annotation in a block, those of nested definitions included."""
    if not block.facts.annotated:
        return
    nodes = list(walk(block.node))
    classes = (node for node in nodes if isinstance(node, ast.ClassDef))
    fields = {id(inner) for node in classes for inner in node.body}
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _of_signature(node, block.text)
        elif isinstance(node, ast.AnnAssign):
            bare = node.value is None or id(node) in fields
            yield Spot(node.annotation, _of_variable(node, block.text, bare=bare))


def _of_signature(node: ast.FunctionDef | ast.AsyncFunctionDef, text: SourceText) -> Iterator[Spot]:
    for argument in all_arguments(node.args):
        if argument.annotation:
            yield Spot(argument.annotation, _of_argument(argument, argument.annotation, text))
    if node.returns:
        arrow = text.data.rindex(b"->", 0, text.start(node.returns))
        start = len(text.data[:arrow].rstrip())
        yield Spot(node.returns, Edit(start, text.end(node.returns)))


def _of_argument(argument: ast.arg, annotation: ast.expr, text: SourceText) -> Edit:
    start, end = text.start(argument) + len(argument.arg.encode()), text.end(annotation)
    equals = _EQUALS.match(text.data, end)
    return Edit(start, equals.end(), b"=") if equals else Edit(start, end)


def _of_variable(node: ast.AnnAssign, text: SourceText, *, bare: bool) -> Edit:
    """A field or a declaration needs some annotation to stay what it is."""
    if bare:
        return Edit(text.start(node.annotation), text.end(node.annotation), b"object")
    return Edit(text.end(node.target), text.end(node.annotation))


def names_in(annotation: ast.expr) -> set[str]:
    """Names that an annotation uses, those inside of strings included (`Literal` excepted).

    Raises:
        SyntaxError: A string in it is not an expression.
    """
    names: set[str] = set()
    stack: list[ast.AST] = [annotation]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            stack.append(parse_expression(node.value.strip()).body)
        elif isinstance(node, ast.Subscript) and _is_literal(node.value):
            stack.append(node.value)
        else:
            stack += ast.iter_child_nodes(node)
    return names


def _is_literal(node: ast.expr) -> bool:
    return getattr(node, "attr", getattr(node, "id", "")) in {"Literal", "Annotated"}
