"""Process 1 of a jail: waits for jobs, forks a child for each, watches it, answers the host.

It never looks at a job: the child reads it, so that nothing of one program is in the memory of
another's process. It refuses to run anywhere but in a jail, since it ends each job by killing
every other process that it can see.

From the host, before each job, six little-endian 32-bit numbers; see `sandbox.wire`. To the
host, `ready` once, then for each job four such numbers and the bytes that the child wrote.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import builtins
import gc
import marshal
import posix
import select
import sys
from time import clock_gettime, monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import SimpleNamespace
    from typing import Any, NoReturn

INPUT, ANSWERS, NOTES, RESULTS = range(4)
NUMBERS = 6
ENDED, CPU, STALLED, TOTAL, FLOOD = range(5)
"""Why a child is no more: by itself, or what it used up."""
FIRST_SLICE, LAST_SLICE = 0.005, 0.2
"""Seconds between two looks at the child; the last also as a share of the CPU limit."""
PROGRESS = 0.001
"""CPU seconds that count as not being asleep."""
NOTE_AT, NOTE_BYTES = 1 << 16, 24
"""Where the host writes down how long the child has waited for a core; see `sandbox.processes`."""
PIPE_BYTES = 1 << 20
"""Room for all that most jobs write, so that the child need not wait for the next look."""
_F_SETPIPE_SZ, _F_SETFL = 1031, 4
_CHUNK = 1 << 16
_poll = select.poll()
_poll.register(INPUT, 0)


def main() -> None:
    """Set up once, then serve jobs until the host closes the channel."""
    refuse_outside_a_jail()
    imports, checked, shift = sys.argv[1].split(";")
    child = _load("child")
    runner = child.Runner(
        _load("values"),
        _load("tracing").Tracer,
        _import_all(imports.split(","), checked.split(","), int(shift)),
        {},
    )
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    _signal.pthread_sigmask(_signal.SIG_BLOCK, (_signal.SIGCHLD,))
    fcntl = _fcntl()
    import resource  # noqa: F401, PLC0415 - for every child

    _silence()
    _warm(runner)
    posix.write(ANSWERS, b"ready\n")
    while True:
        numbers = _read_numbers()
        sender = _open_results(fcntl)
        pid = posix.fork()
        if pid == 0:
            _become_child(runner, sender, numbers[1])
        posix.close(sender)
        _answer(numbers[0], *_watch(pid, numbers))
        posix.close(RESULTS)


def refuse_outside_a_jail() -> None:
    """End at once unless this is process 1 of a jail, on the jail's own root."""
    inside = (
        posix.getpid() == 1
        and posix.getppid() == 0
        and posix.getuid() in {1000, 65534}  # as in policy.py
        and posix.uname().nodename == "sandbox"
        and {"app", "py"}
        < set(posix.listdir("/"))
        < {"app", "dev", "lib", "lib64", "proc", "py", "tmp"}
        and not posix.listdir("/proc")
    )
    if not inside:
        posix.write(2, b"zygote: this is no jail: refusing to run\n")
        posix._exit(77)  # noqa: SLF001 - its only name


def _load(name: str) -> SimpleNamespace:
    """A module of /app with builtins of its own, which no program can change."""
    with open(f"/app/{name}.pyc", "rb") as file:  # noqa: PTH123 - pathlib would be imported
        code = marshal.loads(file.read()[16:])  # noqa: S302 - our own, from the image
    namespace = {"__name__": name, "__builtins__": dict(vars(builtins))}
    exec(code, namespace)  # noqa: S102 - our own, from the image
    holder: Any = type(sys)(name)
    vars(holder).update(namespace)
    return holder  # type: ignore[no-any-return]


def _import_all(
    imports: list[str], checked: list[str], shift: int
) -> dict[str, list[tuple[Any, Any]]]:
    """Import for all forks to come; copies of what the modules to be checked hold."""
    # Hooks that run in every fork reseed and relock what no fork shares; they cost page faults.
    register, posix.register_at_fork = posix.register_at_fork, lambda **_: None
    for name in filter(None, imports):
        try:
            __import__(name)
        except ImportError:  # another version of Python has other modules
            continue
    posix.register_at_fork = register
    os: Any = sys.modules.get("os")
    if os is not None:
        os.register_at_fork = register
    if shift:
        _load("clock").move(shift)
    roots = {name.partition(".")[0] for name in checked}
    return {name: _containers(sys.modules[name], roots) for name in checked if name in sys.modules}


