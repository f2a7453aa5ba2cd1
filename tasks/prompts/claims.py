"""A sample read back: what its prompt says of the function, as Python that can be run.

Covered: every case format of the grammar. What is read is the text of the prompt and nothing
else, so that a mistake in writing it cannot hide. Not covered: prose outside of the cases.
"""

import ast
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from string import Formatter

from sandbox import Call, Program, decode, encode
from sandbox.parsing import parse_module
from tasks.prompts.grammar import (
    CALL_STYLES,
    CaseFormat,
    Claim,
    Grammar,
    Question,
    Style,
    load_grammar,
)
from tasks.prompts.scan import find_outside, split_arguments, split_at
from tasks.prompts.values import is_comparable, is_printable
from tasks.records.samples import Sample, Task


@dataclass(frozen=True)
class ReadCase:
    """One case as it stands in a prompt."""

    text: str
    call: str
    """Source of the call; empty where the text is a statement that makes it itself."""
    output: str
    """What is said of the result, in the words of the format's claim."""


def checks(sample: Sample, grammar: Grammar | None = None) -> tuple[str, ...]:
    """For each case in the prompt, Python that fails unless it is true of the program.

    Statements to run after the program, in its namespace.

    Raises:
        ValueError: the prompt does not show as many cases as the sample says.
    """
    known = grammar or load_grammar()
    if sample.task is not Task.INDUCTION:
        return (_answered(sample, known.question_of(sample.template.instruction)),)
    case_format = known.format_of(sample.template.case_format)
    return tuple(_statement(case_format.claim, case) for case in read_cases(sample, case_format))


def check_program(sample: Sample, grammar: Grammar | None = None) -> Program:
    """The program and the claims about it, one call for each: `True`, or an exception.

    The hidden cases come after those in the prompt.
    """
    program = sample.program or sample.completion
    entry = "claim_holds"
    while entry in program:
        entry += "_"
    statements = [*checks(sample, grammar), *_on_hidden(sample)]
    lines = [program, "", f"def {entry}(number):"]
    for number, statement in enumerate(statements):
        lines.append(f"    if number == {number}:")
        lines += [f"        {line}" for line in statement.split("\n")]
    lines += ["    return True", ""]
    calls = tuple([Call((number,)) for number in range(len(statements))])
    return Program("\n".join(lines), entry, calls)


def _on_hidden(sample: Sample) -> list[str]:
    """What the hidden cases say.

    In the tasks that predict, the one hidden case is the one that the prompt asks for.
    """
    return [one.statement for one in hidden_checks(sample)] if _induces(sample) else []


def _induces(sample: Sample) -> bool:
    return sample.task is Task.INDUCTION


@dataclass(frozen=True)
class HiddenCheck:
    """A hidden case as Python."""

    call: str
    output: str
    """Literal of the value returned."""
    statement: str
    """Fails unless the call returns the value."""


def hidden_checks(sample: Sample) -> list[HiddenCheck]:
    """The hidden cases, but for values of which nothing can be said (a nan beside a set)."""
    found: list[HiddenCheck] = []
    for case in sample.hidden:
        if is_comparable(case.output) or is_printable(case.output):
            call = _call_by_name(sample, split_arguments(case.arguments))
            statement = _statement(Claim.VALUE, ReadCase("", call, case.output))
            found.append(HiddenCheck(call, case.output, statement))
    return found


def _answered(sample: Sample, question: Question) -> str:
    """The question with its answer, as a statement."""
    field = "call" if sample.task is Task.OUTPUT_PREDICTION else "output"
    given = _given(sample, question, field)
    if field == "call":
        case = ReadCase(given, _own_call(sample, given), sample.completion)
    else:
        case = ReadCase(given, _own_call(sample, sample.completion), given)
    return _statement(question.claim, case)


def _given(sample: Sample, question: Question, field: str) -> str:
    """What stands in the prompt in the place of a field. ValueError where all else differs."""
    known = {"program": sample.program.rstrip("\n"), "name": sample.name}
    before, _, after = question.text.partition("{" + field + "}")
    before, after = before.format(**known), after.format(**known)
    if not (sample.prompt.startswith(before) and sample.prompt.endswith(after)):
        raise ValueError(f"not the question {question.name}")
    return sample.prompt[len(before) : len(sample.prompt) - len(after)]


def _statement(claim: Claim, case: ReadCase) -> str:
    if claim is Claim.STATEMENT:
        return case.text
    if claim is Claim.PRINTED:
        return f"assert repr({case.call}) == {case.output!r}"
    if claim is Claim.EQUAL:
        return f"assert {case.call} == {case.output}"
    return returns(case.call, case.output, may_be_nan="nan" in case.output)


def returns(call: str, output: str, *, may_be_nan: bool) -> str:
    """A statement that fails unless the one has the value of the other."""
    equal = f"assert {call} == {output}"
    return f"{equal} or repr({call}) == repr({output})" if may_be_nan else equal


def read_cases(sample: Sample, case_format: CaseFormat) -> list[ReadCase]:
    """The cases that stand in the prompt, in their order.

    Raises:
        ValueError: they are not as many as the sample says that it shows.
    """
    cases: list[ReadCase] = []
    at = 0
    while at < len(sample.prompt):
        found = _case_at(sample, case_format, at)
        if found is None:
            at = _next_start(sample.prompt, at)
        else:
            cases.append(found)
            at += len(found.text)
    if len(cases) != len(sample.shown):
        raise ValueError(f"{len(cases)} cases can be read, {len(sample.shown)} should be shown")
    return cases


