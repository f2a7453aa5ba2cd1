"""What one odd program costs the others of its batch."""

import signal
from collections.abc import Sequence

import pytest

from sandbox import Call, Limits, Program, Sandbox, Status
from sandbox.prepare import Prepared, prepare
from sandbox.runs import Job, Pass, new_run, settle
from sandbox.wire import Answer, Reason

TERMS = Pass(Limits(), arcs=False, hash_seed=0)
GOOD = "loaded\n=1\nend\t1\n"
UNCLEAN = GOOD.replace("end\t1", "end\t0")
BEGUN = "loaded\n"


def batch(count: int) -> Job:
    prepared = prepare(Program("def f(x): return x", "f", (Call((1,)),)))
    assert isinstance(prepared, Prepared)
    runs = tuple(new_run(prepared) for _ in range(count))
    return Job(runs, TERMS, "bare", is_batch=True)


def places(job: Job, jobs: Sequence[Job]) -> list[tuple[bool, list[int]]]:
    """Whether each job is a batch, and where its runs stood in the first."""
    return [(left.is_batch, [job.runs.index(run) for run in left.runs]) for left in jobs]


@pytest.mark.parametrize(
    ("output", "reason", "wait_status", "left"),
    [
        (GOOD * 4, Reason.ENDED, 0, []),
        (GOOD * 2 + BEGUN, Reason.CPU, signal.SIGKILL, [(False, [2]), (True, [3])]),
        (GOOD * 2 + UNCLEAN, Reason.ENDED, 0, [(False, [2]), (True, [3])]),
        (UNCLEAN, Reason.ENDED, 0, [(False, [0]), (True, [1, 2, 3])]),
        ("", Reason.ENDED, signal.SIGSEGV, [(False, [0]), (True, [1, 2, 3])]),
        (GOOD * 3, Reason.ENDED, 0, [(True, [3])]),
        (GOOD * 3, Reason.ENDED, 1 << 8, [(False, [3])]),
        (GOOD * 4, Reason.CPU, signal.SIGKILL, [(False, [n]) for n in range(4)]),
        (GOOD * 2 + "lie\n", Reason.ENDED, 0, [(False, [n]) for n in range(4)]),
        (GOOD * 5, Reason.ENDED, 0, [(False, [n]) for n in range(4)]),
    ],
)
def test_what_was_said_before_the_odd_program_stays(
    output: str, reason: Reason, wait_status: int, left: list[tuple[bool, list[int]]]
) -> None:
    job = batch(4)
    jobs = settle(job, Answer(1, reason, wait_status, ("\n" + output).encode()))
    assert places(job, jobs) == left


def test_programs_that_keep_memory_leave_enough_to_those_after_them() -> None:
    source = "kept = [0] * 4_000_000\nkept.append(kept)\ndef f(x): return x"
    keeping = Program(source, "f", (Call((1,)),))
    catching = Program(
        "def f(x):\n try:\n  return len([0] * 20_000_000)\n except MemoryError:\n  return 'lie'",
        "f",
        (Call((1,)),),
    )
    with Sandbox() as sandbox:
        results = list(sandbox.run([*[keeping] * 12, catching] * 3))
    assert {outcomes[0].status for outcomes in results} == {Status.OK}
    assert {outcomes[0].value for outcomes in results[12::13]} == {"20000000"}
