"""One fork: runs programs that must not be trusted, and writes what became of each call.

Covered: a program can change builtins, modules and limits as it likes; the code here keeps its
own builtins (the zygote loads it so) and ends the process whatever happens. Not covered: a
program that forges its own results on the descriptor; what it says is its own behaviour, unless a
verdict hangs on it, and then the expected answers stay outside.

A line for each event, fields parted by tabs:

    loaded
    failed  STATUS  ERROR  MESSAGE                        instead of `loaded`
    INDEX   STATUS  MUTATED  ERROR  MESSAGE  VALUE  ARCS  once for each call, in order
    =VALUE                                                the same, for `ok` and nothing else
    end     CLEAN                                         once for each program

A program alone has each line written at once, since the next one may never come; one of a batch
has all of its lines written when it ends, and before the next one begins.
"""

from __future__ import annotations

import builtins
import sys
from _codecs import unicode_escape_encode
from gc import disable
from marshal import dumps, loads
from posix import _exit, write
from resource import RUSAGE_SELF, getrusage
from sys import getrecursionlimit, setprofile, setrecursionlimit, settrace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, NoReturn, Protocol

    from sandbox.injail.tracing import Tracer

    Part = tuple[bytes | str, str, str, tuple[str, ...], tuple[bytes, ...]]
    """Code (marshalled, or source), entry, module name, imports, arguments of the calls."""
    Containers = Mapping[str, list[tuple[Any, Any]]]
    """By module: what it holds that a program could change, and a copy of each."""

    class Values(Protocol):
        """What of `sandbox.values` is used here."""

        encode: Callable[..., str]
        type_name: Callable[[type], str]
        ValueTooLargeError: type[ValueError]


RESULTS = 3
"""The one descriptor that is open."""
MAX_MESSAGE = 200
_MARSHAL_VERSION = 2
"""The last without references between objects, so that equal arguments have equal bytes."""
_HEAP_TYPE = 1 << 9
"""Flag of a type that was made at run time (Py_TPFLAGS_HEAPTYPE)."""
_FAILED, _NO_MEMORY = 254, 253
"""Exit codes where the code here was made to fail, or had no memory left to say what happened."""
_LEFT_KILOBYTES = 64 << 10
"""Memory that the programs of a batch may leave to the next; the others get another process."""
_RECURSION_LIMIT = getrecursionlimit()
_Module = type(sys)
_mro: Callable[[type], tuple[type, ...]] = type.__dict__["__mro__"].__get__
_attributes: Callable[[type], Mapping[str, Any]] = type.__dict__["__dict__"].__get__
_flags: Callable[[type], int] = type.__dict__["__flags__"].__get__
_error_args: Callable[[BaseException], tuple[Any, ...]] = BaseException.__dict__["args"].__get__


