"""Time that is neither used nor waited for ends a call; time without a core does not."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from sandbox import Call, Limits, Outcome, Program, Sandbox, Status
from sandbox.processes import note_on_child

LIMITS = Limits(cpu_seconds=1.0, wall_factor=0.3)
"""So that 0.3 s of sleep are enough."""
SLICES = "import time\ndef f(x):\n    for _ in range(x):\n        time.sleep(0.01)\n    return x"
WORK = SLICES.replace("0.01)", "0.001)\n        sum(range(1_000_000))")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(limits=LIMITS) as started:
        yield started


def outcomes_of(sandbox: Sandbox, source: str, *arguments: int) -> list[Outcome]:
    program = Program(source, "f", tuple(Call((argument,)) for argument in arguments))
    [outcomes] = sandbox.run([program])
    return list(outcomes)


def test_a_sleep_in_small_slices_ends_as_a_long_one_does(sandbox: Sandbox) -> None:
    [outcome] = outcomes_of(sandbox, SLICES, 10_000)
    assert outcome == Outcome(Status.TIMEOUT, error="stalled")


def test_each_call_may_sleep_for_a_while(sandbox: Sandbox) -> None:
    assert [one.value for one in outcomes_of(sandbox, SLICES, *[15] * 6)] == ["15"] * 6


@pytest.fixture
def crowd() -> Iterator[None]:
    """This process and all that it starts share one core with eight busy loops."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    hogs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(8)]
    yield
    for hog in hogs:
        hog.kill()
        hog.wait()
    os.sched_setaffinity(0, cores)


@pytest.mark.usefixtures("crowd")
def test_waiting_for_a_core_is_not_sleeping() -> None:
    with Sandbox(limits=LIMITS) as sandbox:
        assert outcomes_of(sandbox, WORK, 35) == [Outcome(Status.OK, "35")]


def test_nothing_is_said_of_a_zygote_without_a_child(sandbox: Sandbox) -> None:
    assert not any(map(note_on_child, sandbox.zygote_ids()))
    assert note_on_child(2**22 + 1) is None  # past the last process id that there can be
