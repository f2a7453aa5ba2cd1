"""Case2Code items: does an answer do what the gold does on all hidden inputs?

Ours are compared by value. The paper's are graded twice: as their authors do it, text by text
(`as_printed`), and by value, which does not ask for the order of a set or the last digit of a
float. An item whose gold nobody can match is graded too, but named with its reason, so that a
score can leave it out.
"""

import re
from collections.abc import Callable, Sequence

from sandbox import Call, Outcome, Program, Sandbox, Status, decode
from sandbox.literals import read_literal
from tasks.evaluation.equality import loosely_equal
from tasks.evaluation.jails import Jails, told
from tasks.evaluation.sources import full_source
from tasks.records.evaluations import GradeConfig, Graded, Reason
from tasks.records.problems import HiddenCase, Problem

_ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b")
_SHOWN = 120
_NUMBERED = """
{source}
def __value__(number):
    return {entry}(**examples[number])
"""
_PRINTED = """
def __printed__(*args, **kwargs):
    return repr({entry}(*args, **kwargs))
"""


def item_programs(problem: Problem, source: str) -> list[Program]:
    """What to run for an answer: for its values and, of the paper's items, for their texts too."""
    values = _value_program(problem, source)
    if not problem.printed:
        return [values]
    printing = f"{values.source}\n{_PRINTED.format(entry=values.entry)}"
    return [values, Program(printing, "__printed__", values.calls)]


def _value_program(problem: Problem, source: str) -> Program:
    full = full_source(problem, source)
    if problem.cases_source:
        # In one namespace, as its authors ran it: some programs use names that the examples define.
        made = _NUMBERED.format(source=problem.cases_source, entry=problem.entry)
        numbers = tuple(Call((number,)) for number in range(len(problem.hidden)))
        return Program(f"{full}\n{made}", "__value__", numbers)
    calls = tuple(Call((), decode(case.arguments)) for case in problem.hidden)
    return Program(full, problem.entry, calls)


def grade_item(
    problem: Problem,
    outcomes: Sequence[Sequence[Outcome]],
    blank: Graded,
    config: GradeConfig,
    reason_of: Callable[[Outcome, str], Reason],
) -> Graded:
    """The verdict on an answer.

    Args:
        problem: The item.
        outcomes: Of each of `item_programs`.
        blank: A verdict to fill in.
        config: Whether exceptions count.
        reason_of: Names the reason of a failed call.
    """
    values, texts = outcomes[0], outcomes[-1] if problem.printed else None
    right = _right(problem, values, texts, config)
    counted = [number for number, one in enumerate(right) if one is not None]
    failed = [number for number in counted if not right[number]]
    first = values[failed[0]] if failed else None
    return blank.model_copy(
        update={
            "passed": bool(counted) and not failed,
            "reason": _reason(first, problem.entry, counted, reason_of),
            "detail": _detail(problem.hidden[failed[0]], first) if first else "",
            "as_printed": texts is not None and all(map(_is_as_printed, problem.hidden, texts)),
            "cases_passed": len(counted) - len(failed),
            "cases": len(counted),
        }
    )


def _right(
    problem: Problem,
    values: Sequence[Outcome],
    texts: Sequence[Outcome] | None,
    config: GradeConfig,
) -> list[bool | None]:
    """For each case whether its answer is right; None where it does not count."""
    found: list[bool | None] = []
    for number, (case, outcome) in enumerate(zip(problem.hidden, values, strict=True)):
        if case.error:
            found.append(_raises(case, outcome) if config.exceptions else None)
        elif texts is not None and _is_as_printed(case, texts[number]):
            found.append(True)
        else:
            found.append(_is_value(case, outcome))
    return found


def _reason(
    first: Outcome | None,
    entry: str,
    counted: Sequence[int],
    reason_of: Callable[[Outcome, str], Reason],
) -> Reason:
    if first is not None:
        return reason_of(first, entry)
    return Reason.PASSED if counted else Reason.WRONG


def _raises(case: HiddenCase, outcome: Outcome) -> bool:
    return outcome.status is Status.RAISED and outcome.error == case.error.partition(":")[0]


def _is_value(case: HiddenCase, outcome: Outcome) -> bool:
    if outcome.status is not Status.OK or outcome.value is None:
        return False
    try:
        gold = read_literal(case.output)
    except ValueError:
        return False  # nan, an object: only the text can be compared
    return loosely_equal(decode(outcome.value), gold)


def _is_as_printed(case: HiddenCase, outcome: Outcome) -> bool:
    """The paper's comparison: of the texts, those of exceptions included."""
    if case.error:
        raised = f"{outcome.error}: {outcome.message}"
        return outcome.status is Status.RAISED and raised[:200] == case.error[:200]
    return outcome.status is Status.OK and decode(outcome.value or "''") == case.output


def _detail(case: HiddenCase, outcome: Outcome) -> str:
    wanted = case.error or case.output
    return f"for {case.arguments[:_SHOWN]} {told(outcome)[:_SHOWN]}, not {wanted[:_SHOWN]}"


def impossible(problem: Problem, jails: Jails, prover: Sandbox) -> str:
    """Why nobody can be expected to answer an item; empty where somebody can.

    Args:
        problem: The item.
        jails: For its texts.
        prover: Runs the gold twice, with other seeds and addresses.
    """
    programs = item_programs(problem, problem.solution)
    for case in problem.hidden:
        if reason := _flaw(case):
            return reason
    if all(case.error for case in problem.hidden):
        return f"every gold output is an exception: {problem.hidden[0].error[:_SHOWN]}"
    [proved] = prover.prove([programs[-1]])
    if any(one.status is Status.NONDETERMINISTIC for one in proved):
        return "nondeterministic: two runs of the gold print different outputs"
    return _not_reproduced(problem, list(jails.ask(programs)))


def _flaw(case: HiddenCase) -> str:
    if case.error.startswith(("NameError", "UnboundLocalError")):
        return f"undefined name: the gold output is {case.error[:_SHOWN]}"
    if _ADDRESS.search(case.output):
        return f"address: the gold output is {case.output[:_SHOWN]}"
    return ""


def _not_reproduced(problem: Problem, outcomes: Sequence[Sequence[Outcome]]) -> str:
    texts = outcomes[-1] if problem.printed else None
    right = _right(problem, outcomes[0], texts, GradeConfig())
    for case, outcome, fine in zip(problem.hidden, outcomes[0], right, strict=True):
        if fine is False:
            return f"not reproduced: {_detail(case, outcome)}"
    for case, text in zip(problem.hidden, texts or (), strict=texts is not None):
        if not _is_as_printed(case, text):
            kind = "text of an exception" if case.error else "text of a value"
            return f"{kind}: {_detail(case, text)}"
    return ""
