"""Held-out Case2Code: our own samples, and the items that the paper's authors published.

Ours are graded by their hidden cases. The paper's (arXiv 2407.12504) are graded by all of their
examples, as the authors do; what they saw was kept as text: the `repr` of what was returned, or
the exception. Where an item's inputs are no literals (they import, or define classes), the source
that makes them goes along.
"""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from sandbox import encode
from sandbox.parsing import parse_module
from tasks.records.problems import HiddenCase, Problem

Row = Mapping[str, Any]

SAMPLE_COLUMNS = frozenset(("id", "prompt", "completion", "name", "hidden"))
PAPER_COLUMNS = frozenset(("func_name", "code", "example_str", "example_outputs", "prompt"))

_ERROR = re.compile(r"<class '([\w.]+)'>(: .*)?", re.DOTALL)


def problem_of_sample(benchmark: str, row: Row) -> Problem:
    """A sample of a data set of ours."""
    return Problem(
        benchmark=benchmark,
        id=str(row["id"]),
        prompt=row["prompt"],
        entry=row["name"],
        solution=row["completion"],
        tests="",
        hidden=tuple(HiddenCase(**case) for case in row["hidden"]),
    )


def is_task(row: Row) -> bool:
    """Whether a row asks for a program, and not for the same one as another row does."""
    return row.get("task", "induction") == "induction" and not row.get("twin_of")


def problem_of_paper(benchmark: str, row: Row) -> Problem:
    """An item of the paper's test set."""
    arguments = list(_arguments(row["example_str"]))
    outputs = row["example_outputs"]
    known = len(arguments) == len(outputs)
    return Problem(
        benchmark=benchmark,
        id=str(row.get("id") or row["func_name"]),
        prompt=row["prompt"],
        entry=row["func_name"],
        solution=row["code"],
        tests="",
        hidden=tuple(
            _case(arguments[number] if known else "", output)
            for number, output in enumerate(outputs)
        ),
        printed=True,
        cases_source="" if known else row["example_str"],
    )


def _case(arguments: str, output: Mapping[str, str]) -> HiddenCase:
    if "return" in output:
        return HiddenCase(arguments=arguments, output=json.loads(output["return"]))
    found = _ERROR.search(output["error"])
    error = found[1] + (found[2] or "").rstrip('"') if found else output["error"]
    return HiddenCase(arguments=arguments, error=error)


def _arguments(source: str) -> Iterator[str]:
    """The literals of all rows, or nothing at all where one of them is made by code."""
    rows: list[str] = []
    try:
        for statement in parse_module(source).body:
            rows += [_literal(item) for item in _items(statement)]
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return
    yield from rows


def _items(statement: ast.stmt) -> list[ast.expr]:
    if isinstance(statement, ast.Assign | ast.AugAssign) and isinstance(statement.value, ast.List):
        return statement.value.elts
    raise ValueError("more than a list of examples")


def _literal(item: ast.expr) -> str:
    if not (isinstance(item, ast.Call) and isinstance(item.func, ast.Name) and not item.args):
        raise TypeError("no dict of arguments")
    values = {str(one.arg): ast.literal_eval(one.value) for one in item.keywords if one.arg}
    if item.func.id != "dict" or len(values) != len(item.keywords):
        raise ValueError("no dict of arguments")
    return encode(values)
