"""Workers for process pools, and nothing left of them: `python -m flows.server.workers POOL...`.

Whoever starts this holds the other end of its standard input. As long as that is open, one Prefect
worker serves each pool. SIGTERM ends all in order: no new runs, those under way are told to stop
and are recorded as crashed, to be retried. When the other end closes, however its holder died, or
when a worker dies, everything is killed at once: flow runs, their trainings and jails as well,
whoever their parents were (the kernel gives orphans to this process).
"""

import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from types import FrameType

from flows.server.process_tree import below, children

POLL_SECONDS = 0.2
RUN_STOP_SECONDS = 20.0
"""For a flow run to say that it was stopped; a training or a jail under it ends meanwhile."""
WORKER_STOP_SECONDS = 10.0
QUERY_SECONDS = "2"
"""Between two looks for runs that are due: the server is on this machine."""
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36


class _Stop(Exception):  # noqa: N818 - nothing went wrong
    """SIGTERM has come."""


def main() -> int:
    """Runs until it is told to stop, or its holder or a worker is gone; 1 for a worker."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _on_term)
    workers: list[subprocess.Popen[bytes]] = []
    try:
        workers += map(_start, sys.argv[1:])
        died = _watch(workers)
    except _Stop:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        _stop_in_order(workers)
        died = False
    finally:
        _kill_all()
    return int(died)


def _on_term(_: int, __: FrameType | None) -> None:
    raise _Stop


def _start(pool: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "PREFECT_WORKER_QUERY_SECONDS": QUERY_SECONDS,
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "INFO",
    }
    command = [sys.executable, "-m", "prefect", "worker", "start", "--type", "process"]
    return subprocess.Popen(  # noqa: S603 - our own interpreter, fixed arguments
        [*command, "--pool", pool, "--name", f"{pool} on {os.uname().nodename}"],
        env=environment,
        stdin=subprocess.DEVNULL,
        preexec_fn=_as_a_worker,  # noqa: PLW1509 - this process has one thread
    )


def _as_a_worker() -> None:
    """It hears SIGINT, by which alone it stops, and dies with its keeper."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _watch(workers: list[subprocess.Popen[bytes]]) -> bool:
    """True when a worker has died, False when nobody holds the other end of our input."""
    while all(worker.poll() is None for worker in workers):
        readable, _, _ = select.select([sys.stdin.fileno()], [], [], POLL_SECONDS)
        if readable and not os.read(sys.stdin.fileno(), 1):
            return False
    return True


def _stop_in_order(workers: list[subprocess.Popen[bytes]]) -> None:
    told: set[int] = set()
    deadline = time.monotonic() + RUN_STOP_SECONDS
    # The workers live on meanwhile, since it is they who report how a run ended.
    while (runs := _runs(workers)) and time.monotonic() < deadline:
        for run in runs - told:  # one that began just now, too
            with suppress(ProcessLookupError):
                os.kill(run, signal.SIGTERM)
        told |= runs
        time.sleep(POLL_SECONDS)
    for worker in workers:
        worker.send_signal(signal.SIGINT)
    deadline = time.monotonic() + WORKER_STOP_SECONDS
    for worker in workers:
        with suppress(subprocess.TimeoutExpired):
            worker.wait(max(0.0, deadline - time.monotonic()))


def _runs(workers: list[subprocess.Popen[bytes]]) -> set[int]:
    tree = children()
    return {run for worker in workers for run in tree.get(worker.pid, [])}


def _kill_all() -> None:
    """Kills until nothing is left below this process: what is orphaned comes to us."""
    while left := list(below(os.getpid())):
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(POLL_SECONDS / 4)


if __name__ == "__main__":
    sys.exit(main())
