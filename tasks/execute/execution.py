"""From inputs to verified cases.

Every program runs twice, in two zygotes with other hash seeds, in other company and
order: a call whose two outcomes disagree is `nondeterministic`. Every input comes back as
a case with its outcome; what is good enough for a data set is for the filters to say.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from sandbox import Outcome, Program, Status
from tasks.programs.calls import program_of
from tasks.records.cases import Case, ExecutedFunction, Input, WrittenFunction
from tasks.records.drops import Drop, DropReason

Runner = Callable[[Iterable[Program]], Iterable[tuple[Outcome, ...]]]
"""Runs programs and gives their outcomes in the same order, one tuple a program."""

WINDOW = 64
"""Functions in the sandbox's hands at once: enough for its batches, little enough for memory."""


def execute(written: Iterable[WrittenFunction], run: Runner) -> Iterator[ExecutedFunction | Drop]:
    """Runs every input of every function. Raises RuntimeError for a fault of the sandbox itself."""
    stream = iter(written)
    while window := list(islice(stream, WINDOW)):
        programs = [
            program_of(one.function, [each.arguments for each in one.inputs]) for one in window
        ]
        for one, outcomes in zip(window, run(programs), strict=True):
            yield _executed(one, outcomes)


def _executed(written: WrittenFunction, outcomes: Sequence[Outcome]) -> ExecutedFunction | Drop:
    cases = tuple(
        _case(written, source, outcome)
        for source, outcome in zip(written.inputs, outcomes, strict=True)
    )
    broken = next((one for one in outcomes if one.status is Status.BAD_PROGRAM), None)
    if broken is not None:
        return Drop(
            step="execute",
            reason=DropReason.DOES_NOT_LOAD,
            subject=written.function.id,
            detail=f"{broken.error}: {broken.message}",
            record=written.model_dump_json(),
        )
    return ExecutedFunction(function=written.function, cases=cases)


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
