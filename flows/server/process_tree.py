"""Which processes stand under which, as /proc tells it."""

from collections.abc import Iterator
from pathlib import Path


def children() -> dict[int, list[int]]:
    """The children of every process; what has ended and waits to be looked at is left out."""
    found: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(entry)) and fields[0] != "Z":
            found.setdefault(int(fields[1]), []).append(int(entry.name))
    return found


def below(pid: int) -> Iterator[int]:
    """Every process under this one, parents before their children."""
    tree = children()
    waiting = tree.get(pid, [])
    while waiting:
        one = waiting.pop()
        yield one
        waiting.extend(tree.get(one, []))


def _stat(entry: Path) -> list[str]:
    """The fields of /proc/PID/stat from the third (state) on; none where it is gone."""
    try:
        return (entry / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
