"""The answer of a sample: the program as it ran, less what only its old module needed.

`from __future__ import annotations` is left out where the annotations can be evaluated, or
there are none: it says nothing about what the function does. It stays where an annotation
names something that the program does not define (a forward reference, a name imported for
type checkers only), and where a class or the program itself might read annotations.
"""

import ast
import re
import warnings

from sandbox.parsing import parse_module

_FUTURE = re.compile(r"^from __future__ import annotations[ \t]*\n+", re.MULTILINE)
_READS_ANNOTATIONS = re.compile(r"\bclass\b|annotations__|get_type_hints|\binspect\b")
_GENERIC = frozenset({"dict", "frozenset", "list", "set", "tuple", "type"})
_SIMPLE = _GENERIC | {"bool", "bytearray", "bytes", "complex", "float", "int", "object", "str"}
"""Names that mean the same everywhere; only membership is asked of this set."""


def completion_of(program: str) -> str:
    """The program as an answer: it runs alone, and ends with one newline."""
    return without_future(program).strip("\n") + "\n"


def without_future(program: str) -> str:
    """The program without its future import of annotations, where nothing changes by that."""
    shorter = _FUTURE.sub("", program, count=1)
    if shorter == program or _READS_ANNOTATIONS.search(shorter):
        return program
    return shorter if all(map(_can_be_evaluated, _annotations(parse(program)))) else program


def parse(program: str) -> ast.Module:
    """The syntax tree; silent about doubtful escapes, which are the author's business."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return parse_module(program)


def _annotations(tree: ast.Module) -> list[ast.expr]:
    found: list[ast.expr | None] = []
    for node in ast.walk(tree):
        if isinstance(node, (ast.arg, ast.AnnAssign)):
            found.append(node.annotation)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found.append(node.returns)
    return [annotation for annotation in found if annotation is not None]


def _can_be_evaluated(annotation: ast.expr) -> bool:
    """Whether evaluating it needs builtin types only, combined in ways that they support."""
    match annotation:
        case ast.Constant():
            return True
        case ast.Name(id=name):
            return name in _SIMPLE
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            # None on both sides, or a string on one, has no `|`.
            return _is_type(left) and (_is_type(right) or _is_none(right))
        case ast.Subscript(value=ast.Name(id=name), slice=inner):
            items = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            return name in _GENERIC and all(map(_can_be_evaluated, items))
    return False


def _is_type(annotation: ast.expr) -> bool:
    return not isinstance(annotation, ast.Constant) and _can_be_evaluated(annotation)


def _is_none(annotation: ast.expr) -> bool:
    return isinstance(annotation, ast.Constant) and annotation.value is None
