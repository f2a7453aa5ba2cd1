"""Makes a program ready for a jail: compiled, judged by the gate, its arguments as bytes.

Compiling here is safe from what a program does, not from what its source could do to the
compiler; a source that is built to strain it is compiled in the jail.
"""

import marshal
import re
import warnings
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sandbox.gate import Verdict, judge
from sandbox.injail.tracing import PROGRAM_FILE
from sandbox.outcome import Call, Outcome, Program, Status

MAX_SOURCE_BYTES = 64 << 10
MAX_ARGUMENT_BYTES = 1 << 20
"""Of one call."""
# Long lines, deep indentation and long runs of signs: nothing that people write. Counting says
# sooner than a pattern that there are none.
_LONG_LINE, _DEEP, _RUN = 2000, 400, 60
_INDENTED = re.compile(r"\n[ \t]{400}")  # as _DEEP says
_SIGNS = ("-", "+", "~", "(", "[", "{", "not", "lambda:")
_SIGN = r"(?:[-+~(\[{]\s*|not\s+|lambda:\s*)"
_RUNNING = tuple(
    # What a pattern may begin with is looked for first, if it stands there by itself.
    re.compile(f"{first}{_SIGN}{{{_RUN - 1}}}")
    for first in (r"[-+~(\[{]\s*", r"not\s+", r"lambda:\s*")
)
_SET, _FROZENSET = b"<", b">"
"""Marshal's letters for sets; in a text or a length they mean something else."""
_IGNORED: list[object] = []
"""The filter of warnings that `ignore_warnings` has set, once it has."""
_DEPTH = 64
"""Levels of arguments that are looked at; what is deeper may be anything."""
_ARGUMENTS_VERSION = 2
"""As in `sandbox.injail.child`: equal arguments give equal bytes."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A program as a jail takes it."""

    code: bytes | str
    """Marshalled code, or the source where the jail shall compile it."""
    entry: str
    calls: tuple[bytes | Outcome, ...]
    """Marshalled arguments, or what became of a call that cannot be made."""
    verdict: Verdict

    has_sets: bool
    """The order of a set may play a part: one is made, or comes with the arguments."""
    bytes: int
    """About as much as goes to the jail."""


_ALONE = Verdict(shareable=False, makes_sets=True, imports=(), flavour="bare")


def ignore_warnings() -> None:
    """What the compiler has to say on programs under test interests no one."""
    if warnings.filters[:1] != _IGNORED:
        warnings.filterwarnings("ignore", module=re.escape(PROGRAM_FILE))
        _IGNORED[:] = warnings.filters[:1]


def prepare(program: Program) -> Prepared | Outcome:
    """The program made ready, or the outcome of all of its calls where it never can be."""
    try:
        size = len(program.source.encode("utf-8", "surrogatepass"))
    except AttributeError:
        return Outcome(Status.REFUSED, error="source is not a str")
    if size > MAX_SOURCE_BYTES:
        return Outcome(Status.REFUSED, error=f"source of more than {MAX_SOURCE_BYTES} bytes")
    compiled = _compile(program.source)
    if isinstance(compiled, Outcome):
        return compiled
    code, verdict = compiled
    calls = tuple(map(_arguments, program.calls))
    given = b"".join([call for call in calls if type(call) is bytes])
    has_sets = verdict.makes_sets or (
        (_SET in given or _FROZENSET in given)
        and _holds_sets([(call.args, dict(call.kwargs)) for call in program.calls])
    )
    return Prepared(
        code, program.entry, calls, verdict, has_sets=has_sets, bytes=len(code) + len(given)
    )


def _holds_sets(values: list[Any]) -> bool:
    """Whether there is a set in plain values, at whatever depth."""
    level = values
    for _ in range(_DEPTH):
        kinds = set(map(type, level))
        if set in kinds or frozenset in kinds:
            return True
        below = [item for item in level if isinstance(item, (tuple, list))]
        pairs = [item.items() for item in level if isinstance(item, dict)]
        level = list(chain.from_iterable((*below, *chain.from_iterable(pairs))))
        if not level:
            return False
    return True


def _strains(source: str) -> bool:
    """Whether the source could be built to strain the compiler."""
    longest = max(map(len, source.split("\n")))
    if longest >= _DEEP and (longest >= _LONG_LINE or _INDENTED.search(source)):
        return True
    if sum(map(source.count, _SIGNS)) < _RUN:
        return False
    return any(pattern.search(source) for pattern in _RUNNING)


def _compile(source: str) -> tuple[bytes | str, Verdict] | Outcome:
    if _strains(source):
        return source, _ALONE
    try:
        code = compile(source, PROGRAM_FILE, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        return Outcome(Status.BAD_PROGRAM, error=type(error).__name__, message=str(error)[:200])
    except (RecursionError, MemoryError):
        return source, _ALONE
    return marshal.dumps(code), judge(code)


def _arguments(call: Call) -> bytes | Outcome:
    arguments: Any = (tuple(call.args), dict(call.kwargs))
    try:
        data = marshal.dumps(arguments, _ARGUMENTS_VERSION)
    except (ValueError, RecursionError, MemoryError) as error:
        return Outcome(Status.BAD_INPUT, error=type(error).__name__, message=str(error)[:200])
    if len(data) > MAX_ARGUMENT_BYTES:
        return Outcome(Status.BAD_INPUT, error=f"arguments of more than {MAX_ARGUMENT_BYTES} bytes")
    return data
