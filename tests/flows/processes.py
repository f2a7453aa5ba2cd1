"""Which processes stand under one, and which of them are still alive later."""

import time
from pathlib import Path

Process = tuple[int, str]
"""Process id and start time: a pid alone could be another process by then."""


def descendants(root: int) -> set[Process]:
    """The process and everything below it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = set(), [root]
    while waiting:
        pid = waiting.pop()
        waiting.extend(parents.get(pid, []))
        if fields := _stat(pid):
            found.add((pid, fields[19]))
    return found


def left_of(processes: set[Process], seconds: float = 20) -> list[str]:
    """Command lines of those that are still alive after that time; empty as soon as none is."""
    deadline = time.monotonic() + seconds
    while (alive := _alive(processes)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return alive


def _alive(processes: set[Process]) -> list[str]:
    found = []
    for pid, started in processes:
        fields = _stat(pid)
        if fields and fields[19] == started and fields[0] != "Z":
            found.append(Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "))
    return found


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat from the third (state) on."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
