"""What keeps the workers leaves nothing behind, with shells in the place of Prefect's workers."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.flows.processes import Process, descendants, left_of

# A worker with a run, which has a process in a session of its own and one that lost its parent.
RUN = "trap 'echo run told >> {log}; exit 3' TERM; (setsid sleep 600 &); sleep 600 & wait"
WORKER = (
    "trap 'echo worker told >> {log}; exit 0' INT; sh -c \"$RUN\" & while :; do sleep 0.1; done"
)
KEEPER = """
import subprocess, sys
from flows.server import workers
workers._start = lambda script: subprocess.Popen(
    ["sh", "-c", script], stdin=subprocess.DEVNULL, preexec_fn=workers._as_a_worker
)
workers.RUN_STOP_SECONDS = workers.WORKER_STOP_SECONDS = 5
sys.exit(workers.main())
"""
Start = Callable[[str], subprocess.Popen[bytes]]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def start(log: Path) -> Iterator[Start]:
    started: list[subprocess.Popen[bytes]] = []

    def begin(worker: str) -> subprocess.Popen[bytes]:
        script = worker.format(log=log)
        process = subprocess.Popen(
            [sys.executable, "-c", KEEPER, script],
            stdin=subprocess.PIPE,
            env=os.environ | {"RUN": RUN.format(log=log)},
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()


def under(process: subprocess.Popen[bytes], number: int) -> set[Process]:
    """The process and what is below it, once there are so many."""
    deadline = time.monotonic() + 30
    while len(found := descendants(process.pid)) < number:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


def test_told_to_stop_it_tells_the_runs_then_the_workers(start: Start, log: Path) -> None:
    keeper = start(WORKER)
    seen = under(keeper, 5)
    keeper.send_signal(signal.SIGTERM)
    assert keeper.wait(30) == 0
    assert left_of(seen) == []
    assert log.read_text().split("\n")[:2] == ["run told", "worker told"]


def test_when_who_holds_it_dies_everything_is_killed(start: Start, log: Path) -> None:
    keeper = start(WORKER)
    seen = under(keeper, 5)
    assert keeper.stdin is not None
    keeper.stdin.close()
    assert keeper.wait(30) == 0
    assert left_of(seen) == []
    assert not log.exists(), "there was no server left to tell anything"


def test_when_a_worker_dies_it_takes_the_rest_along_and_says_so(start: Start) -> None:
    keeper = start('sh -c "$RUN" & sleep 1')
    seen = under(keeper, 6)
    assert keeper.wait(30) == 1
    assert left_of(seen) == []
