"""Conditions at module level whose answer is known without running the module.

Taken as known: the version of the running Python, Linux, not being the main module, and that
`PY2` and `PY3` mean what they say everywhere.
"""

import ast
import operator
import sys
from collections.abc import Callable
from typing import Any

_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_KNOWN: dict[str, Any] = {
    "sys.version_info": tuple(sys.version_info[:3]),
    "sys.version_info[0]": sys.version_info[0],
    "sys.version_info.major": sys.version_info[0],
    "sys.version_info[:2]": tuple(sys.version_info[:2]),
    "sys.hexversion": sys.hexversion,
    "sys.platform": "linux",
    "os.name": "posix",
    "__name__": "a module",
}
_SWITCHES = {"PY2": False, "PY3": True}


def verdict_of(test: ast.expr) -> bool | None:
    """Whether the test holds, or None where that is not known."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = verdict_of(test.operand)
        return None if inner is None else not inner
    if isinstance(test, ast.Name | ast.Attribute):
        return _SWITCHES.get(test.attr if isinstance(test, ast.Attribute) else test.id)
    if not (isinstance(test, ast.Compare) and len(test.ops) == 1):
        return None
    left = _KNOWN.get(ast.unparse(test.left))
    compare = _COMPARISONS.get(type(test.ops[0]))
    if left is None or compare is None:
        return None
    try:
        return bool(compare(left, ast.literal_eval(test.comparators[0])))
    except (ValueError, TypeError):
        return None


def is_type_checking(test: ast.expr) -> bool:
    """Whether the test is `TYPE_CHECKING`, by whatever way it was imported."""
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )
