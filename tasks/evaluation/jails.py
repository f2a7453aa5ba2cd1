"""Asks programs for the answers to calls, whatever they return and however long they take.

Most programs are done in a moment, so all run under a short limit first, many in one process.
Only a program that comes to its end there gets the time that a verdict allows it. CPU time is what
counts: the load of the machine changes no answer.

Covered: answers that are instances of subclasses (a Counter where a dict is asked for) come back
as the plain value that they equal; answers too large to travel come back as a hash. Both are made
by code that shares a process with the program; nothing that it could find there says what the
answer should be.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property
from itertools import islice
from types import TracebackType
from typing import Self

from sandbox import Limits, Outcome, Program, Sandbox, Status

QUICK_SECONDS = 0.3
"""CPU seconds of a call before its program is run again with all the time that it may have."""
CHUNK = 512
"""Programs whose outcomes are held at a time."""

_PLAIN = """
def __plain__(*args, **kwargs):
    import builtins as b
    def plain(value, depth=0):
        if depth > 60 or b.type(value) in (b.bool, b.int, b.float, b.complex, b.str, b.bytes):
            return value
        if b.isinstance(value, b.dict):
            pairs = b.list(b.dict.items(value))
            return {{plain(key, depth + 1): plain(item, depth + 1) for key, item in pairs}}
        for kind in (b.list, b.tuple, b.set, b.frozenset):
            if b.isinstance(value, kind):
                return kind([plain(item, depth + 1) for item in kind.__iter__(value)])
        for kind, bare in ((b.int, b.int.__int__), (b.float, b.float.__float__)):
            if b.isinstance(value, kind):
                return bare(value)
        return b.str.__str__(value) if b.isinstance(value, b.str) else value
    return plain({entry}(*args, **kwargs))
"""
_HASHED = """
def __hashed__(*args, **kwargs):
    import builtins as b, hashlib
    def text(value):
        kind = b.type(value)
        if kind is b.bool or kind is b.int or kind is b.float and value.is_integer():
            return b.hex(value if kind is b.int else b.int(value))
        if kind in (b.list, b.tuple):
            return kind.__name__ + "(" + ",".join([text(item) for item in value]) + ")"
        if kind in (b.set, b.frozenset):
            return "set(" + ",".join(b.sorted([text(item) for item in value])) + ")"
        if kind is b.dict:
            pairs = [text(key) + ":" + text(item) for key, item in value.items()]
            return "dict(" + ",".join(b.sorted(pairs)) + ")"
        return b.repr(value)
    value = text({entry}(*args, **kwargs))
    return "sha256:" + hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
"""
_WRAPPERS = {
    Status.OPAQUE: ("__plain__", _PLAIN),
    Status.OUTPUT_TOO_LARGE: ("__hashed__", _HASHED),
}
"""What a program gets in front of it where its own answer does not travel."""


class Jails:
    """A quick sandbox and, from when it is first needed, a patient one. A context manager."""

    def __init__(self, limits: Limits, *, workers: int = 1) -> None:
        self._limits = limits
        self._workers = workers
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    @cached_property
    def quick(self) -> Sandbox:
        """With little time for each call."""
        seconds = min(QUICK_SECONDS, self._limits.cpu_seconds)
        return self._sandbox(replace(self._limits, cpu_seconds=seconds))

    @cached_property
    def patient(self) -> Sandbox:
        """With all the time that a verdict allows."""
        return self._sandbox(self._limits)

    def _sandbox(self, limits: Limits) -> Sandbox:
        return self._open.enter_context(Sandbox(workers=self._workers, limits=limits))

    def ask(self, programs: Iterable[Program]) -> Iterator[tuple[Outcome, ...]]:
        """The outcomes of each program's calls, in order."""
        left = iter(programs)
        while chunk := list(islice(left, CHUNK)):
            rows = [list(outcomes) for outcomes in self.quick.run(chunk)]
            self._patiently(chunk, rows)
            for status, (entry, wrapper) in _WRAPPERS.items():
                self._again(chunk, rows, status, _wrapped(entry, wrapper))
            yield from map(tuple, rows)

    def _patiently(self, programs: Sequence[Program], rows: Sequence[list[Outcome]]) -> None:
        """Run again what ran out of the short time: the first such call, and if it ends, all."""
        slow = [row for row in range(len(rows)) if Status.TIMEOUT in _statuses(rows[row])]
        wanted = {row: [_statuses(rows[row]).index(Status.TIMEOUT)] for row in slow}
        self._run_calls(programs, rows, wanted)
        rest = {
            row: [place for place, one in enumerate(rows[row]) if one.status in _UNFINISHED]
            for row in slow
            if rows[row][wanted[row][0]].status is not Status.TIMEOUT
        }
        self._run_calls(programs, rows, rest)

    def _run_calls(
        self,
        programs: Sequence[Program],
        rows: Sequence[list[Outcome]],
        wanted: dict[int, list[int]],
    ) -> None:
        chosen = {row: places for row, places in wanted.items() if places}
        if not chosen:
            return
        again = [_with_calls(programs[row], places) for row, places in chosen.items()]
        for (row, places), outcomes in zip(chosen.items(), self.patient.run(again), strict=True):
            for place, outcome in zip(places, outcomes, strict=True):
                rows[row][place] = outcome

    def _again(
        self,
        programs: Sequence[Program],
        rows: Sequence[list[Outcome]],
        status: Status,
        wrap: Callable[[Program], Program],
    ) -> None:
        """Ask for the answers with that status once more, in another form."""
        wanted = {
            row: [place for place, one in enumerate(outcomes) if one.status is status]
            for row, outcomes in enumerate(rows)
        }
        wrapped = {row: wrap(programs[row]) for row, places in wanted.items() if places}
        again = [wrapped.get(row, program) for row, program in enumerate(programs)]
        self._run_calls(again, rows, wanted)


_UNFINISHED = frozenset((Status.TIMEOUT, Status.SKIPPED))


def _statuses(outcomes: Sequence[Outcome]) -> list[Status]:
    return [outcome.status for outcome in outcomes]


def _with_calls(program: Program, places: Sequence[int]) -> Program:
    return replace(program, calls=tuple(program.calls[place] for place in places))


def _wrapped(entry: str, wrapper: str) -> Callable[[Program], Program]:
    def wrap(program: Program) -> Program:
        source = f"{program.source}\n{wrapper.format(entry=program.entry)}"
        return replace(program, source=source, entry=entry)

    return wrap


def told(outcome: Outcome) -> str:
    """What became of a call, for a person."""
    if outcome.status is Status.OK:
        return f"returned {(outcome.value or '')[:200]}"
    return f"{outcome.status}: {outcome.error} {outcome.message}".strip(": ")
