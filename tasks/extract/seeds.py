"""Arguments that the authors themselves pass: doctests, call sites, tests.

Covered: calls in the files of the same package, made by name or as an attribute of the module or
class; names of literal value in the same scope; loops over literals and `parametrize`, a call for
each row; doctests in any docstring, a function's own ones first.
Not covered: calls through other objects, and arguments that only exist at run time (of an optional
parameter they are left out, of a required one the call is).
"""

import ast
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tasks.extract.nearness import lines_of_calls, statements_near
from tasks.extract.sites import Known, Sites
from tasks.extract.values import NotLiteralError, value_of
from tasks.programs.calls import encode_arguments
from tasks.records.functions import Function, ParameterKind
from tasks.records.sources import SourceFile

MAX_SEED_CHARS = 2_000
"""Longer arguments would not be shown in any prompt."""


def mine(
    files: Sequence[SourceFile], functions: Sequence[Function], limit: int
) -> Mapping[str, tuple[str, ...]]:
    """The seeds of each function by its id: own doctests, then the files in the given order.

    A seed is the canonical literal of a dict from parameter to value; at most `limit` a function.
    """
    if not functions or not limit:
        return {}
    found = _Seeds(limit)
    named: dict[str, list[Function]] = {}
    for function in functions:
        named.setdefault(function.name, []).append(function)
        if ">>>" in function.docstring:
            own = {function.name: [function]}
            Sites(function.path, own, found.add).doctest(function.docstring)
    for file in files:
        _mine_file(file, named, found)
    return {function: tuple(seeds) for function, seeds in found.by_function.items()}


def _mine_file(file: SourceFile, named: Mapping[str, Sequence[Function]], found: "_Seeds") -> None:
    lines = lines_of_calls(file.text, list(found.wanted(file.text, named)))
    if not lines:
        return
    sites = Sites(file.path, named, found.add)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for body, near in statements_near(file.text, lines):
            sites.walk(body, near)


class _Seeds:
    """Seeds by function, each once, in the order they were found."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.by_function: dict[str, dict[str, None]] = {}

    def wanted(
        self, text: str, named: Mapping[str, Sequence[Function]]
    ) -> Iterator[tuple[str, bool]]:
        """Names in a text whose functions lack seeds; whether their first argument is required."""
        for name in sorted(named):
            if name in text:
                lacking = [f for f in named[name] if len(self._of(f)) < self._limit]
                if lacking:
                    yield name, all(f.parameters[0].default is None for f in lacking)

    def _of(self, function: Function) -> dict[str, None]:
        return self.by_function.setdefault(function.id, {})

    def add(self, function: Function, call: ast.Call, known: Known) -> None:
        """Note the arguments of a call, if they are literals and fit the signature."""
        seeds = self._of(function)
        if len(seeds) >= self._limit:
            return
        try:
            text = encode_arguments(function.parameters, _bound(function, call, known))
        except (NotLiteralError, TypeError, ValueError):
            return
        if len(text) <= MAX_SEED_CHARS:
            seeds[text] = None


def _bound(function: Function, call: ast.Call, known: Known) -> dict[str, Any]:
    """Values by parameter. Raises NotLiteralError where the call cannot be written by literals."""
    nodes = _arguments(function, call)
    values: dict[str, Any] = {}
    for parameter in function.parameters:
        node = nodes.pop(parameter.name, None)
        try:
            if node is not None:
                values[parameter.name] = value_of(node, known)
        except NotLiteralError:
            node = None
        if node is None and parameter.default is None:
            raise NotLiteralError
    if nodes or (not values and (call.args or call.keywords)):
        raise NotLiteralError
    return values


def _arguments(function: Function, call: ast.Call) -> dict[str, ast.expr]:
    """Which expression is passed for which parameter."""
    starred = any(isinstance(argument, ast.Starred) for argument in call.args)
    positional = [p for p in function.parameters if p.kind is not ParameterKind.KEYWORD_ONLY]
    if starred or len(call.args) > len(positional) or any(k.arg is None for k in call.keywords):
        raise NotLiteralError
    nodes = {p.name: node for p, node in zip(positional, call.args, strict=False)}
    nodes |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    return nodes
