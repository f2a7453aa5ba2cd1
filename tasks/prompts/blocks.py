"""The cases of a prompt as one block of text."""

from collections.abc import Sequence
from dataclasses import dataclass

from tasks.programs.calls import ArgumentStyle, bind
from tasks.prompts.arguments import call_text, written
from tasks.prompts.choose import Showable
from tasks.prompts.grammar import CaseFormat, Claim, Style
from tasks.prompts.values import as_json, printed
from tasks.records.functions import Parameter


@dataclass(frozen=True, slots=True)
class Subject:
    """What a prompt speaks of: the function under the name that the prompt gives it."""

    name: str
    named: bool
    """The name is the function's own."""
    completion: str
    parameters: Sequence[Parameter]
    signature: str


def write_block(
    case_format: CaseFormat,
    style: Style,
    subject: Subject,
    shown: Sequence[Showable],
) -> str | None:
    """The cases as text, or None where the format or the style cannot write all of them."""
    if not _fits(case_format, subject, shown):
        return None
    arguments = written(style, subject.name, subject.parameters, shown)
    outputs = [output_text(case_format.claim, case.output) for case in shown]
    if arguments is None or None in outputs:
        return None
    separator = case_format.separator
    cases = [
        case_format.case.format(
            call=text,
            arguments=text,
            cells=separator.join([*case.by_name.values(), str(output)]) if separator else "",
            output=output,
            number=number,
        )
        for number, (case, text, output) in enumerate(
            zip(shown, arguments, outputs, strict=True), 1
        )
    ]
    body = case_format.between.join(cases)
    if not (case_format.before or case_format.after):
        return body
    frame = _frame(case_format, subject, shown)
    return case_format.before.format(**frame) + body + case_format.after.format(**frame)


def output_text(claim: Claim, literal: str) -> str | None:
    """What a format with that claim writes for a value; None where it cannot."""
    if claim is Claim.PRINTED:
        return printed(literal)
    return as_json(literal) if claim is Claim.JSON else literal


def _frame(case_format: CaseFormat, subject: Subject, shown: Sequence[Showable]) -> dict[str, str]:
    """What the text around the cases may speak of."""
    frame = {"name": subject.name, "signature": subject.signature}
    frame["test_name"] = f"test_{subject.name.lstrip('_')}"
    if case_format.last_column:
        names = list(shown[0].by_name)
        call = bind(subject.parameters, {key: key for key in names}, ArgumentStyle.POSITIONAL)
        columns = [*names, case_format.last_column]
        frame["columns"] = case_format.separator.join(columns)
        frame["rule"] = case_format.separator.join("---" for _ in columns)
        frame["bound_call"] = call_text(subject.name, (call.args, call.kwargs))
    return frame


def _fits(case_format: CaseFormat, subject: Subject, shown: Sequence[Showable]) -> bool:
    """Whether the claims of the format are true of the cases, and nothing breaks it."""
    if case_format.claim not in _ALWAYS_TRUE:
        for case in shown:
            if not is_true(case_format.claim, case):
                return False
    for text in case_format.forbidden:
        for case in shown:
            if text in case.arguments or text in case.output:
                return False
    return _has_room_for_names(case_format, subject)


_ALWAYS_TRUE = (Claim.VALUE, Claim.JSON)
"""The value itself can always be said, if it can be written at all."""


def is_true(claim: Claim, case: Showable) -> bool:
    """Whether the claim can be made of a case."""
    if claim is Claim.STATEMENT or claim is Claim.EQUAL:
        return case.comparable
    if claim is Claim.PRINTED:
        # The interpreter prints nothing for None.
        return case.printable and case.output != "None"
    return True


def _has_room_for_names(case_format: CaseFormat, subject: Subject) -> bool:
    """Whether no name of the function means something else in the format."""
    if subject.name in case_format.binds:
        return False
    if not case_format.last_column:
        return True
    parameters = {parameter.name for parameter in subject.parameters}
    return case_format.last_column not in parameters and subject.name not in parameters
