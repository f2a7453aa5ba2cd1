"""The inputs that a benchmark's tests pass, and the patterns of types they come in."""

import ast
import contextlib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

from sandbox import Call, decode, encode
from sandbox.parsing import parse_module
from tasks.benchmarks import typed_inputs
from tasks.records.problems import Problem

_KINDS = {int: "number", float: "number", bool: "number", list: "row", tuple: "row"}
"""Types that most functions take alike."""

MAX_CHARS = 2_000
"""A longer input is no probe."""


def inputs_of(problem: Problem) -> list[str]:
    """Arguments of the calls in the tests as canonical literals of tuples, shortest first.

    Only calls by position with literal arguments; of these the ones with the commonest number.
    """
    found = dict.fromkeys(_texts(problem))
    counts = Counter(len(_arguments(text)) for text in found)
    if not counts:
        return []
    [(arity, _)] = counts.most_common(1)
    return sorted(
        (one for one in found if len(_arguments(one)) == arity), key=lambda t: (len(t), t)
    )


def further_inputs_of(problem: Problem) -> Iterator[str]:
    """The inputs that an extended benchmark has beside its tests, as the same kind of literals."""
    for arguments in typed_inputs.inputs_of(problem)[1]:
        with contextlib.suppress(ValueError, TypeError, RecursionError):
            text = encode(arguments)
            if len(text) <= MAX_CHARS:
                yield text


def _texts(problem: Problem) -> Iterator[str]:
    tree = parse_module(problem.tests)
    names = {problem.entry} | {
        node.args.args[0].arg
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name == "check" and node.args.args
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            text = _literal(node)
            if text and len(text) <= MAX_CHARS:
                yield text


def _literal(call: ast.Call) -> str:
    """The arguments, or an empty string where they are no plain values."""
    try:
        return encode(tuple(ast.literal_eval(one) for one in call.args)) if _is_plain(call) else ""
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return ""


def _is_plain(call: ast.Call) -> bool:
    return bool(call.args) and not call.keywords


def _arguments(text: str) -> tuple[Any, ...]:
    return call_of(text).args


@cache
def call_of(text: str) -> Call:
    """The call that passes these arguments. The same object each time: only to be read."""
    return Call(tuple(decode(text)))


def pattern(text: str) -> str:
    """The types of the arguments, and of what is in them."""
    return ", ".join(map(_type, _arguments(text)))


def _type(value: Any) -> str:
    name = _KINDS.get(type(value), type(value).__name__)
    if isinstance(value, list | tuple | set | frozenset) and value:
        inner = {_KINDS.get(type(item), type(item).__name__) for item in value}
        return f"{name}[{inner.pop() if len(inner) == 1 else 'any'}]"
    return name
