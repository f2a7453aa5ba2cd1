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
"""Of one call's CPU time: what a whole batch may use before its programs run alone."""
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
    # A batch says nothing until its end, so that all of it counts as one call.
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
    """Take a batch's word where all is as it should be; else run each program alone."""
    try:
        reports = _read_batch(job, answer)
    except TamperedError:
        return [single(run, job.terms) for run in job.runs]
    pairs = zip(job.runs, reports, strict=True)
    return [single(run, job.terms) for run, report in pairs if not _believe(run, report)]


def _read_batch(job: Job, answer: Answer) -> list[Report]:
    if answer.reason is not Reason.ENDED or answer.wait_status != 0:
        raise TamperedError("the batch did not end by itself")
    reader = _reader(answer, job.terms, canonical=False)
    reports = [reader.program(len(run.order)) for run in job.runs]
    reader.finish()
    if not all(report.ended and report.clean for report in reports):
        raise TamperedError("something was left behind")
    return reports


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
    return Outcome(Status.EXITED, error=f"exit code {os.WEXITSTATUS(answer.wait_status)}")


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
