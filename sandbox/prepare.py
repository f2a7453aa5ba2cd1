"""Makes a program ready for a jail: compiled, judged by the gate, its arguments as bytes.

Compiling here is safe from what a program does, not from what its source could do to the
compiler; a source that is built to strain it is compiled in the jail.
"""

import marshal
import re
import warnings
from dataclasses import dataclass
from typing import Any

from sandbox.gate import Verdict, judge
from sandbox.injail.tracing import PROGRAM_FILE
from sandbox.outcome import Call, Outcome, Program, Status

MAX_SOURCE_BYTES = 64 << 10
MAX_ARGUMENT_BYTES = 1 << 20
"""Of one call."""
# Long lines, deep indentation and long runs of signs: nothing that people write.
_STRAINING = re.compile(r"[^\n]{2000}|\n[ \t]{400}|(?:[-+~(\[{]\s*|not\s+|lambda:\s*){60}")
_SET_MARKS = re.compile(rb"[<>]")
"""Marshal's letters for sets; a text with such a sign costs a pass too many, no more."""
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

    @property
    def has_sets(self) -> bool:
        """The order of a set may play a part: one is made, or comes with the arguments."""
        return self.verdict.makes_sets or any(
            _SET_MARKS.search(call) for call in self.calls if isinstance(call, bytes)
        )

    @property
    def bytes(self) -> int:
        """About as much as goes to the jail."""
        return len(self.code) + sum(len(call) for call in self.calls if isinstance(call, bytes))


_ALONE = Verdict(shareable=False, makes_sets=True, imports=(), flavour="bare")


def ignore_warnings() -> None:
    """What the compiler has to say on programs under test interests no one."""
    warnings.filterwarnings("ignore", module=re.escape(PROGRAM_FILE))


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
    return Prepared(code, program.entry, tuple(map(_arguments, program.calls)), verdict)


def _compile(source: str) -> tuple[bytes | str, Verdict] | Outcome:
    if _STRAINING.search(source):
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
