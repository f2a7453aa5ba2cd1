"""A sample is asked once more, and what is not the same again is an alarm."""

import dataclasses

from sandbox import Call, Program, Sandbox
from sandbox.audit import audit, is_sampled


def programs(count: int) -> list[Program]:
    return [
        Program(f"def f(x): return x + {number}", "f", (Call((1,)), Call((2,))))
        for number in range(count)
    ]


def test_the_sample_is_the_same_each_time_and_of_about_the_size_asked_for() -> None:
    sampled = [program for program in programs(3_000) if is_sampled(program)]
    assert sampled == [program for program in programs(3_000) if is_sampled(program)]
    assert 10 < len(sampled) < 60


def test_what_was_proved_is_said_again() -> None:
    with Sandbox() as sandbox:
        results = list(zip(programs(4), sandbox.prove(programs(4)), strict=True))
    audited = list(audit(results, one_in=1))
    assert [program for program, _ in audited] == programs(4)
    assert all(mismatches == () for _, mismatches in audited)


def test_what_was_recorded_wrongly_is_found() -> None:
    [program] = programs(1)
    with Sandbox() as sandbox:
        [(right, other)] = sandbox.run([program])
    recorded = (right, dataclasses.replace(other, value="3"))
    [(_, [mismatch])] = audit([(program, recorded)], one_in=1)
    assert (mismatch.call, mismatch.recorded.value, mismatch.audited.value) == (1, "3", "2")
