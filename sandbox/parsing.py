"""`ast.parse` that threads may call at the same time.

CPython 3.11 counts the depth of the tree it builds in one place for all threads, and the
garbage collector can run another's code in the middle: two trees built at once, or a
traceback formatted by a finaliser, end in a SystemError about a depth mismatch
(python/cpython#106905). So: one at a time, and once more where it happens all the same.
"""

import ast
import threading
from typing import cast

ATTEMPTS = 3

# Reentrant: what the garbage collector runs in the middle may parse too.
_one_at_a_time = threading.RLock()


def parse_module(source: str) -> ast.Module:
    """The tree of a module. Raises what `ast.parse` raises."""
    return cast(ast.Module, _parse(source, "exec"))


def parse_expression(source: str) -> ast.Expression:
    """The tree of an expression. Raises what `ast.parse` raises."""
    return cast(ast.Expression, _parse(source, "eval"))


def _parse(source: str, mode: str) -> ast.AST:
    with _one_at_a_time:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return ast.parse(source, mode=mode)
            except SystemError as error:
                if "recursion depth mismatch" not in str(error) or attempt == ATTEMPTS:
                    raise
    raise AssertionError("the last attempt returns or raises")
