"""What is to be run, and what an answer makes of it: pure, so that no kill can confuse it.

A `Run` is one program in one pass. A `Job` is what one fork does: the calls of one run, or those
of a batch of runs. `settle` writes an answer's outcomes into the runs and says what is left to do.
"""

import marshal
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.outcome import Limits, Outcome, Status
from sandbox.prepare import Prepared
from sandbox.wire import Answer, Reader, Reason, Report, TamperedError, pack_job

MAX_RESTARTS = 3
"""New processes for the calls of a program after one that died."""
MAX_ATTEMPTS = 3
"""Zygotes that may die with a job before it counts as our fault."""
BATCH_SHARE = 0.3
"""Of one call's CPU time: what a program of a batch may use before it is run alone."""
_SLACK_BYTES = 64 << 10
_MAX_OUTPUT = 16 << 20
_SINGLE_ONLY = frozenset(
    (Status.MEMORY, Status.EXITED, Status.BAD_PROGRAM, Status.BAD_INPUT, Status.TIMEOUT)
)
"""Never believed of a program that ran with others. A traced call's budget of lines is."""


@dataclass(slots=True, eq=False)
class Run:
    """One program in one pass."""

    prepared: Prepared
    name: str
    """What the program's `__name__` is."""
    order: list[int]
    """The calls that still have no outcome, in the order in which they shall run."""
    outcomes: list[Outcome | None]
    restarts: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Pass:
    """What holds for all jobs of one pass over the programs."""

    limits: Limits
    arcs: bool
    hash_seed: int
    clock_shift: int = 0
    """Seconds by which the clock is ahead."""


@dataclass(slots=True, eq=False)
class Job:
    """What one fork does."""

    runs: tuple[Run, ...]
    terms: Pass
    flavour: str
    is_batch: bool = False
    attempts: int = 0
    """Zygotes that died while it was theirs."""

    @property
    def calls(self) -> int:
        """How many outcomes it shall bring."""
        return sum(len(run.order) for run in self.runs)


def new_run(prepared: Prepared, *, backwards: bool = False, name: str = "__main__") -> Run:
    """A run of all calls that can be made; the others have their outcome already."""
    outcomes = [None if isinstance(call, bytes) else call for call in prepared.calls]
    order = [index for index, outcome in enumerate(outcomes) if outcome is None]
    return Run(prepared, name, order[::-1] if backwards else order, outcomes)


def single(run: Run, terms: Pass) -> Job:
    """The job of a run that is alone in its process."""
    return Job((run,), terms, run.prepared.verdict.flavour)


def write_job(job: Job, number: int) -> bytes:
    """The bytes that a zygote takes; `sandbox.injail.child` reads them."""
    terms, limits, calls = job.terms, job.terms.limits, job.calls
    parts = tuple(_part(run) for run in job.runs)
    payload = marshal.dumps((terms.arcs, limits.steps, limits.output_bytes, job.is_batch, parts))
    # A program of a batch says nothing until its end, so that all of it counts as one call.
    share = BATCH_SHARE if job.is_batch and not terms.arcs else 1.0
    cpu = max(1, round(1000 * limits.cpu_seconds * share))
    wall = max(1, round(1000 * limits.cpu_seconds * limits.wall_factor))
    output = min(calls * (limits.output_bytes + 4096), _MAX_OUTPUT) + _SLACK_BYTES
    return pack_job(number, payload, (cpu, wall, cpu * (calls + 2), output))


def _part(run: Run) -> tuple[Any, ...]:
    prepared = run.prepared
    calls = tuple(prepared.calls[index] for index in run.order)
    return (prepared.code, prepared.entry, run.name, prepared.verdict.imports, calls)


def settle(job: Job, answer: Answer) -> list[Job]:
    """Write down what an answer says; the jobs that are left to do."""
    if job.is_batch:
        return _settle_batch(job, answer)
    run = job.runs[0]
    try:
        reader = _reader(answer, job.terms, canonical=not run.prepared.verdict.shareable)
        report = reader.program(len(run.order))
        reader.finish()
    except TamperedError as error:
        return _close(run, Outcome(Status.TAMPERED, error=str(error)))
    return _settle_report(job, report, answer)


def give_up(job: Job) -> list[Job]:
    """What is left to do when a job has cost too many zygotes their lives."""
    if job.is_batch:
        return [single(run, job.terms) for run in job.runs]
    return _close(job.runs[0], Outcome(Status.INTERNAL_ERROR, error="the zygote died repeatedly"))


