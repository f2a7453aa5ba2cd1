"""A jail is in a control group of its own, where the host allows that, and leaves none behind."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox import Call, Limits, Program, Sandbox, Status, cgroups
from sandbox.cgroups import MOST_PROCESSES, PREFIX, SPARE_BYTES, ControlGroup

PROGRAM = Program("def f():\n    return 1", "f", (Call(),))


def _can_make_groups() -> bool:
    group = ControlGroup.make(1 << 30)
    if group is None:
        return False
    group.remove()
    return True


NEEDS_GROUPS = pytest.mark.skipif(not _can_make_groups(), reason="no control groups to be had here")


def made_here() -> set[Path]:
    """Groups of this process; other tests may have a sandbox open."""
    parents = set(cgroups._parents().values())
    return {path for parent in parents for path in parent.glob(f"{PREFIX}-{os.getpid()}-*")}


@NEEDS_GROUPS
def test_memory_and_processes_of_a_jail_are_limited_as_a_whole() -> None:
    with Sandbox(limits=Limits(memory_bytes=128 << 20)) as sandbox:
        [zygote] = sandbox.zygote_ids()
        named = Path(f"/proc/{zygote}/cgroup").read_text()
        folders = [folder for folder in made_here() if f"/{folder.name}\n" in named]
        assert folders
        limits = {
            path.name: int(path.read_text())
            for folder in folders
            for name in ("memory.max", "memory.limit_in_bytes", "pids.max")
            if (path := folder / name).exists()
        }
    assert limits.pop("pids.max") == MOST_PROCESSES
    assert list(limits.values()) == [(128 << 20) + SPARE_BYTES]


@NEEDS_GROUPS
def test_the_group_ends_with_the_sandbox() -> None:
    before = made_here()
    with Sandbox(workers=2) as sandbox:
        assert [outcomes[0].value for outcomes in sandbox.prove([PROGRAM] * 4)] == ["1"] * 4
        assert made_here() > before
    assert made_here() == before


@NEEDS_GROUPS
def test_what_a_killed_host_left_is_removed_by_the_next_sandbox() -> None:
    script = (
        "import os; from sandbox import Sandbox; s = Sandbox(); print(os.getpid()); os._exit(1)"
    )
    command = [sys.executable, "-c", script]
    root = Path(__file__).parents[2]
    host = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    with Sandbox():
        parents = set(cgroups._parents().values())
        assert not [path for one in parents for path in one.glob(f"{PREFIX}-{int(host.stdout)}-*")]


def test_where_no_group_can_be_made_there_is_a_sandbox_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cgroups, "MOUNT", tmp_path)
    assert ControlGroup.make(1 << 30) is None
    with Sandbox() as sandbox:
        [[outcome]] = sandbox.run([PROGRAM])
    assert outcome.status is Status.OK


def test_version_2_is_used_beside_the_own_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "user").mkdir()
    (tmp_path / "cgroup.controllers").write_text("cpu memory pids")
    (tmp_path / "user/cgroup.subtree_control").write_text("memory pids")
    monkeypatch.setattr(cgroups, "MOUNT", tmp_path)
    monkeypatch.setattr(cgroups, "_own_groups", lambda: iter([("", "/user/session")]))
    assert cgroups._parents() == dict.fromkeys(cgroups.CONTROLLERS, tmp_path / "user")
    (tmp_path / "user/cgroup.subtree_control").write_text("pids")
    assert cgroups._parents() == {}
