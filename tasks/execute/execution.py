"""From inputs to verified cases.

Every program runs twice, in two zygotes with other hash seeds, in other company and
order: a call whose two outcomes disagree is `nondeterministic`. A sample runs a third time
(`tasks.execute.auditing`). Every input comes back as a case with its outcome; what is good enough
for a data set is for the filters to say.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from sandbox import Outcome, Program, Status
from tasks.execute.auditing import Auditor
from tasks.programs.calls import program_of
from tasks.records.cases import Case, ExecutedFunction, Input, WrittenFunction
from tasks.records.drops import Drop, DropReason

Runner = Callable[[Iterable[Program]], Iterable[tuple[Outcome, ...]]]
"""Runs programs and gives their outcomes in the same order, one tuple a program."""

WINDOW = 256
"""Functions in the sandbox's hands at once: enough for its batches, little enough for memory."""


def execute(
    written: Iterable[WrittenFunction], run: Runner, auditor: Auditor
) -> Iterator[ExecutedFunction | Drop]:
    """Runs every input of every function. Raises RuntimeError for a fault of the sandbox itself."""
    stream = iter(written)
    while window := list(islice(stream, WINDOW)):
        programs = [
            program_of(one.function, [each.arguments for each in one.inputs]) for one in window
        ]
        # All first: the jails of the audit shall not hold up those at work.
        results = list(run(programs))
        for one, program, outcomes in zip(window, programs, results, strict=True):
            done = _executed(one, outcomes)
            complaint = auditor.complaint(one.function.id, program, outcomes)
            yield _drop(one, DropReason.AUDIT_MISMATCH, complaint) if complaint else done


def _executed(written: WrittenFunction, outcomes: Sequence[Outcome]) -> ExecutedFunction | Drop:
    cases = tuple(
        _case(written, source, outcome)
        for source, outcome in zip(written.inputs, outcomes, strict=True)
    )
    broken = next((one for one in outcomes if one.status is Status.BAD_PROGRAM), None)
    if broken is not None:
        return _drop(written, DropReason.DOES_NOT_LOAD, f"{broken.error}: {broken.message}")
    return ExecutedFunction(function=written.function, cases=cases)


def _drop(written: WrittenFunction, reason: DropReason, detail: str) -> Drop:
    return Drop(
        step="execute",
        reason=reason,
        subject=written.function.id,
        detail=detail,
        record=written.model_dump_json(),
    )


def _case(written: WrittenFunction, source: Input, outcome: Outcome) -> Case:
    if outcome.status is Status.INTERNAL_ERROR:
        raise RuntimeError(
            f"the sandbox failed on {written.function.name} ({written.function.source}): "
            f"{outcome.error} {outcome.message}; run `case2code doctor`"
        )
    return Case(
        arguments=source.arguments,
        writer=source.writer,
        status=outcome.status,
        output=outcome.value,
        error=outcome.error,
        mutated=outcome.mutated,
        arcs=outcome.arcs or (),
    )
