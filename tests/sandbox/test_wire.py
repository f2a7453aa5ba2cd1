"""Whatever a child writes, it is read as outcomes or as tampering; never as an exception."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import Limits, Outcome, Program, Status, decode
from sandbox.outcome import Call
from sandbox.prepare import Prepared, prepare
from sandbox.runs import Job, Pass, new_run, settle
from sandbox.wire import Answer, Reason, take_answer

CALLS = 3
PREPARED = prepare(
    Program("import subprocess\ndef f(x): return x", "f", tuple(Call((n,)) for n in range(3)))
)
assert isinstance(PREPARED, Prepared)
GOOD = b"\nloaded\n0\tok\t0\t\t\t1\t\n1\traised\t1\tE\tm\\n\t\t\n2\tok\t0\t\t\t[2, 'x']\t\nend\t0\n"
FIELDS = st.sampled_from(
    ["", "0", "1", "2", "ok", "raised", "timeout", "loaded", "failed", "end", "\\x00", "é", "[1]"]
)
LINES = st.lists(st.lists(FIELDS, max_size=8).map("\t".join), max_size=8).map("\n".join)


def read(output: bytes, reason: Reason = Reason.ENDED, status: int = 0) -> list[Outcome | None]:
    assert isinstance(PREPARED, Prepared)
    run = new_run(PREPARED)
    terms = Pass(Limits(), arcs=False, hash_seed=0)
    jobs = [Job((run,), terms, "bare")]
    while jobs:
        jobs = settle(jobs[0], Answer(1, reason, status, output))
    return run.outcomes


def test_what_a_child_writes_is_read_back() -> None:
    assert read(GOOD) == [
        Outcome(Status.OK, "1"),
        Outcome(Status.RAISED, error="E", message="m\n", mutated=True),
        Outcome(Status.OK, "[2, 'x']"),
    ]


@given(
    st.binary() | LINES.map(lambda text: b"\n" + text.encode()),
    st.sampled_from(Reason),
    st.sampled_from([0, 9, 11, 256]),
)
def test_any_bytes_give_one_outcome_for_each_call(
    output: bytes, reason: Reason, status: int
) -> None:
    outcomes = read(output, reason, status)
    assert len(outcomes) == CALLS
    for outcome in outcomes:
        assert outcome is not None
        if outcome.status is Status.OK:
            decode(outcome.value or "")


@given(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=3))
def test_a_changed_report_is_tampered_with_or_another_valid_one(at: int, change: bytes) -> None:
    outcomes = read(GOOD[:at] + change + GOOD[at + len(change) :])
    assert all(outcome is not None for outcome in outcomes)


@pytest.mark.parametrize(
    "output",
    [
        GOOD[:-1],
        GOOD + b"x\n",
        GOOD.replace(b"1\traised", b"2\traised"),
        GOOD.replace(b"[2, 'x']", b"[2,'x']"),
        GOOD.replace(b"[2, 'x']", b"__import__('os')"),
        GOOD.replace(b"[2, 'x']", b"[2, '" + b"x" * 70_000 + b"']"),
        GOOD.replace(b"ok", b"skipped", 1),
        GOOD.replace(b"loaded", b"failed\tok\t\t"),
        GOOD.replace(b"]\t\n", b"]\t1,2\n"),
        b"\xff" + GOOD,
    ],
)
def test_a_report_that_is_not_as_it_must_be_keeps_nothing(output: bytes) -> None:
    assert {outcome.status for outcome in read(output) if outcome} == {Status.TAMPERED}


def test_a_killed_childs_last_line_is_left_out() -> None:
    cut = GOOD[: GOOD.index(b"[2,") + 2]
    statuses = [outcome.status for outcome in read(cut, Reason.CPU, 9) if outcome]
    assert statuses == [Status.OK, Status.RAISED, Status.TIMEOUT]


@given(st.binary(max_size=64))
def test_answers_are_cut_off_whole_or_not_at_all(tail: bytes) -> None:
    head = b"".join(n.to_bytes(4, "little") for n in (7, 0, 0, len(GOOD)))
    buffer = bytearray(head + GOOD + tail)
    assert take_answer(buffer) == Answer(7, Reason.ENDED, 0, GOOD)
    assert buffer == tail
    assert take_answer(bytearray((head + GOOD)[:-1])) is None
    assert os.WIFEXITED(0)
