"""What runs below a process, read from /proc."""

import time
from pathlib import Path

DEADLINE = 20.0
"""Seconds that a process may take to disappear on a machine that is busy with something else."""


def parent_of(pid: int) -> int | None:
    """The parent's id; None where the process is gone or waits to be collected."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, parent = stat.rpartition(")")[2].split()[:2]
    return None if state == "Z" else int(parent)


def descendants(root: int) -> list[int]:
    """Every process below `root`, parents before their children."""
    children: dict[int, list[int]] = {}
    for pid in sorted(int(entry.name) for entry in Path("/proc").glob("[0-9]*")):
        parent = parent_of(pid)
        if parent is not None:
            children.setdefault(parent, []).append(pid)
    found, queue = [], [root]
    while queue:
        below = children.get(queue.pop(0), [])
        found += below
        queue += below
    return found


def still_running(pids: list[int]) -> list[int]:
    """Those of `pids` that do not end before the deadline."""
    end = time.monotonic() + DEADLINE
    left = pids
    while left and time.monotonic() < end:
        time.sleep(0.02)
        left = [pid for pid in left if parent_of(pid) is not None]
    return left


def resident_kilobytes(pid: int) -> int:
    """Resident memory of a process; 0 where it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    lines = dict(line.split(":", 1) for line in status.splitlines())
    return int(lines["VmRSS"].split()[0]) if "VmRSS" in lines else 0


def open_descriptors(pid: int) -> int:
    """How many descriptors a process holds."""
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
