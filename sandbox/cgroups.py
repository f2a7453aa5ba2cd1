"""A control group for each jail, where the host allows one: a second line behind the rlimits.

Covered: memory and processes of a jail as a whole, its zygote included, in version 1 and 2; a
group is removed with its jail, or by the next sandbox where the host was killed. Not covered:
hosts that let nobody make groups (most containers); there the limits of each process hold alone.
No outcome depends on it: the rlimits are reached first.
"""

import contextlib
import itertools
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Self

MOUNT = Path("/sys/fs/cgroup")
PREFIX = "python-sandbox"
CONTROLLERS = ("memory", "pids")
SPARE_BYTES = 256 << 20
"""Beyond what one program may have: the zygote, and what the kernel keeps for both."""
MOST_PROCESSES = 16
_REMOVE_SECONDS = 1.0
"""For the jail's last process to be gone; a few milliseconds are usual."""
_numbers = itertools.count()


class ControlGroup:
    """The folders of one group: one in version 2, one for each controller in version 1."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        self.folders = folders
        """By controller."""

    @classmethod
    def make(cls, memory_bytes: int) -> Self | None:
        """A new group with its limits, or None where this host does not allow it."""
        parents = _parents()
        if not parents:
            return None
        name = f"{PREFIX}-{os.getpid()}-{next(_numbers)}"
        group = cls({controller: parent / name for controller, parent in parents.items()})
        try:
            for parent in set(parents.values()):
                _remove_abandoned(parent)
                (parent / name).mkdir()
            group._set_limits(memory_bytes + SPARE_BYTES)
        except OSError:
            group.remove()
            return None
        return group

    def add(self, process: int) -> None:
        """Put a process and all that it will start into the group. Raises OSError."""
        for folder in set(self.folders.values()):
            (folder / "cgroup.procs").write_text(str(process))

    def remove(self) -> None:
        """End the group, once its processes are gone."""
        for folder in set(self.folders.values()):
            deadline = time.monotonic() + _REMOVE_SECONDS
            while folder.is_dir() and time.monotonic() < deadline:
                try:
                    folder.rmdir()
                except OSError:
                    time.sleep(0.002)

    def _set_limits(self, memory_bytes: int) -> None:
        memory = self.folders["memory"]
        names = ("memory.max", "memory.limit_in_bytes")
        name = next(name for name in names if (memory / name).exists())
        (memory / name).write_text(str(memory_bytes))
        (self.folders["pids"] / "pids.max").write_text(str(MOST_PROCESSES))


def _parents() -> dict[str, Path]:
    """Where groups can be made, by controller; empty where that is nowhere."""
    own = dict(_own_groups())
    if "" in own and (MOUNT / "cgroup.controllers").exists():
        # A group that has processes may not have groups below it: ours goes beside our own.
        parent = MOUNT / own[""].strip("/")
        parent = parent.parent if parent != MOUNT else MOUNT
        with contextlib.suppress(OSError):
            enabled = (parent / "cgroup.subtree_control").read_text().split()
            if {*CONTROLLERS} <= {*enabled}:
                return dict.fromkeys(CONTROLLERS, parent)
        return {}
    found = {name: MOUNT / name / own[name].strip("/") for name in CONTROLLERS if name in own}
    return found if len(found) == len(CONTROLLERS) and all(map(Path.is_dir, found.values())) else {}


def _own_groups() -> Iterator[tuple[str, str]]:
    """Controller and path of each group of this process; no controller in version 2."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            for controller in controllers.split(","):
                yield controller, path


def _remove_abandoned(parent: Path) -> None:
    """Groups of hosts that were killed before they could remove them."""
    for folder in parent.glob(f"{PREFIX}-*"):
        owner = folder.name.split("-")[2]
        if not Path("/proc", owner).exists():
            with contextlib.suppress(OSError):
                folder.rmdir()