def _containers(module: Any, roots: set[str]) -> list[tuple[Any, Any]]:
    """What a program could change without a trace, and a copy of each.

    That of a module, of its classes, and of the modules in it that share the roots. Private names
    are left to the gate, which lets no program in a batch read them: `re` fills caches of its own.
    """
    held = [vars(module)]
    for item in _public(module):
        held.append(item)
        is_module = type(item) is type(sys) and item.__name__.partition(".")[0] in roots
        if is_module or isinstance(item, type):
            held += _public(item)
    return [(item, item.copy()) for item in held if type(item) in {dict, list, set}]


def _public(holder: Any) -> list[Any]:
    return [item for name, item in vars(holder).items() if name[:1] != "_"]


def _fcntl() -> Callable[[int, int, int], int]:
    """The function; its module is none that programs find imported."""
    from fcntl import fcntl  # noqa: PLC0415 - as above

    del sys.modules["fcntl"]
    return fcntl


def _open_results(fcntl: Callable[[int, int, int], int]) -> int:
    """A pipe for one child: a program can leave its size, its flags and its owner changed."""
    receiver, sender = posix.pipe()
    fcntl(sender, _F_SETPIPE_SZ, PIPE_BYTES)
    fcntl(receiver, _F_SETFL, posix.O_NONBLOCK)
    return sender


