"""What happens to the host around a sandbox: killed workers and parents, full disks, load."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from sandbox import Call, Limits, Outcome, Program, Sandbox, Status
from tests.sandbox.hostile.honest import HONEST, PROGRAMS, wrong_answers
from tests.sandbox.hostile.processes import descendants, open_descriptors, still_running

ROOT = Path(__file__).parents[2]
LIMITS = Limits(cpu_seconds=0.2, wall_factor=2.0, memory_bytes=256 << 20)


def _numbered(count: int, body: str = "return {number}") -> list[Program]:
    return [
        Program(f"def f(x):\n    {body.format(number=number)}", "f", (Call((1,)),))
        for number in range(count)
    ]


def _script(*lines: str) -> list[str]:
    return [sys.executable, "-c", "\n".join(lines)]


def _run_script(*lines: str, wrap: tuple[str, ...] = ()) -> str:
    done = subprocess.run(
        [*wrap, *_script(*lines)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


# --- workers


def _processes_of(sandbox: Sandbox) -> list[int]:
    """Its jails and all below them: what else this process has started is not to be touched."""
    roots = sandbox.process_ids()
    return [*roots, *(pid for root in roots for pid in descendants(root))]


@pytest.mark.parametrize("after", [1, 40, 160])
def test_workers_killed_from_outside_lose_and_double_no_answer(after: int) -> None:
    with Sandbox(workers=2, limits=LIMITS) as sandbox:
        results = sandbox.run(_numbered(400))
        seen = [next(results) for _ in range(after)]
        for pid in _processes_of(sandbox):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        seen += results
        assert [outcomes[0].value for outcomes in seen] == [str(n) for n in range(400)]
        assert wrong_answers(list(sandbox.run(PROGRAMS))) == []


def test_workers_killed_again_and_again_lose_no_answer() -> None:
    programs = _numbered(60, "return sum(range({number} * 2000)) * 0 + {number}")
    with Sandbox(workers=2, limits=LIMITS) as sandbox:
        seen = []
        for number, outcomes in enumerate(sandbox.prove(programs)):
            seen.append(outcomes[0].value)
            if number % 20 == 5:
                _kill_one_of(_processes_of(sandbox), number)
        assert seen == [str(n) for n in range(60)]


def _kill_one_of(pids: list[int], number: int) -> None:
    with suppress(ProcessLookupError):
        if pids:
            os.kill(pids[number % len(pids)], signal.SIGKILL)


def test_a_worker_that_is_stopped_from_outside_holds_up_no_answer_for_ever() -> None:
    with Sandbox(limits=LIMITS) as sandbox:
        assert wrong_answers(list(sandbox.run(PROGRAMS))) == []
        for pid in _processes_of(sandbox):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        assert wrong_answers(list(sandbox.run(PROGRAMS))) == []


def test_closing_leaves_no_process_and_no_descriptor_behind() -> None:
    before = open_descriptors(os.getpid())
    others = set(descendants(os.getpid()))
    with Sandbox(workers=2, limits=LIMITS) as sandbox:
        list(sandbox.prove(_numbered(20)))
        started = [pid for pid in descendants(os.getpid()) if pid not in others]
    assert started
    assert still_running(started) == []
    assert open_descriptors(os.getpid()) == before


# --- the parent

PARENT = (
    "import threading",
    "from sandbox import Call, Limits, Program, Sandbox",
    "endless = Program('def f(x):\\n    while True: pass', 'f', (Call((1,)),))",
    "with Sandbox(workers=2, limits=Limits(cpu_seconds=60)) as sandbox:",
    "    list(sandbox.run([Program('def f(x): return x', 'f', (Call((1,)),))]))",
    "    print('ready', flush=True)",
    "    list(sandbox.run([endless] * 4))",
)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_parent_that_is_killed_leaves_nothing_running(number: signal.Signals) -> None:
    with subprocess.Popen(
        _script(*PARENT),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        # A test run in the background of a shell ignores SIGINT, and so would its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"ready\n"
        time.sleep(0.3)  # so that the endless programs run
        started = descendants(parent.pid)
        parent.send_signal(number)
        parent.wait()
    assert started
    assert still_running(started) == []


# --- the disk


# A mount namespace of one's own; an ordinary user needs a user namespace for it.
OWN_MOUNTS = (
    ("unshare", "--mount")
    if os.geteuid() == 0
    else (
        "unshare",
        "--user",
        "--map-current-user",
        "--keep-caps",
        "--mount",
    )
)


def _can_mount() -> bool:
    try:
        return (
            subprocess.run([*OWN_MOUNTS, "true"], capture_output=True, check=False).returncode == 0
        )
    except FileNotFoundError:
        return False


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that the jail's user can reach: pytest's own are closed to others."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.skipif(not _can_mount(), reason="needs a mount namespace for a disk of its own")
def test_a_full_disk_is_named_and_what_was_half_written_is_never_used(open_folder: Path) -> None:
    out = _run_script(
        "import subprocess, sys",
        "from pathlib import Path",
        "from sandbox import Call, Program, Sandbox",
        f"place = {str(open_folder)!r}",
        "subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=400m,mode=755', 'none', place],"
        " check=True)",
        "ballast = open(place + '/ballast', 'wb')",
        "ballast.write(bytes(398 << 20))",
        "ballast.flush()",
        "def attempt():",
        "    with Sandbox(cache_dir=Path(place, 'cache')) as sandbox:",
        "        program = Program('def f(x): return x', 'f', (Call((1,)),))",
        "        return [outcome.value for [outcome] in sandbox.run([program])]",
        "try:",
        "    print(attempt())",
        "except Exception as error:",
        "    print('refused:', type(error).__name__, error)",
        "ballast.truncate(0)",
        "print(attempt())",
        wrap=OWN_MOUNTS,
    )
    refusal, answer = out.splitlines()
    assert refusal.startswith("refused: ")
    assert "No space left" in refusal or "disk" in refusal
    assert answer == "['1']"


def test_a_cache_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    place = tmp_path / "cache"
    place.write_text("in the way")
    with pytest.raises(Exception, match="cache"), Sandbox(cache_dir=place):
        pass


# --- descriptors


def test_without_descriptors_it_refuses_and_works_again_once_there_are_some() -> None:
    out = _run_script(
        "import os, resource",
        "from sandbox import Call, Program, Sandbox",
        "resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128))",
        "program = Program('def f(x): return x', 'f', (Call((1,)),))",
        "def attempt():",
        "    with Sandbox() as sandbox:",
        "        return [outcome.value for [outcome] in sandbox.run([program])]",
        "kept = []",
        "try:",
        "    while True: kept.append(os.open('/', os.O_RDONLY))",
        "except OSError: pass",
        "try:",
        "    print(attempt())",
        "except Exception as error:",
        "    print('refused:', type(error).__name__, error)",
        "for fd in kept: os.close(fd)",
        "print(attempt())",
    )
    refusal, answer = out.splitlines()
    assert refusal.startswith("refused: ")
    assert "open files" in refusal
    assert answer == "['1']"


def test_descriptors_that_run_out_while_it_runs_change_no_answer() -> None:
    out = _run_script(
        "import os, resource",
        "from sandbox import Call, Program, Sandbox",
        "resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128))",
        "good = [Program(f'def f(x): return {n}', 'f', (Call((1,)),)) for n in range(50)]",
        "bad = Program('import os\\ndef f(x): os._exit(1)', 'f', (Call((1,)),))",
        "with Sandbox() as sandbox:",
        "    list(sandbox.run(good))",
        "    kept = []",
        "    try:",
        "        while True: kept.append(os.open('/', os.O_RDONLY))",
        "    except OSError: pass",
        "    try:",
        "        results = list(sandbox.run([*good, bad, *good]))",
        "    except OSError: results = []",
        "    for fd in kept: os.close(fd)",
        "    right = [None, *map(str, range(50))]",
        "    print(all(one.value in (None, str(n % 51)) for n, [one] in enumerate(results)))",
        "    print([one.value for [one] in sandbox.run(good)] == [str(n) for n in range(50)])",
    )
    assert out.splitlines() == ["True", "True"]


# --- load


@contextmanager
def _busy(processes: int) -> Iterator[None]:
    hogs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()


def _statuses(results: list[tuple[Outcome, ...]]) -> list[tuple[Status, str | None]]:
    return [(outcome.status, outcome.value) for outcomes in results for outcome in outcomes]


# Half of the limit, in C and in Python, and all of it; long enough for a hog to take its share.
HEAVY = (
    Program("def f(x):\n    return sum(range(x))", "f", (Call((4_000_000,)),) * 3),
    Program(
        "def f(x):\n    total = 0\n    for n in range(x): total += n\n    return total",
        "f",
        (Call((1_500_000,)),) * 3,
    ),
    Program("def f(x):\n    while True: pass", "f", (Call((1,)),)),
    Program("def f(x):\n    return 'a' * 10 ** 12", "f", (Call((1,)),)),
)


def test_a_busy_loop_on_every_core_changes_no_outcome() -> None:
    limits = Limits(cpu_seconds=0.5, wall_factor=3.0)
    programs = [*HEAVY, *(program for program, _ in HONEST), *_numbered(20)]
    with Sandbox(limits=limits) as sandbox:
        idle = _statuses(list(sandbox.prove(programs)))
        with _busy(2 * (os.cpu_count() or 1)):
            loaded = _statuses(list(sandbox.prove(programs)))
    assert loaded == idle
    assert [status for status, _ in idle].count(Status.TIMEOUT) == 1


# --- callers


def test_two_sandboxes_in_two_threads_answer_each_their_own() -> None:
    answers: dict[int, list[str | None]] = {}

    def ask(offset: int) -> None:
        with Sandbox(limits=LIMITS) as sandbox:
            programs = _numbered(100, f"return {{number}} + {offset}")
            answers[offset] = [outcome.value for [outcome] in sandbox.run(programs)]

    threads = [threading.Thread(target=ask, args=(offset,)) for offset in (0, 1_000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {offset: [str(n + offset) for n in range(100)] for offset in (0, 1_000)}


def test_a_child_forked_by_the_caller_keeps_no_worker_alive() -> None:
    out = _run_script(
        "import os, time",
        "from sandbox import Call, Program, Sandbox",
        "program = Program('def f(x): return x', 'f', (Call((1,)),))",
        "with Sandbox() as sandbox:",
        "    list(sandbox.run([program]))",
        "    child = os.fork()",
        "    if child == 0:",
        "        time.sleep(3)",
        "        os._exit(0)",
        "print('closed')",
        "os.kill(child, 9)",
    )
    assert out == "closed\n"
