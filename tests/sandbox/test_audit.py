"""A sample is asked once more, and what is not the same again is an alarm."""

import dataclasses

from sandbox import Call, Outcome, Program, Sandbox, Status
from sandbox.audit import audit, is_sampled
from tests.sandbox.hostile.differing import differs_under

PROGRAM = Program("def f(x): return x + 1", "f", (Call((1,)), Call((2,))))
NAMES = [f"function {number}" for number in range(3_000)]


def proved(program: Program) -> tuple[Outcome, ...]:
    with Sandbox() as sandbox:
        [outcomes] = sandbox.prove([program], arcs=True)
    return outcomes


def test_the_sample_is_the_same_each_time_and_of_about_the_size_asked_for() -> None:
    sampled = [name for name in NAMES if is_sampled(name)]
    assert sampled == [name for name in NAMES if is_sampled(name)]
    assert 10 < len(sampled) < 60
    assert sampled != [name for name in NAMES if is_sampled(name, seed=1)]


def test_one_in_one_is_all_and_one_in_zero_is_none() -> None:
    assert all(is_sampled(name, one_in=1) for name in NAMES)
    assert not any(is_sampled(name, one_in=0) for name in NAMES)


def test_what_was_proved_is_said_again() -> None:
    assert audit(PROGRAM, proved(PROGRAM)) == ()


def test_what_was_recorded_wrongly_is_found() -> None:
    right, other = proved(PROGRAM)
    [mismatch] = audit(PROGRAM, (right, dataclasses.replace(other, value="4")))
    assert (mismatch.call, mismatch.recorded.value, mismatch.audited.value) == (1, "4", "3")


def test_what_two_passes_happen_to_agree_on_is_found_by_a_third_seed() -> None:
    program = Program(differs_under(4_242), "f", (Call((1,)),))
    [recorded] = outcomes = proved(program)
    assert recorded.status is Status.OK
    assert [mismatch.call for mismatch in audit(program, outcomes)] == [0]


def test_what_failed_before_is_not_compared() -> None:
    assert audit(PROGRAM, [Outcome(Status.TIMEOUT), Outcome(Status.NONDETERMINISTIC)]) == ()