def _silence() -> None:
    """Standard streams that go nowhere, and no environment."""
    import io  # noqa: PLC0415 - imported by Python itself already

    class Nothing(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def writable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:  # noqa: ARG002 - nothing is read
            return 0

        def write(self, data: Any) -> int:
            return len(data)

    sys.stdin = sys.__stdin__ = io.TextIOWrapper(io.BufferedReader(Nothing()), "utf-8")  # type: ignore[misc]
    sys.stdout = sys.__stdout__ = io.TextIOWrapper(io.BufferedWriter(Nothing()), "utf-8")  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = io.TextIOWrapper(io.BufferedWriter(Nothing()), "utf-8")  # type: ignore[misc]
    sys.argv[:] = [""]
    posix.environ.clear()
    os = sys.modules.get("os")
    if os is not None:
        os.environ.clear()


def _warm(runner: Any) -> None:
    """Run a program here once: what Python sets up at first use, no fork needs to set up again."""
    source = "def f(x):\n    return [x, str(x), {'a': (x, 1.5)}]\n"
    code = marshal.dumps(compile(source, "<program>", "exec"))
    arguments = marshal.dumps(((1,), {}), 2)
    runner.modules = dict(sys.modules)
    runner.modules.pop("__main__")
    flush, runner._flush = runner._flush, runner.lines.clear  # noqa: SLF001 - one program in two files
    job = marshal.dumps(
        (False, 0, 1000, True, ((code, "f", "__main__", (), (arguments,) * 20),) * 4)
    )
    runner.run(job)
    runner._flush = flush  # noqa: SLF001 - as above
    runner.lines.clear()
    gc.enable()  # which the run of a batch has switched off
    gc.collect()
    gc.freeze()


def _read_numbers() -> list[int]:
    data = b""
    while len(data) < 4 * NUMBERS:
        more = posix.read(INPUT, 4 * NUMBERS - len(data))
        if not more:
            posix._exit(0)  # noqa: SLF001 - the host has gone
        data += more
    numbers = []
    for i in range(0, 4 * NUMBERS, 4):  # a comprehension would make a function each time
        numbers.append(int.from_bytes(data[i : i + 4], "little"))  # noqa: PERF401 - as above
    return numbers


def _become_child(runner: Any, sender: int, length: int) -> NoReturn:
    """In the fork: take the job, give up everything but one descriptor, run."""
    try:
        job = posix.read(INPUT, length)  # in one piece, if it is there already
        while len(job) < length:
            more = posix.read(INPUT, length - len(job))
            if not more:
                posix._exit(1)  # noqa: SLF001 - the host has gone
            job += more
        import resource  # noqa: PLC0415 - imported before the first fork

        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
        posix.dup2(sender, RESULTS)
        posix.closerange(0, RESULTS)
        posix.closerange(RESULTS + 1, 16)
        posix.write(RESULTS, b"\n")
        runner.run_and_exit(job)
    finally:
        posix._exit(254)  # noqa: SLF001 - no child may go on in the zygote's loop


class Watch:
    """Waits for one child, and ends it where it uses more than it may."""

    def __init__(self, pid: int, numbers: list[int]) -> None:
        self.pid = pid
        self.cpu_limit, self.wall_limit = numbers[2] / 1000, numbers[3] / 1000
        self.total_limit = numbers[4] / 1000
        self.output_limit = numbers[5]
        self.clock = (~pid << 3) | 2
        """The CPU clock of a process, by its id (CPUCLOCK_SCHED, see clock_getres(2))."""
        self.output = bytearray()
        self.first_wall = self.began_wall = self.active_wall = monotonic()
        self.began_cpu = self.active_cpu = 0.0
        """Of the call at hand, and when the child was last seen to do something."""
        self.waited = self.began_waited = 0.0
        """Seconds without a core, as far as the host has said."""

    def run(self) -> tuple[int, int]:
        """Until the child has ended: why, and its wait status."""
        pause, last_pause = FIRST_SLICE, min(LAST_SLICE, LAST_SLICE * self.cpu_limit)
        while True:
            _signal.sigtimedwait((_signal.SIGCHLD,), pause)
            ended, status = posix.waitpid(self.pid, posix.WNOHANG)
            if ended:
                return ENDED, status
            reason = self._look()
            if reason != ENDED:
                posix.kill(self.pid, _signal.SIGKILL)
                return reason, posix.waitpid(self.pid, 0)[1]
            # CPU time runs no faster than the wall's: what is left need not be looked at sooner.
            left = self.cpu_limit - (clock_gettime(self.clock) - self.began_cpu)
            pause = min(2 * pause, last_pause, max(left, PROGRESS))

    def _look(self) -> int:
        """What the child has used up, or ENDED where it may go on."""
        if not _host_is_there():
            posix._exit(0)  # noqa: SLF001 - process 1 takes the whole jail with it
        cpu, wall, before = clock_gettime(self.clock), monotonic(), len(self.output)
        _drain(self.output, self.output_limit)
        if len(self.output) > before:
            # The call at hand began after the last look: counting from now never wrongs it.
            self.began_cpu, self.began_wall, self.began_waited = cpu, wall, self.waited
        if len(self.output) > before or cpu - self.active_cpu > PROGRESS:
            self.active_cpu, self.active_wall = cpu, wall
        if len(self.output) > self.output_limit:
            return FLOOD
        if cpu - self.began_cpu > self.cpu_limit:
            return CPU
        if wall - self.active_wall > self.wall_limit:
            return STALLED
        return TOTAL if cpu > self.total_limit else self._look_for_sleep(cpu)

    def _look_for_sleep(self, cpu: float) -> int:
        """Time that was neither used nor waited for: a busy machine makes none of it."""
        pid, then, waited = _read_note()
        if pid != self.pid or then < self.first_wall:
            return ENDED
        self.waited = waited
        used, slept = cpu - self.began_cpu, then - self.began_wall
        if slept - used - (waited - self.began_waited) > self.wall_limit:
            return STALLED
        total_limit = self.total_limit * self.wall_limit / self.cpu_limit
        return TOTAL if then - self.first_wall - cpu - waited > total_limit else ENDED


def _read_note() -> tuple[int, float, float]:
    """A process id, and seconds: when the host looked at it, and how long it had waited by then."""
    data = posix.pread(NOTES, NOTE_BYTES, NOTE_AT)
    pid, then, waited = (int.from_bytes(data[i : i + 8], "little") for i in (0, 8, 16))
    return pid, then / 1e9, waited / 1e9


def _watch(pid: int, numbers: list[int]) -> tuple[int, int, bytearray]:
    watch = Watch(pid, numbers)
    reason, status = watch.run()
    _end_everything_else()
    _drain(watch.output, watch.output_limit)
    if not watch.output:
        posix._exit(1)  # noqa: SLF001 - the job may still lie in the channel
    return reason, status, watch.output


def _end_everything_else() -> None:
    """Leave process 1 alone in its namespace. Only ever reached past `refuse_outside_a_jail`."""
    if posix.getpid() != 1:
        posix._exit(77)  # noqa: SLF001 - never: outside, this would end the whole machine
    try:
        posix.kill(-1, _signal.SIGKILL)
        while True:
            posix.waitpid(-1, 0)
    except (ProcessLookupError, ChildProcessError):
        return


def _drain(output: bytearray, limit: int) -> None:
    """Take what is in the pipe, but not much more than may be there."""
    try:
        while len(output) <= limit and (more := posix.read(RESULTS, _CHUNK)):
            output += more
    except BlockingIOError:
        return


def _host_is_there() -> bool:
    return not any(event & select.POLLHUP for _, event in _poll.poll(0))


def _answer(job: int, reason: int, status: int, output: bytearray) -> None:
    data = bytearray()
    for number in (job, reason, status, len(output)):
        data += number.to_bytes(4, "little")
    data += output
    while data:
        data = data[posix.write(ANSWERS, data) :]


if __name__ == "__main__":
    main()
