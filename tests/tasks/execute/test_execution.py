"""Inputs become cases with the outcome that two jails agree on."""

from functools import partial

import pytest

from sandbox import Limits, Outcome, Sandbox, Status
from tasks.execute.auditing import Auditor
from tasks.execute.execution import execute
from tasks.records.cases import ExecutedFunction, Input, WrittenFunction
from tasks.records.drops import Drop, DropReason
from tasks.records.functions import Function, Parameter


def written(program: str, *arguments: str) -> WrittenFunction:
    function = Function(
        id="f1",
        name="f",
        program=program,
        code=program,
        parameters=(Parameter(name="x"),),
        identity="i",
        operations=2,
        branches=0,
        source="corpus/a.py",
        path="a.py",
        corpus="corpus",
        first_line=1,
        last_line=1,
    )
    inputs = tuple(Input(arguments=text, writer="search") for text in arguments)
    return WrittenFunction(function=function, inputs=inputs, tried=len(inputs))


def auditor(one_in: int = 0) -> Auditor:
    return Auditor(one_in=one_in, seed=0, limits=Limits())


def executed(*functions: WrittenFunction) -> list[ExecutedFunction | Drop]:
    with Sandbox() as sandbox:
        return list(execute(functions, partial(sandbox.prove, arcs=True), auditor()))


def test_every_input_becomes_a_case_with_its_outcome() -> None:
    [done] = executed(written("def f(x):\n    return 10 // x\n", "{'x': 3}", "{'x': 0}"))
    assert isinstance(done, ExecutedFunction)
    assert [(case.status, case.output, case.error) for case in done.cases] == [
        (Status.OK, "3", ""),
        (Status.RAISED, None, "ZeroDivisionError"),
    ]
    assert done.cases[0].arcs


def test_a_changed_argument_is_flagged() -> None:
    [done] = executed(written("def f(x):\n    x.append(1)\n    return len(x)\n", "{'x': []}"))
    assert isinstance(done, ExecutedFunction)
    assert done.cases[0].mutated


def test_what_depends_on_the_hash_seed_is_nondeterministic() -> None:
    [done] = executed(
        written("def f(x):\n    return list({'a', 'b', 'c', 'd', x})\n", "{'x': 'e'}")
    )
    assert isinstance(done, ExecutedFunction)
    assert done.cases[0].status == Status.NONDETERMINISTIC


def test_a_program_that_does_not_load_is_dropped_with_the_exception() -> None:
    [done] = executed(written("raise ValueError('no')\ndef f(x): return x\n", "{'x': 1}"))
    assert isinstance(done, Drop)
    assert done.reason is DropReason.DOES_NOT_LOAD
    assert "ValueError" in done.detail


def test_a_fault_of_the_sandbox_is_an_alarm_and_not_a_drop() -> None:
    def broken(programs: object) -> list[tuple[Outcome, ...]]:
        del programs
        return [(Outcome(Status.INTERNAL_ERROR, error="lost"),)]

    with pytest.raises(RuntimeError, match="case2code doctor"):
        list(execute([written("def f(x): return x\n", "{'x': 1}")], broken, auditor()))
