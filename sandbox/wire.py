"""The channel between host and jail: jobs go in as bytes, answers come out as strict text.

Covered: any bytes at all that a child may write are read as outcomes or as `TamperedError`;
nothing that comes out of a jail is unpickled, unmarshalled or evaluated. Not covered: whether a
value that a program reports is the one that its function returned (see `sandbox.injail.child`).

To the zygote, six little-endian 32-bit numbers (job, bytes of the job, CPU limit, wall limit,
total CPU limit, all in milliseconds, and output limit in bytes), then the job. Back come four
(job, reason, wait status, bytes) and what the child wrote.
"""

import enum
import re
import struct
from codecs import unicode_escape_decode
from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.literals import is_plain
from sandbox.outcome import Outcome, Status
from sandbox.values import decode

JOB = struct.Struct("<6I")
ANSWER = struct.Struct("<4I")
_MAX_TEXT = 200 * len("\\U0010ffff")
_FIELDS = 7
_ESCAPED = re.compile(r"(?:[ -\[\]-~]|\\(?:[\\nrt]|x[\da-f]{2}|u[\da-f]{4}|U[\da-f]{8}))*")
_ARCS = re.compile(r"(?:-?\d{1,7},-?\d{1,7}(?: -?\d{1,7},-?\d{1,7})*)?")
_CALL_STATUSES = {
    status.value: status
    for status in (
        Status.OK,
        Status.RAISED,
        Status.TIMEOUT,
        Status.MEMORY,
        Status.OUTPUT_TOO_LARGE,
        Status.OPAQUE,
        Status.EXITED,
        Status.BAD_INPUT,
    )
}
_LOAD_STATUSES = {s.value: s for s in (Status.BAD_PROGRAM, Status.MEMORY, Status.EXITED)}
_WITH_ARCS = (Status.OK, Status.RAISED)


class TamperedError(Exception):
    """What came out of a jail is not what the code in it writes."""


class Reason(enum.IntEnum):
    """Why a child is no more, as its zygote says."""

    ENDED = 0
    CPU = 1
    STALLED = 2
    TOTAL = 3
    FLOOD = 4


@dataclass(frozen=True, slots=True)
class Answer:
    """What a zygote says of one job."""

    job: int
    reason: Reason
    wait_status: int
    output: bytes


@dataclass(frozen=True, slots=True)
class Report:
    """What a child wrote of one program."""

    outcomes: list[Outcome]
    """Of the first calls, in the order in which they ran."""
    loaded: bool
    failed: Outcome | None
    """The program could not be loaded: the outcome of each of its calls."""
    ended: bool
    clean: bool
    """Nothing that a neighbour could notice was left behind; only said in batches."""


def take_answer(buffer: bytearray) -> Answer | None:
    """Cut one whole answer off the front of what a zygote sent, if there is one."""
    if len(buffer) < ANSWER.size:
        return None
    job, reason, wait_status, size = ANSWER.unpack_from(buffer)
    end = ANSWER.size + size
    if len(buffer) < end:
        return None
    answer = Answer(job, Reason(reason), wait_status, bytes(buffer[ANSWER.size : end]))
    del buffer[:end]
    return answer


class Reader:
    """Reads what a child wrote, program by program."""

    def __init__(
        self, output: bytes, *, cut: bool, max_value: int, arcs: bool, canonical: bool
    ) -> None:
        """Start with nothing done yet.

        Args:
        output: The bytes.
        cut: The child was killed, so that its last line may be incomplete.
        max_value: Bytes that the text of a value may have.
        arcs: Arcs were asked for.
        canonical: Read each value back and compare, since this program could lie.
        """
        try:
            text = output.decode()
        except UnicodeDecodeError as error:
            if not cut or error.end < len(output):
                raise TamperedError("no text") from error
            text = output[: error.start].decode()
        first, *self._lines = text.split("\n")
        if first or not self._lines:
            raise TamperedError("no beginning")
        if self._lines.pop() and not cut:
            raise TamperedError("truncated")
        self._lines.reverse()
        self._max_value, self._arcs, self._canonical = max_value, arcs, canonical
        self._known: dict[str, Outcome] = {}
        """Short lines read before: many calls return the same few values."""

    def program(self, calls: int) -> Report:
        """The report on the next program, of so many calls.

        Raises:
            TamperedError: Some line is not as it must be.
        """
        if not self._lines:
            return Report([], loaded=False, failed=None, ended=False, clean=False)
        failed = None if self._lines[-1] == "loaded" else _failed(self._lines[-1])
        self._lines.pop()
        outcomes: list[Outcome] = []
        while failed is None and self._lines and len(outcomes) < calls:
            outcomes.append(self._call(self._lines.pop(), len(outcomes)))
        ended = self._lines.pop() if self._lines else ""
        if ended not in {"", "end\t0", "end\t1"}:
            raise TamperedError("no end where it must be")
        return Report(outcomes, True, failed, bool(ended), ended == "end\t1")

    def finish(self) -> None:
        """Say that nothing more may come.

        Raises:
            TamperedError: Something does.
        """
        if self._lines:
            raise TamperedError("more than was asked for")

    def _call(self, line: str, index: int) -> Outcome:
        if line[:1] == "=" and not self._arcs:
            outcome = self._known.get(line)
            if outcome is None:
                outcome = Outcome(Status.OK, self._value(line[1:], Status.OK))
                self._known[line] = outcome
            return outcome
        fields = line.split("\t")
        if len(fields) != _FIELDS or fields[0] != str(index) or fields[2] not in "01":
            raise TamperedError("no result where it must be")
        status = _CALL_STATUSES.get(fields[1])
        if status is None:
            raise TamperedError("no status")
        return Outcome(
            status,
            value=self._value(fields[5], status),
            error=_unescape(fields[3]),
            message=_unescape(fields[4]),
            mutated=fields[2] == "1",
            arcs=self._arcs_of(fields[6], status),
        )

    def _value(self, text: str, status: Status) -> str | None:
        if status is not Status.OK:
            if text:
                raise TamperedError("a value where there is none")
            return None
        if not text or len(text) > self._max_value or not text.isprintable():
            raise TamperedError("no value")
        if self._canonical and not is_plain(text):
            try:
                decode(text, max_bytes=self._max_value)
            except ValueError as error:
                raise TamperedError("no canonical value") from error
        return text

    def _arcs_of(self, text: str, status: Status) -> tuple[tuple[int, int], ...] | None:
        if (text and not self._arcs) or not _ARCS.fullmatch(text):
            raise TamperedError("no arcs")
        if not self._arcs or status not in _WITH_ARCS:
            return None
        pairs = (pair.split(",") for pair in text.split(" ") if pair)
        return tuple((int(start), int(end)) for start, end in pairs)


def _failed(line: str) -> Outcome:
    fields = line.split("\t")
    status = _LOAD_STATUSES.get(fields[1]) if len(fields) == 4 else None  # noqa: PLR2004 - see child.py
    if fields[0] != "failed" or status is None:
        raise TamperedError("neither loaded nor failed")
    return Outcome(status, error=_unescape(fields[2]), message=_unescape(fields[3]))


def _unescape(text: str) -> str:
    if not text:
        return text
    if len(text) > _MAX_TEXT or not _ESCAPED.fullmatch(text):
        raise TamperedError("no escaped text")
    return unicode_escape_decode(text)[0] if "\\" in text else text


def pack_job(number: int, payload: bytes, limits: Sequence[int]) -> bytes:
    """A job with its header; `limits` are the last four numbers of it."""
    return JOB.pack(number, len(payload), *limits) + payload
