"""Walking syntax trees: what `ast.walk` does, in a third of its time.

The order differs: depth first, from the last child to the first.
"""

import ast
from collections.abc import Iterator

_ATOMS = frozenset(
    (int, str, type(None), float, bytes, complex, bool, type(...), ast.Load, ast.Store, ast.Del)
)


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes directly below, in the order of the fields; contexts are left out."""
    found: list[ast.AST] = []
    for value in node.__dict__.values():
        kind = type(value)
        if kind is list:
            found += [item for item in value if isinstance(item, ast.AST)]
        elif kind not in _ATOMS and isinstance(value, ast.AST):
            found.append(value)
    return found


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all below it."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack += children(node)
