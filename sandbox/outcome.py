"""What goes in and what comes out: programs, calls, limits, outcomes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """Every way a call can end. A result never looks like a failure."""

    OK = "ok"
    """Returned a value that can be written as a literal."""
    RAISED = "raised"
    """Raised an exception."""
    TIMEOUT = "timeout"
    """Used up its CPU time, its steps, or its time asleep."""
    MEMORY = "memory"
    """Asked for more memory than it may have."""
    OUTPUT_TOO_LARGE = "output_too_large"
    """Returned more than the limit, or something cyclic or too deep."""
    OPAQUE = "opaque"
    """Returned something that cannot be written as a literal; `error` names its type."""
    EXITED = "exited"
    """Ended its process (sys.exit, os._exit, KeyboardInterrupt)."""
    CRASHED = "crashed"
    """Its process was killed by a signal."""
    BAD_INPUT = "bad_input"
    """The arguments could not be built."""
    BAD_PROGRAM = "bad_program"
    """Does not compile, raises while it is loaded, or does not define its entry."""
    TAMPERED = "tampered"
    """Meddled with the channel on which results travel."""
    SKIPPED = "skipped"
    """Not run: the program had already died too often."""
    REFUSED = "refused"
    """The sandbox would not run it (a program over the size limit, say)."""
    INTERNAL_ERROR = "internal_error"
    """A fault of the sandbox: never held against the program, always an alarm."""
    NONDETERMINISTIC = "nondeterministic"
    """Two runs disagreed. Only from `Sandbox.prove`."""


BY_MACHINE = frozenset((Status.TIMEOUT, Status.MEMORY, Status.CRASHED, Status.SKIPPED))
"""What a busy machine, or the order of calls, could cause: asked again before it is believed."""


@dataclass(frozen=True, slots=True)
class Call:
    """The arguments of one call: plain builtin values (see `sandbox.values`)."""

    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Program:
    """Source code, the name of a callable that it defines, and the calls to make."""

    source: str
    entry: str
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one call."""

    status: Status
    value: str | None = None
    """Canonical literal of the returned value; None unless the status is `ok`."""
    error: str = ""
    """Type of the exception (`raised`, `bad_program`, `bad_input`) or of the object (`opaque`),
    or a detail."""
    message: str = ""
    """Text of the exception, cut to 200 characters; empty where the program could lie about it."""
    mutated: bool = False
    """The call changed its arguments."""
    arcs: tuple[tuple[int, int], ...] | None = None
    """Line to line jumps inside the program, sorted; -1 is a function's way in or out.
    None unless they were asked for. Present for `ok` and `raised`."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one call may use."""

    cpu_seconds: float = 1.0
    wall_factor: float = 3.0
    """How long a call may sleep, as a multiple of the CPU time: neither run nor wait for a core."""
    memory_bytes: int = 512 << 20
    output_bytes: int = 64 << 10
    """Of one value as text."""
    steps: int = 200_000
    """Line events of a call that is traced for arcs: a limit that is the same on every machine."""
