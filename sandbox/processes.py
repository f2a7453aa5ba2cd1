"""What the host sees of a jail's processes: those in the jail have no /proc to look into."""

import contextlib
import struct
import time
from collections.abc import Iterator
from pathlib import Path

NOTE = struct.Struct("<3Q")
"""On a zygote's child: its process id in the jail, when it was looked at (monotonic), and how
long it had waited for a core by then, both in nanoseconds."""


def children_of(process: int) -> Iterator[int]:
    """The direct children of a process; none where it is gone."""
    try:
        text = Path(f"/proc/{process}/task/{process}/children").read_text()
    except OSError:  # not every kernel has this file
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if int(_stat(int(folder.name))[1]) == process:
                    yield int(folder.name)
    else:
        yield from map(int, text.split())


def cpu_seconds(process: int) -> float:
    """CPU time that a process has used. Raises OSError where it is gone."""
    return time.clock_gettime((~process << 3) | 2)  # as in sandbox.injail.zygote


def is_stopped(process: int) -> bool:
    """A signal has stopped it. Raises OSError where it is gone."""
    return _stat(process)[0] in "Tt"


def note_on_child(zygote: int) -> bytes | None:
    """What a zygote cannot know of its child: how long it has waited for a core.

    None where nothing reliable can be said: there is no child, it runs or waits at this very
    moment, or this kernel does not count.
    """
    with contextlib.suppress(OSError, StopIteration):
        child = next(children_of(zygote))
        now = time.monotonic_ns()
        # What it waits after this moment counts in its favour.
        state = _stat(child)[0]
        _, waited, turns = map(int, Path(f"/proc/{child}/schedstat").read_text().split())
        if state != "R" and turns:
            return NOTE.pack(_inner_id(child), now, waited)
    return None


def _stat(process: int) -> list[str]:
    """State, parent and so on: the fields of proc(5) after the name, which may hold anything."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()


def _inner_id(process: int) -> int:
    """Its process id in the innermost namespace."""
    status = Path(f"/proc/{process}/status").read_text()
    return next(int(line.split()[-1]) for line in status.splitlines() if line[:6] == "NSpid:")
