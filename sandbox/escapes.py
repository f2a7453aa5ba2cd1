"""A dozen ways out, tried on the real sandbox of this machine, for a person to see.

The whole suite is in `tests/sandbox`; this is the part of it that a user can run.
"""

from dataclasses import dataclass

from sandbox.core import Sandbox
from sandbox.outcome import Call, Outcome, Program, Status

_HONEST = Program("def add(a, b):\n    return a + b\n", "add", (Call((20, 22)),))


@dataclass(frozen=True, slots=True)
class Escape:
    """A program that tries to get out, and how it must end."""

    attack: str
    source: str
    expected: str
    """Its outcome: a status, or a status and the value or the exception's type."""


@dataclass(frozen=True, slots=True)
class EscapeResult:
    """A row of the table."""

    attack: str
    expected: str
    got: str
    ok: bool
    """It ended as it must, and the honest program after it was answered rightly."""


ESCAPES = (
    Escape(
        "read the host's password file",
        "def f():\n    return open('/etc/passwd').read()\n",
        "raised FileNotFoundError",
    ),
    Escape(
        "write a file",
        "def f():\n    open('/tmp/left', 'w').write('x')\n",
        "raised OSError",
    ),
    Escape(
        "look at other processes",
        "import os\ndef f():\n    return os.listdir('/proc')\n",
        "ok []",
    ),
    Escape(
        "read the host's environment",
        "import os\ndef f():\n    return dict(os.environ)\n",
        "ok {}",
    ),
    Escape(
        "open a network connection",
        "import socket\ndef f():\n    socket.socket()\n",
        "raised PermissionError",
    ),
    Escape(
        "be root",
        "import os\ndef f():\n    return os.getuid() == 0 or os.getpid() == 1\n",
        "ok False",
    ),
    Escape(
        "kill every process in sight",
        "import os, signal\ndef f():\n    os.kill(-1, signal.SIGKILL)\n    return 'alone'\n",
        "raised ProcessLookupError",
    ),
    Escape(
        "start another process",
        "import os\ndef f():\n    return os.fork()\n",
        "raised BlockingIOError",
    ),
    Escape(
        "attach to process 1",
        "import ctypes\ndef f():\n"
        "    libc = ctypes.CDLL(None, use_errno=True)\n"
        "    return [libc.ptrace(16, 1, 0, 0), ctypes.get_errno()]\n",
        "ok [-1, 1]",
    ),
    Escape(
        "take new privileges in a namespace",
        "import ctypes\ndef f():\n"
        "    libc = ctypes.CDLL(None, use_errno=True)\n"
        "    return [libc.unshare(0x10000000), ctypes.get_errno()]\n",
        "ok [-1, 1]",
    ),
    Escape(
        "raise its own limits",
        "import resource\ndef f():\n    resource.setrlimit(resource.RLIMIT_NPROC, (9, 9))\n",
        "raised ValueError",
    ),
    Escape(
        "take all memory",
        "def f():\n    return len(bytearray(1 << 40))\n",
        "memory",
    ),
    Escape(
        "run for ever and swallow every exception",
        "def f():\n    while True:\n        try:\n            while True:\n                pass\n"
        "        except BaseException:\n            pass\n",
        "timeout",
    ),
    Escape(
        "sleep for ever, a little at a time",
        "import time\ndef f():\n    while True:\n        time.sleep(0.01)\n",
        "timeout stalled",
    ),
    Escape(
        "change what builtins say to the next program",
        "import builtins\ndef f():\n"
        "    builtins.sum = builtins.len = lambda *a: 99\n    return [1, 2]\n",
        "ok [1, 2]",
    ),
)


def try_escapes(sandbox: Sandbox) -> list[EscapeResult]:
    """Try them all, one after the other, each followed by an honest program."""
    return [_try(sandbox, escape) for escape in ESCAPES]


def _try(sandbox: Sandbox, escape: Escape) -> EscapeResult:
    attack = Program(escape.source, "f", (Call(),))
    (outcome,), (honest,) = sandbox.run([attack, _HONEST])
    got = _describe(outcome)
    ok = got.startswith(escape.expected) and honest.value == "42"
    return EscapeResult(escape.attack, escape.expected, got, ok)


def _describe(outcome: Outcome) -> str:
    detail = outcome.value if outcome.status is Status.OK else outcome.error
    return f"{outcome.status} {detail}".strip()
