"""Programs on their way through the pool: batched, run once or twice, put back in order."""

import dataclasses
import random
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sandbox.gate import FLAVOURS
from sandbox.outcome import BY_MACHINE, Outcome, Program, Status
from sandbox.pool import Pool
from sandbox.prepare import prepare
from sandbox.runs import Job, Pass, Run, new_run, single

BATCH_PROGRAMS = 256
FIRST_PROGRAMS, SHARED_PROGRAMS = 32, 128
"""Of the first batch and of later ones where several workers wait: none shall be idle long."""
ALWAYS = 2
"""Passes of every program, where there are so many."""
BATCH_CALLS = 4_000
BATCH_BYTES = 1 << 20
_TOLD_BY_ERROR = frozenset((Status.OK, Status.RAISED, Status.OPAQUE, Status.BAD_PROGRAM))
"""Where the details of an outcome must agree, and not only its status."""


@dataclass(slots=True, eq=False)
class _Entry:
    """A program under way."""

    calls: int
    runs: list[Run]
    """One for each pass; none where the program cannot run at all."""
    refusal: Outcome | None = None
    is_settled: bool = False
    """Where the passes disagreed on what a machine could cause, they have been asked again."""

    @property
    def is_done(self) -> bool:
        return not any(run.order for run in self.runs)

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        if self.refusal is not None:
            return (self.refusal,) * self.calls
        known = [tuple(map(_known, run.outcomes)) for run in self.runs]
        return known[0] if len(known) == 1 else tuple(map(_agree, *known))


@dataclass(slots=True, eq=False)
class _Batch:
    """Runs that will share a process."""

    runs: list[Run] = field(default_factory=list)
    calls: int = 0
    bytes: int = 0

    def add(self, run: Run, most: int) -> bool:
        """Take a run; True where the batch is full with it, of `most` programs at most."""
        self.runs.append(run)
        self.calls += len(run.order)
        self.bytes += run.prepared.bytes
        return len(self.runs) >= most or self.calls >= BATCH_CALLS or self.bytes >= BATCH_BYTES


