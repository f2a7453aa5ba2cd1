"""Branches of a program, and which ways out of them some arcs took."""

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Arc = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Branch:
    """A condition or a loop: its header's lines, and the first line of its body."""

    first: int
    last: int
    body: int


def branches_of(program: ast.AST) -> tuple[Branch, ...]:
    """If, while and for, in order. One whose body is on the header's line cannot be told apart."""
    found = []
    for node in ast.walk(program):
        if isinstance(node, (ast.If, ast.While, ast.For)):
            header = node.iter if isinstance(node, ast.For) else node.test
            branch = Branch(node.lineno, header.end_lineno or node.lineno, node.body[0].lineno)
            if branch.body > branch.last:
                found.append(branch)
    return tuple(sorted(found, key=lambda branch: (branch.first, branch.last)))


def exits_taken(branches: Sequence[Branch], arcs: Iterable[Arc]) -> int:
    """How many of the ways out, two for each branch, the arcs took: into the body, and past it."""
    taken = set(arcs)
    return sum(_taken(branch, taken) for branch in branches)


def _taken(branch: Branch, arcs: set[Arc]) -> int:
    ways = {
        end == branch.body
        for start, end in arcs
        if branch.first <= start <= branch.last and not branch.first <= end <= branch.last
    }
    return len(ways)
