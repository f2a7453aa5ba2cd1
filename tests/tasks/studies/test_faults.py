"""Faults on purpose: how many calls and functions they reach, and that they are seeded."""

from collections import Counter
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import Status, encode
from tasks.records.cases import Case, ExecutedFunction, Input, WeighedFunction, WrittenFunction
from tasks.records.faults import FaultConfig
from tasks.records.functions import Function, Parameter
from tasks.studies.faults import mutated, noisy, shuffled, wrong

PROGRAM = "LOW = 2\n\ndef grow(n):\n    if n > LOW:\n        return n + 1\n    return n\n"


def function(name: str) -> Function:
    return Function(
        id=name,
        name="grow",
        program=PROGRAM,
        code=PROGRAM.partition("\n\n")[2],
        parameters=(Parameter(name="n"),),
        identity=name,
        operations=2,
        branches=1,
        source="s",
        path="p",
        corpus="c",
        first_line=1,
        last_line=4,
    )


def executed(name: str, cases: int = 10) -> ExecutedFunction:
    rows = [
        Case(arguments=encode({"n": n}), writer="search", status=Status.OK, output=str(n + 1))
        for n in range(cases)
    ]
    return ExecutedFunction(function=function(name), cases=tuple(rows))


def statuses(faults: FaultConfig, functions: int = 60, seed: int = 0) -> Counter[str]:
    given_ = [executed(str(number)) for number in range(functions)]
    return Counter(case.status for one in noisy(given_, faults, seed) for case in one.cases)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=5,
)


@given(VALUES, st.integers())
def test_a_wrong_value_is_never_the_right_one(value: Any, seed: int) -> None:
    assert encode(wrong(value, Random(seed))) != encode(value)


def test_two_runs_catch_faults_that_are_not_alike() -> None:
    seen = statuses(FaultConfig(lost=0.1))
    # Both runs must lose the call for it to look lost: one in a hundred.
    assert seen[Status.NONDETERMINISTIC] > 60
    assert seen[Status.CRASHED] < 20


def test_faults_alike_pass_the_proof_as_often_as_they_fall() -> None:
    faults = FaultConfig(lost=0.1, late=0.2, alike=True)
    seen = statuses(faults)
    assert seen[Status.CRASHED] / 600 == pytest.approx(0.1, abs=0.04)
    assert seen[Status.TIMEOUT] / 600 == pytest.approx(0.2, abs=0.05)
    assert seen[Status.NONDETERMINISTIC] == 0


def test_wrong_outputs_stay_ok() -> None:
    [one] = noisy([executed("a")], FaultConfig(wrong=1.0, alike=True), seed=0)
    assert all(case.status == Status.OK for case in one.cases)
    right = [case.output for case in executed("a").cases]
    assert all(case.output != was for case, was in zip(one.cases, right, strict=True))


def test_faults_are_the_functions_own_and_not_its_neighbours() -> None:
    faults = FaultConfig(wrong=0.3, alike=True)
    together = list(noisy([executed("a"), executed("b")], faults, seed=1))
    assert list(noisy([executed("b")], faults, seed=1)) == together[1:]
    assert list(noisy([executed("b")], faults, seed=2)) != together[1:]


def test_without_faults_nothing_changes() -> None:
    assert list(noisy([executed("a")], FaultConfig(), seed=0)) == [executed("a")]


def test_shares_above_all_are_refused() -> None:
    with pytest.raises(ValueError, match="more than all calls"):
        FaultConfig(wrong=0.6, lost=0.5)


def test_a_share_of_functions_gets_a_mistake_and_keeps_its_id() -> None:
    rows = [
        WrittenFunction(
            function=function(str(number)), inputs=(Input(arguments="{}", writer="x"),), tried=1
        )
        for number in range(200)
    ]
    made = list(mutated(rows, 0.25, seed=0))
    changed = [one for one in made if one.function.program != PROGRAM]
    assert len(changed) / 200 == pytest.approx(0.25, abs=0.08)
    assert [one.function.id for one in made] == [one.function.id for one in rows]
    assert all(one.function.code in one.function.program for one in changed)
    assert len({one.function.program for one in changed}) > 3


def test_shuffled_outputs_all_move() -> None:
    weighed = WeighedFunction(executed=executed("a"), mutants=0, marks=("0",) * 10)
    [one] = shuffled([weighed], seed=0)
    before, after = weighed.executed.cases, one.executed.cases
    assert [case.arguments for case in after] == [case.arguments for case in before]
    assert sorted(str(case.output) for case in after) == sorted(str(c.output) for c in before)
    assert all(new.output != old.output for new, old in zip(after, before, strict=True))