def _reader(answer: Answer, terms: Pass, *, canonical: bool) -> Reader:
    return Reader(
        answer.output,
        cut=answer.reason is not Reason.ENDED or os.WIFSIGNALED(answer.wait_status),
        max_value=terms.limits.output_bytes,
        arcs=terms.arcs,
        canonical=canonical,
    )


def _settle_batch(job: Job, answer: Answer) -> list[Job]:
    """Take a batch's word on the programs up to the first oddity.

    What they said was written before the odd one began. That one is run alone, and those after
    it in another batch.
    """
    try:
        reports, has_begun = _read_batch(job, answer)
    except TamperedError:
        return [single(run, job.terms) for run in job.runs]
    done, left = job.runs[: len(reports)], job.runs[len(reports) :]
    pairs = zip(done, reports, strict=True)
    again = [single(run, job.terms) for run, report in pairs if not _believe(run, report)]
    if left and (has_begun or not done or not _has_ended_well(answer)):
        again.append(single(left[0], job.terms))
        left = left[1:]
    if left:
        again.append(Job(left, job.terms, job.flavour, is_batch=True))
    return again


def _has_ended_well(answer: Answer) -> bool:
    return answer.reason is Reason.ENDED and answer.wait_status == 0


def _read_batch(job: Job, answer: Answer) -> tuple[list[Report], bool]:
    """The reports up to the first oddity, and whether the next program has said something.

    A batch may also end well before its last program, where those so far have left too much.
    """
    reader = _reader(answer, job.terms, canonical=False)
    reports: list[Report] = []
    for run in job.runs:
        report = reader.program(len(run.order))
        if not (report.ended and report.clean):
            return reports, report.loaded or report.failed is not None
        reports.append(report)
    reader.finish()
    if not _has_ended_well(answer):
        raise TamperedError("the batch did not end by itself")
    return reports, False


def _believe(run: Run, report: Report) -> bool:
    if report.failed is not None or len(report.outcomes) != len(run.order):
        return False
    if any(_needs_proof(outcome) for outcome in report.outcomes):
        return False
    _record(run, report.outcomes)
    return True


def _needs_proof(outcome: Outcome) -> bool:
    return outcome.status in _SINGLE_ONLY and outcome.error != "steps"


def _settle_report(job: Job, report: Report, answer: Answer) -> list[Job]:
    run = job.runs[0]
    _record(run, report.outcomes)
    if report.failed is not None:
        return _close(run, report.failed)
    if not run.order:
        return []
    ending = _ending(answer)
    if not report.loaded:
        return _close(run, ending)
    run.outcomes[run.order.pop(0)] = ending
    if not run.order:
        return []
    if run.restarts == MAX_RESTARTS:
        return _close(run, Outcome(Status.SKIPPED, error=f"died {MAX_RESTARTS + 1} times before"))
    run.restarts += 1
    return [single(run, job.terms)]


def _record(run: Run, outcomes: Sequence[Outcome]) -> None:
    for index, outcome in zip(run.order, outcomes, strict=False):  # a killed child reports fewer
        run.outcomes[index] = outcome
    del run.order[: len(outcomes)]


def _close(run: Run, outcome: Outcome) -> list[Job]:
    """The same outcome for all calls that are left."""
    _record(run, [outcome] * len(run.order))
    return []


_OWN_EXITS = {
    253: Outcome(Status.MEMORY, error="MemoryError"),
    254: Outcome(Status.TAMPERED, error="the code that runs the program was made to fail"),
}
"""Exit codes of `sandbox.injail.child` itself; a program that uses one gets what it says."""
_ENDINGS = {
    Reason.CPU: Outcome(Status.TIMEOUT, error="cpu"),
    Reason.STALLED: Outcome(Status.TIMEOUT, error="stalled"),
    Reason.TOTAL: Outcome(Status.TIMEOUT, error="total"),
    Reason.FLOOD: Outcome(Status.OUTPUT_TOO_LARGE, error="flood"),
}


def _ending(answer: Answer) -> Outcome:
    """The outcome of the call during which a child came to its end."""
    if answer.reason in _ENDINGS:
        return _ENDINGS[answer.reason]
    if os.WIFSIGNALED(answer.wait_status):
        return Outcome(Status.CRASHED, error=_signal_name(os.WTERMSIG(answer.wait_status)))
    code = os.WEXITSTATUS(answer.wait_status)
    return _OWN_EXITS.get(code) or Outcome(Status.EXITED, error=f"exit code {code}")


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
