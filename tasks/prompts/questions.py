"""The tasks that predict: a program is given, and the output or a call is the answer."""

from collections.abc import Collection, Sequence
from functools import partial
from random import Random

from tasks.prompts.arguments import written
from tasks.prompts.blocks import Subject, is_true, output_text
from tasks.prompts.choose import Showable, is_telling
from tasks.prompts.drafts import Draft, NotPhrasedError, Text, Wanted
from tasks.prompts.grammar import Question, Style
from tasks.prompts.selection import Selection
from tasks.records.drops import DropReason
from tasks.records.samples import Task, Template


def ask(
    wanted: Wanted,
    subject: Subject,
    selection: Selection,
    avoided: Collection[str],
    rng: Random,
) -> Draft:
    """A prompt that asks for the output, or for the arguments, of one case.

    Each sample of a function asks for another case, those first that are no echo.

    Raises:
        NotPhrasedError: the function has not as many cases, or no question fits.
    """
    case = _asked(wanted)
    questions = [one for one in selection.questions_of(wanted.task) if one.name not in avoided]
    while questions:
        question = questions.pop(rng.randrange(len(questions)))
        styles = [Style.POSITIONAL, Style.MIXED, Style.KEYWORD]
        while styles:
            style = styles.pop(0 if selection.is_single else rng.randrange(len(styles)))
            text = _written(question, style, subject, [case])
            if text is not None:
                return _draft(question, style, subject, case, text)
    raise NotPhrasedError(DropReason.NO_TEMPLATE)


def _asked(wanted: Wanted) -> Showable:
    """The case that this one of the samples asks for; drawn alike for all that belong together."""
    # Another draw than the sample's own, so that no two samples of a function ask for one case.
    rng = Random(f"{wanted.function.id}:{wanted.task}")  # noqa: S311  not for secrets
    cases = rng.sample(wanted.cases, len(wanted.cases))
    cases.sort(key=lambda case: not is_telling(case))
    if wanted.index >= len(cases):
        raise NotPhrasedError(DropReason.TOO_FEW_TO_SHOW, f"{len(cases)} cases")
    return cases[wanted.index]


def _written(
    question: Question, style: Style, subject: Subject, cases: Sequence[Showable]
) -> Text | None:
    [case] = cases
    calls = written(style, subject.name, subject.parameters, cases)
    output = output_text(question.claim, case.output)
    if calls is None or output is None or not is_true(question.claim, case):
        return None
    [call] = calls
    if any(
        text in part for text in question.forbidden for part in (subject.completion, call, output)
    ):
        return None
    prompt = question.text.format(
        program=subject.completion.rstrip("\n"), name=subject.name, call=call, output=output
    )
    return Text(prompt, output if question.task is Task.OUTPUT_PREDICTION else call)


def _draft(question: Question, style: Style, subject: Subject, case: Showable, text: Text) -> Draft:
    return Draft(
        subject=subject,
        text=text,
        shown=[case],
        template=Template(
            instruction=question.name,
            header="",
            case_format="",
            argument_style=style.value,
            part_order="",
            claim=question.claim.value,
            cases_first=question.text.startswith(("{program}", "```python\n{program}")),
            named=subject.named,
            signed=True,
        ),
        write=partial(_written, question, style),
    )