def _next_start(prompt: str, at: int) -> int:
    """Where a case could begin next: at a line, or at its first character that is no space."""
    match = re.compile(r"\n *|\n|(?<=\n) +").search(prompt, at)
    if match is None:
        return len(prompt)
    return match.start() + 1 if prompt[match.start()] == "\n" else match.end()


def _case_at(sample: Sample, case_format: CaseFormat, at: int) -> ReadCase | None:
    found = _matched(case_format, sample.prompt, at)
    if found is None:
        return None
    end, fields = found
    try:
        call, output = _read(sample, case_format, fields)
    except (ValueError, SyntaxError):
        return None
    return ReadCase(sample.prompt[at:end], call, output)


def _matched(case_format: CaseFormat, text: str, at: int) -> tuple[int, dict[str, str]] | None:
    """The end of the case that begins there, and the text of its placeholders."""
    pieces = list(Formatter().parse(case_format.case))
    fields: dict[str, str] = {}
    fields_left = sum(field is not None for _, field, _, _ in pieces)
    for index, (literal, field, _, _) in enumerate(pieces):
        if not text.startswith(literal, at):
            return None
        at += len(literal)
        if field is not None:
            following = pieces[index + 1][0] if index + 1 < len(pieces) else ""
            fields_left -= 1
            end = _end_of_field(case_format, text, at, following, last=not fields_left)
            if end < 0:
                return None
            fields[field], at = text[at:end], end
    return at, fields


def _end_of_field(
    case_format: CaseFormat, text: str, at: int, following: str, *, last: bool
) -> int:
    """Where the value ends: before the text that follows it, on the same line."""
    line_end = text.find("\n", at)
    line_end = len(text) if line_end < 0 else line_end
    if not last or following.startswith("\n"):
        end = find_outside(text, at, following)
        return end if end <= line_end else -1
    for rest in (following + case_format.between.rstrip("\n"), following):
        if text.endswith(rest, at, line_end):
            return line_end - len(rest)
    return -1


def _read(sample: Sample, case_format: CaseFormat, fields: Mapping[str, str]) -> tuple[str, str]:
    """The call and the output; ValueError or SyntaxError where the text is something else."""
    if "number" in fields:
        int(fields["number"])
    if "cells" in fields:
        *cells, output = split_at(fields["cells"], case_format.separator)
        names = _columns(sample, case_format)
        return _call_by_name(sample, dict(zip(names, cells, strict=True))), _literal(output)
    output = fields["output"]
    if case_format.claim is Claim.JSON:
        output = encode(json.loads(output))
    elif case_format.claim is not Claim.PRINTED:
        _literal(output)
    call = fields.get("call") or _call_of(sample, fields["arguments"])
    return _own_call(sample, call), output


def _columns(sample: Sample, case_format: CaseFormat) -> list[str]:
    """The names that stand above the cells."""
    names = list(split_arguments(sample.shown[0].arguments))
    if case_format.separator.join([*names, case_format.last_column]) not in sample.prompt:
        raise ValueError("the columns have no names")
    return names


_PLAIN = re.compile(r"-?\d+(?:\.\d+)?|'[^'\\\n]*'|True|False|None")


def _literal(text: str) -> str:
    if not _PLAIN.fullmatch(text):
        decode(text)
    return text


def _own_call(sample: Sample, text: str) -> str:
    """The text, if it is one call of the sample's function: its first bracket closes at the end."""
    start = len(sample.name) + 1
    if text.startswith(sample.name + "(") and find_outside(text, start, ")") == len(text) - 1:
        return text
    raise ValueError(f"not a call of {sample.name}: {text}")


def _call_of(sample: Sample, arguments: str) -> str:
    """The call that the written arguments describe, whatever their style."""
    style = Style(sample.template.argument_style)
    if style in CALL_STYLES:
        raise ValueError("a call was expected")
    if style is Style.OBJECT:
        values = json.loads(arguments)
        return _call_by_name(sample, {name: encode(values[name]) for name in values})
    if style is Style.ARRAY:
        return f"{sample.name}(*{encode(json.loads(arguments))})"
    if style is Style.TUPLE:
        return f"{sample.name}(*{_literal(arguments)})"
    if style is Style.VALUES:
        return f"{sample.name}({arguments})"
    pairs = [binding.partition(" = ") for binding in split_at(arguments, ", ")]
    return _call_by_name(sample, {name: _literal(text) for name, _, text in pairs})


def _call_by_name(sample: Sample, literals: Mapping[str, str]) -> str:
    """A call that passes by keyword whatever the signature lets it."""
    alone = _positional_only(sample.signature)
    parts = [
        _literal(text) if name in alone else f"{name}={_literal(text)}"
        for name, text in literals.items()
    ]
    return f"{sample.name}({', '.join(parts)})"


@lru_cache(maxsize=256)
def _positional_only(signature: str) -> Sequence[str]:
    [function] = parse_module(f"def _{signature}: ...").body
    if not isinstance(function, ast.FunctionDef):
        raise TypeError(signature)
    return [argument.arg for argument in function.args.posonlyargs]