class Runner:
    """Runs the programs of one job."""

    def __init__(
        self, values: Values, tracer: type[Tracer], containers: Containers, modules: dict[str, Any]
    ) -> None:
        self.values = values
        self.tracer = tracer
        self.containers = containers
        self.modules = modules
        """Copy of `sys.modules` as it must stay."""
        self.builtins = dict(vars(builtins))
        self.lines: list[str] = []
        self.most_kilobytes = getrusage(RUSAGE_SELF).ru_maxrss + _LEFT_KILOBYTES

    def run_and_exit(self, job: bytes) -> NoReturn:
        """Run a job to its end; never returns, never raises."""
        try:
            self.run(job)
            _exit(0)
        except MemoryError:
            _exit(_NO_MEMORY)
        finally:
            _exit(_FAILED)

    def run(self, job: bytes) -> None:
        """Run each program of a job; see `sandbox.runs.pack_job` for its parts."""
        self.arcs, self.steps, self.output_bytes, self.is_batch, parts = loads(job)  # noqa: S302 - from the host
        if self.is_batch:
            disable()  # the garbage of a few programs is small; none of them can tell
        for part in parts:
            if not self._run_program(part) or (self.is_batch and self._is_full()):
                return

    def _run_program(self, part: Part) -> bool:
        """False where nothing may run after it."""
        code, entry, name, imports, calls = part
        module = _Module(name)
        vars(module)["__builtins__"] = builtins
        sys.modules[name] = module
        function = self._load(code, entry, vars(module))
        if function is not None:
            self._say("loaded")
            for index, arguments in enumerate(calls):
                self._say(self._run_call(index, function, arguments))
        clean = self.is_batch and self._is_clean(name, module, imports)
        self.lines.append(f"end\t{clean:d}")
        self._flush()
        return clean

    def _load(self, code: bytes | str, entry: str, namespace: dict[str, Any]) -> Any:
        """The entry of a program, or None where it has failed."""
        try:
            if type(code) is str:  # too odd a source to compile in the host
                code = dumps(compile(code, "<program>", "exec", dont_inherit=True))
            exec(loads(code), namespace)  # type: ignore[arg-type]  # noqa: S102, S302 - what the jail is for
            return _find(entry, namespace)
        except BaseException as error:  # noqa: BLE001 - a program may raise anything
            self._recover()
            status = self._status_of(error)
            status = "bad_program" if status == "raised" else status
            self._say("\t".join(("failed", status, *self._describe(error))))
            return None

    def _is_full(self) -> bool:
        return getrusage(RUSAGE_SELF).ru_maxrss > self.most_kilobytes

    def _run_call(self, index: int, function: Any, arguments: bytes) -> str:
        """Everything about one call, as a line."""
        try:
            args, kwargs = given = loads(arguments)  # noqa: S302 - from the host
        except (ValueError, MemoryError, EOFError, TypeError) as error:
            return f"{index}\tbad_input\t0\t{type(error).__name__}\t\t\t"
        tracer = self.tracer(self.steps) if self.arcs else None
        try:
            if tracer is not None:
                tracer.start()
            result = function(*args, **kwargs)
            self._recover()
        except BaseException as error:  # noqa: BLE001 - a program may raise anything
            self._recover()
            ending = (self._status_of(error), *self._describe(error), "")
        else:
            ending = self._returned(result)
        mutated = self._is_mutated(given, arguments)
        if tracer is None:
            if ending[0] == "ok" and not mutated:
                return f"={ending[3]}"
            return _line(index, ending, mutated, "")
        if tracer.steps < 0:
            ending = ("timeout", "steps", "", "")
        return _line(index, ending, mutated, " ".join(f"{a},{b}" for a, b in sorted(tracer.arcs)))

    def _recover(self) -> None:
        """Undo what would change the behaviour of the code that follows."""
        settrace(None)
        setprofile(None)
        setrecursionlimit(_RECURSION_LIMIT)

    def _returned(self, result: Any) -> tuple[str, str, str, str]:
        try:
            return ("ok", "", "", self.values.encode(result, max_bytes=self.output_bytes))
        except self.values.ValueTooLargeError:
            return ("output_too_large", "", "", "")
        except TypeError as error:
            return ("opaque", _escape(str(error)), "", "")
        except MemoryError:
            return ("memory", "MemoryError", "", "")

    def _status_of(self, error: BaseException) -> str:
        # By type: isinstance would ask the exception itself.
        if issubclass(type(error), MemoryError):
            return "memory"
        if issubclass(type(error), (SystemExit, KeyboardInterrupt)):
            return "exited"
        return "raised"

    def _describe(self, error: BaseException) -> tuple[str, str]:
        """Type and text of an exception; no text where the program's code would write it."""
        name = _escape(self.values.type_name(type(error)))
        try:
            self.values.encode(_error_args(error))
            message = _text_method(type(error))(error)
        except Exception:  # noqa: BLE001 - its text is not known, then
            message = ""
        return name, _escape(message)

    def _is_mutated(self, given: tuple[Any, Any], arguments: bytes) -> bool:
        try:
            if dumps(given, _MARSHAL_VERSION) == arguments:
                return False
            # The bytes also tell apart what is equal: strings that were interned meanwhile.
            fresh = loads(arguments)  # noqa: S302 - from the host
            return self.values.encode(given) != self.values.encode(fresh)
        except (ValueError, TypeError, MemoryError):
            return True

    def _is_clean(self, name: str, module: Any, imports: tuple[str, ...]) -> bool:
        """True where a program of a batch left nothing that its neighbours could notice.

        What it still holds is freed before, so that its finalisers run while it is watched.
        """
        vars(module).clear()
        if sys.modules.pop(name, None) is not module or sys.modules != self.modules:
            return False
        if vars(builtins) != self.builtins:
            return False
        kept = (pair for imported in imports for pair in self.containers.get(imported, ()))
        return all(container == copy for container, copy in kept)

    def _say(self, line: str) -> None:
        """Write a line, in a batch with the others of its program."""
        self.lines.append(line)
        if not self.is_batch:
            self._flush()

    def _flush(self) -> None:
        if not self.lines:
            return
        data = ("\n".join(self.lines) + "\n").encode()
        self.lines.clear()
        while data:
            data = data[write(RESULTS, data) :]


def _find(entry: str, namespace: dict[str, Any]) -> Any:
    """The callable of that name; dotted for a method of a class."""
    first, *rest = entry.split(".")
    if first not in namespace:
        raise NameError(f"name {first!r} is not defined")
    found = namespace[first]
    for name in rest:
        found = getattr(found, name)
    if not callable(found):
        raise TypeError(f"{entry!r} is not callable")
    return found


def _text_method(cls: type) -> Callable[[BaseException], str]:
    """The `__str__` of an exception type.

    Raises:
        TypeError: It is the program's own.
    """
    for base in _mro(cls):
        method = _attributes(base).get("__str__")
        if method is not None:
            if _flags(base) & _HEAP_TYPE:
                raise TypeError
            return method  # type: ignore[no-any-return]
    raise TypeError


def _escape(text: str) -> str:
    """One line of ASCII without tabs, read back by unicode_escape."""
    return unicode_escape_encode(text[:MAX_MESSAGE])[0].decode("ascii")


def _line(index: int, ending: Iterable[str], mutated: bool, arcs: str) -> str:
    status, error, message, value = ending
    return f"{index}\t{status}\t{mutated:d}\t{error}\t{message}\t{value}\t{arcs}"
