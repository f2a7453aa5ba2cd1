"""The columns of each family of benchmarks, read into one kind of problem."""

import ast
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.parsing import parse_module
from tasks.records.problems import Problem

Row = Mapping[str, Any]


def problem_of_humaneval(benchmark: str, row: Row) -> Problem:
    """HumanEval and HumanEval+: the prompt is source, and the solution goes on from it."""
    prompt, entry = row["prompt"], row["entry_point"]
    return Problem(
        benchmark=benchmark,
        id=str(row["task_id"]),
        prompt=prompt,
        entry=entry,
        solution=prompt + row["canonical_solution"],
        tests=row["test"],
        context=_without(prompt, entry),
        base_inputs=_as_json(row.get("base_input")),
        plus_inputs=_as_json(row.get("plus_input")),
        atol=float(row.get("atol", 0)),
    )


def problem_of_mbpp(benchmark: str, row: Row) -> Problem:
    """MBPP (`text`) and its sanitized version (`prompt`)."""
    code = _plain_lines(row["code"])
    tests = [_plain_lines(test) for test in row["test_list"]]
    setup = _plain_lines(row.get("test_setup_code", ""))
    return Problem(
        benchmark=benchmark,
        id=f"MBPP/{row['task_id']}",
        prompt=row["text"] if "text" in row else row["prompt"],
        entry=_called(code, tests),
        solution=code,
        tests="\n".join(part for part in [setup, *tests] if part),
        context="\n".join(row.get("test_imports", ())),
        examples=tuple(tests),
    )


def problem_of_mbpp_plus(benchmark: str, row: Row) -> Problem:
    """MBPP+: the prompt is a docstring, the assertions stand in one text."""
    return Problem(
        benchmark=benchmark,
        id=str(row["task_id"]),
        prompt=row["prompt"],
        entry=row["entry_point"],
        solution=row["canonical_solution"],
        tests=row["assertion"],
        # The harness of EvalPlus has it imported where the assertions run.
        context="import math",
        base_inputs=_as_json(row.get("base_input")),
        plus_inputs=_as_json(row.get("plus_input")),
        atol=float(row.get("atol", 0)),
    )


def _plain_lines(text: str) -> str:
    return text.replace("\r\n", "\n").strip("\n")


def _as_json(value: Any) -> str:
    """The Hub's copies of these files hold text already."""
    return value if isinstance(value, str) else json.dumps(value) if value else ""


def _without(prompt: str, entry: str) -> str:
    """Imports and helpers of a prompt: all of it but the function that is asked for."""
    body = parse_module(prompt).body
    kept = [node for node in body if not _is_function(node, entry)]
    return ast.unparse(ast.Module(kept, []))


def _is_function(node: ast.stmt, name: str) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name == name


def _called(code: str, tests: Sequence[str]) -> str:
    """The function of `code` that the tests call; the last one where none is plain to see."""
    defined = [node.name for node in parse_module(code).body if isinstance(node, ast.FunctionDef)]
    if not defined:
        raise ValueError("its code defines no function")
    called = [
        node.func.id
        for test in tests
        for node in ast.walk(parse_module(test))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    return next((name for name in called if name in defined), defined[-1])
