"""Mutants: programs that differ from a function in one small place, as a mistake would.

Covered: operators, comparisons, conditions, constants, bounds that are off by one, statements
left out, and builtins and methods put in place of their neighbours, anywhere in the functions of
a program. A mutant is the text of the program with one piece replaced, so that its lines are the
program's lines.

Not covered: f-strings (until Python 3.12 their parts have no sound positions), annotations,
defaults, decorators and what stands outside of functions; and whether a mutant behaves in
another way at all, which only running it can tell.

Source of the operators: DeMillo, Lipton and Sayward, "Hints on test data selection" (1978), as
mutmut and cosmic-ray have them for Python.
"""

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from sandbox.parsing import parse_module
from tasks.programs.trees import children

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A program with one small change."""

    kind: str
    """What was changed: `compare`, `operator`, `constant`, ..."""
    line: int
    source: str


@dataclass(frozen=True, slots=True)
class _Change:
    """Bytes of the source, from `start` to `end`, and what to put there."""

    kind: str
    line: int
    start: int
    end: int
    text: str


class _Text:
    """The source as the positions of its tree count it: by line, in bytes."""

    def __init__(self, source: str) -> None:
        self.raw = source.encode()
        self._starts = [0]
        for line in self.raw.split(b"\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)

    def start(self, node: ast.expr | ast.stmt) -> int:
        return self._starts[node.lineno - 1] + node.col_offset

    def end(self, node: ast.expr | ast.stmt) -> int:
        line, column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return self._starts[line - 1] + column

    def of(self, node: ast.expr | ast.stmt) -> str:
        return self.raw[self.start(node) : self.end(node)].decode()

    def with_change(self, change: _Change) -> str:
        return (self.raw[: change.start] + change.text.encode() + self.raw[change.end :]).decode()


def mutants(program: str, most: int, rng: Random) -> list[Mutant]:
    """At most `most` mutants, drawn so that every kind of change has its turn.

    Raises:
        SyntaxError: The running Python cannot parse the program.
    """
    text = _Text(program)
    changes = _distinct(_changes(parse_module(program), text))
    return [
        Mutant(change.kind, change.line, text.with_change(change))
        for change in _drawn(changes, most, rng)
    ]


def _distinct(changes: Iterator[_Change]) -> list[_Change]:
    return list(dict.fromkeys(changes))


def _drawn(changes: Sequence[_Change], most: int, rng: Random) -> list[_Change]:
    """Of each kind one, then of each kind a second one, and so on, in a drawn order."""
    turns: dict[str, int] = {}
    ranked: list[tuple[int, int, _Change]] = []
    for place, change in enumerate(rng.sample(changes, len(changes))):
        turns[change.kind] = turns.get(change.kind, -1) + 1
        ranked.append((turns[change.kind], place, change))
    ranked.sort(key=lambda one: one[:2])
    return [change for _, _, change in ranked[:most]]


def _changes(tree: ast.Module, text: _Text) -> Iterator[_Change]:
    """Every change to a function of the program, in no particular but the same order."""
    for node in _inside(tree):
        for kind, make in _MAKERS.get(type(node), ()):
            for start, end, new in make(node, text):
                if text.raw[start:end] != new.encode():
                    yield _Change(kind, getattr(node, "lineno", 0), start, end, new)


def _inside(tree: ast.Module) -> Iterator[ast.AST]:
    """The nodes in the bodies of functions and methods."""
    stack: list[tuple[ast.AST, bool]] = [(tree, False)]
    while stack:
        node, within = stack.pop()
        if within:
            yield node
        if isinstance(node, _FUNCTIONS):
            stack += [(one, True) for one in _without_docstring(node.body)]
        elif isinstance(node, ast.AnnAssign):
            stack += [(node.value, within)] if node.value else []
        elif not isinstance(node, ast.JoinedStr):
            stack += [(child, within) for child in children(node)]


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    match body[0]:
        case ast.Expr(value=ast.Constant(value=str())):
            return body[1:]
    return body


Piece = tuple[int, int, str]
"""Start, end and the new text."""

_Maker = Callable[..., Iterator[Piece]]


def _swapped_between(
    pairs: Mapping[str, str], left: ast.expr, right: ast.expr, text: _Text
) -> Iterator[Piece]:
    """The operator between two expressions, replaced by the one that the pairs give for it."""
    start, end = text.end(left), text.start(right)
    between = text.raw[start:end].decode()
    if "#" not in between:
        found = re.match(r"[\s)\\]*(not\s+in|is\s+not|\w+|[^\w\s()\\]+)", between)
        new = pairs.get(" ".join(found[1].split())) if found else None
        if found and new is not None:
            raw = between[: found.start(1)] + new + between[found.end(1) :]
            yield start, end, raw


_COMPARISONS = {
    "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==",
    "in": "not in", "not in": "in", "is": "is not", "is not": "is",
}  # fmt: skip
_OPERATORS = {
    "+": "-", "-": "+", "*": "+", "/": "*", "//": "/", "%": "//", "**": "*",
    "&": "|", "|": "&", "^": "|", "<<": ">>", ">>": "<<",
}  # fmt: skip
_BOOLEANS = {"and": "or", "or": "and"}


def _compare(node: ast.Compare, text: _Text) -> Iterator[Piece]:
    operands = [node.left, *node.comparators]
    for left, right in pairwise(operands):
        yield from _swapped_between(_COMPARISONS, left, right, text)


def _operator(node: ast.BinOp, text: _Text) -> Iterator[Piece]:
    yield from _swapped_between(_OPERATORS, node.left, node.right, text)


def _boolean(node: ast.BoolOp, text: _Text) -> Iterator[Piece]:
    # One side left out: with more than two, another operator would bind in another way.
    start, end = text.start(node), text.end(node)
    for gone in range(len(node.values)):
        kept = [one for at, one in enumerate(node.values) if at != gone]
        word = " and " if isinstance(node.op, ast.And) else " or "
        yield start, end, "(" + word.join(f"({text.of(one)})" for one in kept) + ")"
    if len(node.values) == 2:  # noqa: PLR2004 - the two sides of one operator
        left, right = node.values
        yield from _swapped_between(_BOOLEANS, left, right, text)


def _unary(node: ast.UnaryOp, text: _Text) -> Iterator[Piece]:
    yield text.start(node), text.end(node), f"({text.of(node.operand)})"


def _negated(test: ast.expr, text: _Text) -> Iterator[Piece]:
    yield text.start(test), text.end(test), f"(not ({text.of(test)}))"


def _condition(node: ast.If | ast.IfExp, text: _Text) -> Iterator[Piece]:
    yield from _negated(node.test, text)


def _comprehension(node: ast.comprehension, text: _Text) -> Iterator[Piece]:
    for test in node.ifs:
        yield text.start(test), text.end(test), "True"


_LARGE = 10**15
"""From here on a float does not change by adding 1, and an int is no count."""


def _constant(node: ast.Constant, text: _Text) -> Iterator[Piece]:
    start, end = text.start(node), text.end(node)
    match node.value:
        case bool():
            yield start, end, str(not node.value)
        case int() | float() if abs(node.value) < _LARGE:
            yield start, end, f"({node.value + 1!r})"
            if node.value:
                yield start, end, f"({node.value - 1!r})"
        case str():
            yield start, end, "''" if node.value else "'X'"


def _bound(node: ast.Slice, text: _Text) -> Iterator[Piece]:
    for edge in (node.lower, node.upper):
        if edge is not None and not isinstance(edge, ast.Constant):
            yield text.start(edge), text.end(edge), f"({text.of(edge)}) + 1"


def _index(node: ast.Subscript, text: _Text) -> Iterator[Piece]:
    if isinstance(node.slice, ast.BinOp) and isinstance(node.slice.op, ast.Add | ast.Sub):
        yield text.start(node.slice), text.end(node.slice), text.of(node.slice.left)


def _call(node: ast.Call, text: _Text) -> Iterator[Piece]:
    match node.func:
        case ast.Name(id="range"):
            for bound in node.args[:2]:
                if not isinstance(bound, ast.Starred):
                    yield text.start(bound), text.end(bound), f"({text.of(bound)}) + 1"
        case ast.Name(id=name) if name in _NEIGHBOURS:
            yield text.start(node.func), text.end(node.func), _NEIGHBOURS[name]
        case ast.Attribute(attr=name) if name in _METHODS:
            end = text.end(node.func)
            yield end - len(name.encode()), end, _METHODS[name]


_NEIGHBOURS = {
    "abs": "int", "all": "any", "any": "all", "max": "min", "min": "max", "reversed": "list",
    "set": "list", "sorted": "list",
}  # fmt: skip
_METHODS = {
    "append": "remove", "capitalize": "title", "casefold": "upper", "endswith": "startswith",
    "find": "rfind", "index": "count", "items": "keys", "isalnum": "isalpha",
    "isalpha": "isalnum", "isdigit": "isalnum", "isspace": "isalpha", "keys": "values",
    "ljust": "rjust", "lower": "upper", "lstrip": "strip", "partition": "rpartition",
    "rfind": "find", "rjust": "ljust", "rpartition": "partition", "rsplit": "split",
    "rstrip": "strip", "startswith": "endswith", "strip": "rstrip", "upper": "lower",
    "values": "keys",
}  # fmt: skip


def _left_out(node: ast.stmt, text: _Text) -> Iterator[Piece]:
    yield text.start(node), text.end(node), "pass"


def _augmented(node: ast.AugAssign, text: _Text) -> Iterator[Piece]:
    yield from _left_out(node, text)
    start, end = text.end(node.target), text.start(node.value)
    yield start, end, " = "


_MAKERS: Mapping[type[ast.AST], Sequence[tuple[str, _Maker]]] = {
    ast.Compare: [("compare", _compare)],
    ast.BinOp: [("operator", _operator)],
    ast.BoolOp: [("boolean", _boolean)],
    ast.UnaryOp: [("unary", _unary)],
    ast.If: [("condition", _condition)],
    ast.IfExp: [("condition", _condition)],
    ast.comprehension: [("condition", _comprehension)],
    ast.Constant: [("constant", _constant)],
    ast.Slice: [("bound", _bound)],
    ast.Subscript: [("bound", _index)],
    ast.Call: [("call", _call)],
    ast.AugAssign: [("statement", _augmented)],
    ast.Expr: [("statement", _left_out)],
    ast.Break: [("statement", _left_out)],
    ast.Continue: [("statement", _left_out)],
}
"""For each kind of node the changes to it. Plain assignments stay: without one, nearly every
program ends in a NameError, which any case would show."""
