"""One call of a program that misbehaves costs the program's other calls nothing."""

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox import Call, Limits, Outcome, Program, Sandbox, Status, ValueTooLargeError, encode

LIMITS = Limits(cpu_seconds=0.2, wall_factor=2.0, memory_bytes=256 << 20)

# How a call of `f` misbehaves, and what it then ends in.
MISCHIEF = {
    "loops": ("while True: pass", {Status.TIMEOUT}),
    "sleeps": ("import time; time.sleep(100)", {Status.TIMEOUT}),
    "eats_memory": ("return 'a' * 10 ** 12", {Status.MEMORY}),
    "exits": ("import os; os._exit(0)", {Status.EXITED}),
    "leaves": ("import sys; sys.exit(1)", {Status.EXITED}),
    "is_killed": ("import os; os.kill(os.getpid(), 9)", {Status.CRASHED}),
    "segfaults": ("import ctypes; ctypes.string_at(0)", {Status.CRASHED}),
    "raises": ("raise ValueError", {Status.RAISED}),
    "returns_too_much": ("return 'a' * 70000", {Status.OUTPUT_TOO_LARGE}),
    "returns_an_object": ("return object()", {Status.OPAQUE}),
    "closes_everything": ("import os; os.closerange(0, 256)", {Status.TAMPERED}),
}

# A result may be lost with its program, never changed.
GIVEN_UP = {Status.SKIPPED, Status.TAMPERED}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(limits=LIMITS) as opened:
        yield opened


def _program(body: str, calls: int, bad: set[int]) -> Program:
    source = f"def f(x):\n    if x in {sorted(bad)}:\n        {body}\n    return x * 10\n"
    return Program(source, "f", tuple(Call((number,)) for number in range(calls)))


@pytest.mark.parametrize("name", MISCHIEF)
def test_only_the_call_that_misbehaves_is_charged(sandbox: Sandbox, name: str) -> None:
    body, allowed = MISCHIEF[name]
    [outcomes] = sandbox.run([_program(body, 5, {2})])
    assert outcomes[2].status in allowed
    assert [outcome.value for outcome in outcomes[:2]] == ["0", "10"]
    assert [outcome.value for outcome in outcomes[3:]] == ["30", "40"]


@pytest.mark.parametrize("name", MISCHIEF)
def test_a_program_whose_every_call_misbehaves_still_gets_an_outcome_for_each(
    sandbox: Sandbox, name: str
) -> None:
    body, allowed = MISCHIEF[name]
    [outcomes] = sandbox.run([_program(body, 8, set(range(8)))])
    assert len(outcomes) == 8
    assert outcomes[0].status in allowed
    assert {outcome.status for outcome in outcomes} <= allowed | {Status.SKIPPED}


def test_garbage_after_a_good_answer_never_changes_it(sandbox: Sandbox) -> None:
    body = "import os; [os.write(fd, bytes(range(64))) for fd in (3, 4, 5)]"
    [outcomes] = sandbox.run([_program(body, 4, {2})])
    assert outcomes[2].status in {Status.TAMPERED, Status.RAISED}
    for number in (0, 1, 3):
        expected = outcomes[number].value == str(number * 10)
        assert expected or outcomes[number].status in GIVEN_UP


def test_a_changed_argument_is_flagged_and_the_next_call_gets_a_fresh_one(
    sandbox: Sandbox,
) -> None:
    calls = (Call(([],)), Call((), {"x": []}), Call(([5],)))
    [outcomes] = sandbox.run([Program("def f(x):\n    x.append(1)\n    return x", "f", calls)])
    assert [outcome.value for outcome in outcomes] == ["[1]", "[1]", "[5, 1]"]
    assert all(outcome.mutated for outcome in outcomes)


def test_an_argument_replaced_by_its_equal_of_another_type_is_flagged(sandbox: Sandbox) -> None:
    source = "def f(x):\n    x[0] = True\n    return 1"
    [[outcome]] = sandbox.run([Program(source, "f", (Call(([1],)),))])
    assert outcome == Outcome(Status.OK, value="1", mutated=True)


@pytest.mark.parametrize(
    "value", [object(), range(3), (n for n in "ab"), open, Call, {1: {object()}}]
)
def test_an_argument_that_is_no_plain_value_is_bad_input(sandbox: Sandbox, value: Any) -> None:
    calls = (Call((1,)), Call((value,)), Call((2,)))
    [outcomes] = sandbox.run([Program("def f(x):\n    return x", "f", calls)])
    assert [outcome.status for outcome in outcomes] == [Status.OK, Status.BAD_INPUT, Status.OK]


def _cycle() -> list[Any]:
    cycle: list[Any] = []
    cycle.append(cycle)
    return cycle


def _deep(levels: int) -> list[Any]:
    nested: list[Any] = []
    for _ in range(levels):
        nested = [nested]
    return nested


@pytest.mark.parametrize(
    "value",
    [_cycle(), _deep(100_000), "a" * (64 << 20), [0] * 1_000_000, 1 << (1 << 24)],
    ids=["cycle", "deep", "long_text", "long_list", "huge_int"],
)
def test_an_argument_without_end_is_refused_and_not_copied(sandbox: Sandbox, value: Any) -> None:
    with pytest.raises(ValueTooLargeError):
        encode(value)
    calls = (Call((1,)), Call((value,)), Call((2,)))
    [outcomes] = sandbox.run([Program("def f(x):\n    return 1", "f", calls)])
    assert outcomes[0].value == outcomes[2].value == "1"
    assert outcomes[1].status in {Status.BAD_INPUT, Status.REFUSED}


@pytest.mark.parametrize(
    "keywords", [{"y": 1}, {"x": 1, "y": 1}, {"": 1}, {"self": 1}, {"\ud800": 1}, {"__class__": 1}]
)
def test_arguments_that_do_not_fit_are_the_call_s_own_fault(
    sandbox: Sandbox, keywords: dict[str, Any]
) -> None:
    calls = (Call((), keywords), Call((7,)))
    [outcomes] = sandbox.run([Program("def f(x):\n    return x", "f", calls)])
    assert outcomes[0].status in {Status.RAISED, Status.BAD_INPUT}
    assert outcomes[1].value == "7"


def test_a_program_without_calls_gets_no_outcomes(sandbox: Sandbox) -> None:
    bad = Program("while True: pass", "f", ())
    good = Program("def f(x):\n    return x", "f", (Call((1,)),))
    assert [len(outcomes) for outcomes in sandbox.run([bad, good, bad])] == [0, 1, 0]


def test_a_source_of_megabytes_is_refused_or_run_but_never_lost(sandbox: Sandbox) -> None:
    source = "def f(x):\n    return x\n" + "# filler\n" * 500_000
    good = Program("def f(x):\n    return x", "f", (Call((1,)),))
    results = list(sandbox.run([good, Program(source, "f", (Call((1,)),)), good]))
    assert [outcome.value for [outcome] in results[::2]] == ["1", "1"]
    assert results[1][0].status in {Status.REFUSED, Status.OK}
