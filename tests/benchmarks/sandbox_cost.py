"""What work costs: CPU time of a process and of all below it, living or ended, and their memory."""

import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TICK = 1 / os.sysconf("SC_CLK_TCK")


@dataclass
class Cost:
    """CPU and wall seconds that a block took."""

    cpu: float = 0.0
    wall: float = 0.0


@contextmanager
def measured() -> Iterator[Cost]:
    """Measures the block: this process, every child it waited for, every descendant alive.

    A jail's processes are below this one; what ends inside a jail is counted by its pid 1.
    """
    cost, cpu, wall = Cost(), cpu_seconds(), time.perf_counter()
    yield cost
    cost.wall, cost.cpu = time.perf_counter() - wall, cpu_seconds() - cpu


def cpu_seconds() -> float:
    """CPU time so far of this process and of all that are or were below it."""
    own = sum(_used(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own + sum(map(_cpu_of, descendants(os.getpid())))


def _used(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def _cpu_of(pid: int) -> float:
    """A living process by its own clock (ns), the children it collected in ticks (10 ms)."""
    try:
        clock = time.clock_gettime((~pid << 3) | 2)
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (OSError, IndexError):
        return 0.0
    return clock + (int(fields[13]) + int(fields[14])) * TICK


def descendants(root: int) -> list[int]:
    """Every process below `root`."""
    found, queue = [], [root]
    while queue:
        below = _children(queue.pop())
        found += below
        queue += below
    return found


def _children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return list(map(int, text.split()))


def resident_megabytes(pids: list[int]) -> float:
    """Proportional memory of the processes: a page shared by two counts half for each."""
    return sum(map(_proportional_kilobytes, pids)) / 1024


def _proportional_kilobytes(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