class Stream:
    """One call of `run` (one pass) or `prove` (two, and more for programs that use sets)."""

    def __init__(self, pool: Pool, passes: Sequence[Pass], *, ahead: int, workers: int) -> None:
        """Start with nothing done yet.

        Args:
        pool: Where jobs go.
        passes: What holds for each pass.
        ahead: Programs that may be under way at a time.
        workers: How many of the pool's zygotes may be at work at a time.
        """
        self._workers = workers
        self._most = BATCH_PROGRAMS if workers == 1 else FIRST_PROGRAMS
        """Programs of the next batch."""
        self._pool, self._passes, self._ahead = pool, passes, ahead
        self._entries: deque[_Entry] = deque()
        self._batches: dict[tuple[Pass, str], _Batch] = {}
        self._later: list[tuple[Run, Pass]] = []
        """Runs of the second pass on, to be shuffled once there are enough of them."""
        # A constant: outcomes do not depend on it, and must not be suspected to.
        self._random = random.Random(0)  # noqa: S311 - no secret

    def fill(self, source: Iterator[Program]) -> bool:
        """Read programs ahead; False when all have been read and taken."""
        while len(self._entries) < self._ahead:
            program = next(source, None)
            if program is None:
                break
            self._add(program)
        if self._pool.has_room:
            self._flush()
        return bool(self._entries)

    @property
    def first_is_done(self) -> bool:
        """The next program's outcomes are known."""
        if not self._entries or not self._entries[0].is_done:
            return False
        entry = self._entries[0]
        if len(entry.runs) > 1 and not entry.is_settled:
            entry.is_settled = True
            self._ask_again(entry)
        return entry.is_done

    def take(self) -> tuple[Outcome, ...]:
        """The next program's outcomes."""
        return self._entries.popleft().outcomes

    def _add(self, program: Program) -> None:
        prepared = prepare(program)
        if isinstance(prepared, Outcome):
            self._entries.append(_Entry(len(program.calls), [], prepared))
            return
        # Two hash seeds give a small set the same order too often.
        passes = self._passes if prepared.has_sets else self._passes[:ALWAYS]
        runs = [new_run(prepared, backwards=at % 2 == 1) for at in range(len(passes))]
        self._entries.append(_Entry(len(program.calls), runs))
        if not runs[0].order:
            return
        self._place(runs[0], self._passes[0])
        self._later += zip(runs[1:], passes[1:], strict=True)
        if len(self._later) >= 2 * BATCH_PROGRAMS:
            self._place_later()

    def _place(self, run: Run, terms: Pass) -> None:
        """Into a batch, or into a process of its own."""
        verdict = run.prepared.verdict
        if not verdict.shareable:
            self._pool.put(single(run, terms))
            return
        batch = self._batches.setdefault((terms, verdict.flavour), _Batch())
        if batch.add(run, self._most):
            self._send(terms, verdict.flavour)
            self._pool.step(wait=False)

    def _place_later(self) -> None:
        """The later passes, in another order and so in other company."""
        runs, self._later = self._later, []
        self._random.shuffle(runs)
        for run, terms in runs:
            self._place(run, terms)

    def _send(self, terms: Pass, flavour: str) -> None:
        runs = tuple(self._batches.pop((terms, flavour)).runs)
        self._pool.put(Job(runs, terms, flavour, is_batch=True))
        self._most = max(self._most, min(2 * self._most, SHARED_PROGRAMS))

    def _flush(self) -> None:
        """Send what there is: the pool would have nothing to do else."""
        if self._later:
            self._place_later()
        for terms in self._passes:
            self._flush_pass(terms)

    def _flush_pass(self, terms: Pass) -> None:
        """All kinds together: one fork more costs more than a larger one."""
        flavours = [flavour for flavour in FLAVOURS if (terms, flavour) in self._batches]
        batches = [self._batches.pop((terms, flavour)) for flavour in flavours]
        runs = [run for batch in batches for run in batch.runs]
        jobs = max(-(-len(runs) // BATCH_PROGRAMS), min(self._workers, len(runs) // FIRST_PROGRAMS))
        for at in range(jobs):
            some = tuple(runs[at::jobs])
            self._pool.put(Job(some, terms, flavours[-1], is_batch=True))

    def _ask_again(self, entry: _Entry) -> None:
        """Where one pass says what a machine could cause and another does not, run it again."""
        for at, run in enumerate(entry.runs):
            doubtful = [index for index in range(entry.calls) if _is_doubtful(entry, at, index)]
            if doubtful:
                run.order, run.restarts = doubtful, 0
                self._pool.put(single(run, self._passes[at]))


def _is_doubtful(entry: _Entry, at: int, index: int) -> bool:
    said = [_known(run.outcomes[index]).status in BY_MACHINE for run in entry.runs]
    return said[at] and not all(said)


def _known(outcome: Outcome | None) -> Outcome:
    return outcome or Outcome(Status.INTERNAL_ERROR, error="no outcome")


def _agree(*outcomes: Outcome) -> Outcome:
    """What all passes say together: the first's word, where the others' is the same."""
    first = outcomes[0]
    if outcomes.count(first) == len(outcomes):
        return first
    for unknown in (Status.INTERNAL_ERROR, Status.SKIPPED):
        for outcome in outcomes:
            if outcome.status is unknown:
                return outcome
    essence = _essence(first)
    for other in outcomes[1:]:
        if _essence(other) != essence:
            what = "status" if first.status is not other.status else "result"
            return Outcome(Status.NONDETERMINISTIC, error=f"{what}: {first.status}, {other.status}")
    return first


def _essence(outcome: Outcome) -> Outcome | Status:
    """What must be the same in both passes; arcs are the first pass's alone."""
    if outcome.status not in _TOLD_BY_ERROR:
        return outcome.status
    return dataclasses.replace(outcome, arcs=None) if outcome.arcs is not None else outcome
