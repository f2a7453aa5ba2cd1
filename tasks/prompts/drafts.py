"""What is wanted, a prompt before it is a sample, and the sample that it becomes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_

from tasks.prompts.blocks import Subject
from tasks.prompts.choose import Showable
from tasks.records.base import digest_of
from tasks.records.cases import WeighedFunction
from tasks.records.drops import Drop, DropReason
from tasks.records.functions import Function
from tasks.records.samples import Difficulty, Evidence, Sample, Task, Template

STEP = "prompts"


class NotPhrasedError(Exception):
    """There is no such prompt; it becomes a drop."""

    def __init__(self, reason: DropReason, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail


@dataclass(frozen=True, slots=True)
class Wanted:
    """One sample that is to be made of a function."""

    weighed: WeighedFunction
    cases: Sequence[Showable]
    """Those of which something true can be said."""
    task: Task
    index: int
    """Which of the samples of this task."""
    taken: set[str]
    """Ids of the samples made of the function so far."""

    @property
    def function(self) -> Function:
        """The function itself."""
        return self.weighed.executed.function

    def drop(self, reason: DropReason, detail: str = "") -> Drop:
        """The sample is not made."""
        return Drop(step=STEP, reason=reason, subject=self.function.id, detail=detail)


@dataclass(frozen=True, slots=True)
class Text:
    """What a model reads and what it should answer."""

    prompt: str
    completion: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A prompt with all that was drawn for it."""

    subject: Subject
    text: Text
    shown: Sequence[Showable]
    """For the tasks that predict, the one case that is asked for."""
    template: Template
    write: Callable[[Subject, Sequence[Showable]], Text | None]
    """The same template for another subject or other cases; None where it does not fit them."""

    def written_for(self, subject: Subject, shown: Sequence[Showable]) -> "Draft | None":
        """The draft with the same template for another subject or other cases."""
        text = self.write(subject, shown)
        return None if text is None else replace(self, subject=subject, text=text, shown=shown)


def sample_of(wanted: Wanted, draft: Draft, tokens: int | None) -> Sample:
    """The record of a draft."""
    executed, function = wanted.weighed.executed, wanted.function
    subject, text, induces = draft.subject, draft.text, wanted.task is Task.INDUCTION
    # Plain values, for the one validation of the whole sample.
    cases = [{"arguments": one.arguments, "output": one.output} for one in draft.shown]
    return Sample(
        id=digest_of(function.id, text.prompt),
        function_id=function.id,
        task=wanted.task,
        prompt=text.prompt,
        completion=text.completion,
        program="" if induces else subject.completion,
        name=subject.name,
        signature=subject.signature,
        shown=cases if induces else [],
        hidden=_hidden(wanted, draft.shown) if induces else cases,
        template=draft.template,
        difficulty=_difficulty(wanted.weighed),
        evidence=_evidence(wanted.weighed, draft.shown if induces else ()),
        prompt_tokens=tokens,
        group=executed.group or function.identity,
        tags=function.tags,
        source=function.source,
        licence=function.licence,
        revision=function.revision,
        first_line=function.first_line,
        last_line=function.last_line,
    )


def _hidden(wanted: Wanted, shown: Sequence[Showable]) -> list[dict[str, str]]:
    """All other cases, those of which nothing can be said in a prompt too."""
    texts = {case.arguments for case in shown}
    return [
        {"arguments": case.arguments, "output": case.output}
        for case in wanted.weighed.executed.cases
        if case.output is not None and case.arguments not in texts
    ]


def _difficulty(weighed: WeighedFunction) -> Difficulty:
    function = weighed.executed.function
    return Difficulty(
        operations=function.operations,
        branches=function.branches,
        outputs=len({case.output for case in weighed.executed.cases}),
    )


def _evidence(weighed: WeighedFunction, shown: Sequence[Showable]) -> Evidence:
    marks = reduce(or_, [int(mark, 16) for mark in weighed.marks], 0)
    seen = reduce(or_, [case.mark for case in shown], 0)
    mutants = (1 << weighed.mutants) - 1
    arcs = (marks >> weighed.mutants).bit_count()
    return Evidence(
        branch_coverage=weighed.branch_coverage,
        arcs_shown=(seen >> weighed.mutants).bit_count() / arcs if arcs else 1.0,
        mutants=weighed.mutants,
        killed=(marks & mutants).bit_count(),
        killed_shown=(seen & mutants).bit_count(),
        input_types=weighed.input_types,
        output_types=weighed.output_types,
    )
