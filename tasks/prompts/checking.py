"""Every line that a prompt claims, run in the sandbox before it is written.

Promised: a sample comes out only if each case that its prompt shows, read back from the text of
the prompt, and each hidden case held of the very program that the sample carries. What does not
hold is phrased in another format, a few times; then it is a drop, with the line. A twin that
does not hold is a drop of its own.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from sandbox import Outcome, Program, Status
from tasks.prompts.claims import check_program
from tasks.prompts.drafts import Wanted
from tasks.prompts.rendering import Phraser
from tasks.records.cases import WeighedFunction
from tasks.records.drops import Drop, DropReason
from tasks.records.samples import Sample

Runner = Callable[[Iterable[Program]], Iterable[tuple[Outcome, ...]]]
"""Runs programs and gives their outcomes in the same order, one tuple a program."""

WINDOW = 256
"""Functions in the sandbox's hands at once."""
ATTEMPTS = 3
"""Formats tried for a sample, of which none was true, before it is dropped."""


@dataclass(slots=True)
class _Work:
    """One wanted sample on its way."""

    wanted: Wanted
    made: list[Sample | Drop] = field(default_factory=list)
    avoided: list[str] = field(default_factory=list)
    lie: str = ""
    """What did not hold at the last attempt."""


def checked(
    functions: Iterable[WeighedFunction], phraser: Phraser, run: Runner
) -> Iterator[Sample | Drop]:
    """The samples of all functions, in order, each one run; drops for what cannot be."""
    stream = iter(functions)
    while window := list(islice(stream, WINDOW)):
        works = [_Work(one) for one in chain.from_iterable(map(phraser.wanted, window))]
        left: Sequence[_Work] = works
        for _ in range(ATTEMPTS):
            left = _attempt(left, phraser, run)
        for work in left:
            work.made = [work.wanted.drop(DropReason.FALSE_CLAIM, work.lie)]
        for work in works:
            yield from work.made


def unchecked(functions: Iterable[WeighedFunction], phraser: Phraser) -> Iterator[Sample | Drop]:
    """The samples of all functions, in order, none of them run: only for studies of bad cases."""
    for function in functions:
        for wanted in phraser.wanted(function):
            yield from phraser.phrase(wanted, ())


def _attempt(works: Sequence[_Work], phraser: Phraser, run: Runner) -> list[_Work]:
    """Phrases and runs each; returns those of which something did not hold."""
    for work in works:
        work.made = list(phraser.phrase(work.wanted, tuple(work.avoided)))
    samples = [one for work in works for one in work.made if isinstance(one, Sample)]
    lies = dict(zip([one.id for one in samples], _lies(samples, run), strict=True))
    return [work for work in works if _is_to_be_tried_again(work, lies)]


def _is_to_be_tried_again(work: _Work, lies: dict[str, str]) -> bool:
    """Takes out what did not hold; True if that is the sample itself and not its twin."""
    for index, sample in enumerate(work.made):
        if isinstance(sample, Sample) and lies[sample.id]:
            if sample.twin_of:
                work.made[index] = work.wanted.drop(DropReason.NO_TWIN, lies[sample.id])
                return False
            work.lie = lies[sample.id]
            work.wanted.taken.discard(sample.id)
            work.avoided.append(sample.template.case_format or sample.template.instruction)
            return True
    return False


def _lies(samples: Sequence[Sample], run: Runner) -> Iterator[str]:
    """For each sample the first thing in it that is not true, or an empty string."""
    programs = [_program(sample) for sample in samples]
    outcomes = iter(run([one for one in programs if isinstance(one, Program)]))
    for one in programs:
        yield _first_lie(next(outcomes)) if isinstance(one, Program) else one


def _program(sample: Sample) -> Program | str:
    """What checks a sample, or why its prompt cannot be read."""
    try:
        return check_program(sample)
    except (ValueError, SyntaxError) as error:
        return f"unreadable: {error}"


def _first_lie(outcomes: Sequence[Outcome]) -> str:
    for number, one in enumerate(outcomes, 1):
        if one.status is Status.INTERNAL_ERROR:
            raise RuntimeError(f"the sandbox failed on a check: {one.error} {one.message}")
        if one.status is not Status.OK or one.value != "True":
            return f"claim {number}: {one.status} {one.error} {one.message}".rstrip()
    return ""
