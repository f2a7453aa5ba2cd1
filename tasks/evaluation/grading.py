"""The verdict on each completion, and its reason.

Covered: what a test of the form f(x) == y expects never enters the jail, of no benchmark; an
object that equals everything, a search of the frames or of the garbage collector, a patched
checker find nothing to pass by (`tests/tasks/evaluation/test_forgeries.py`). Not covered: tests of
another form share a process with the program (`sandbox.verdict`), where comparisons are hardened.
A fault of the sandbox is never held against a program: it raises.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, islice

from sandbox import Outcome, Program, Status, decode
from sandbox.assertions import Expectation, Tests, take_apart
from sandbox.verdict import Trial, judge
from tasks.errors import EvaluationError
from tasks.evaluation.equality import NOT_NONE, equal_by_evalplus, tolerances
from tasks.evaluation.items import grade_item, item_programs
from tasks.evaluation.jails import CHUNK, Jails, told
from tasks.evaluation.sources import calls_of, full_source
from tasks.records.evaluations import Completion, GradeConfig, Graded, Reason, Reference
from tasks.records.problems import Problem

Answered = tuple[Completion, Reference, str]
"""A completion, its problem, and the program in it."""

_REASONS = {
    Status.OK: Reason.WRONG,
    Status.RAISED: Reason.RAISED,
    Status.TIMEOUT: Reason.TIMEOUT,
    Status.MEMORY: Reason.MEMORY,
    Status.OUTPUT_TOO_LARGE: Reason.UNREADABLE,
    Status.OPAQUE: Reason.UNREADABLE,
    Status.EXITED: Reason.ENDED,
    Status.CRASHED: Reason.ENDED,
    Status.BAD_PROGRAM: Reason.NOT_LOADED,
    Status.TAMPERED: Reason.FORGED,
    Status.SKIPPED: Reason.ENDED,
    Status.REFUSED: Reason.REFUSED,
}
_SYNTAX = frozenset(("SyntaxError", "IndentationError", "TabError"))


def grade(answered: Iterable[Answered], jails: Jails, config: GradeConfig) -> Iterator[Graded]:
    """Verdicts in the order of the completions.

    Raises:
        EvaluationError: The sandbox failed, or a problem cannot be graded.
    """
    left = iter(answered)
    while chunk := list(islice(left, CHUNK)):
        programs = [_programs(one) for one in chunk]
        outcomes = jails.ask(chain.from_iterable(programs))
        for one, own in zip(chunk, programs, strict=True):
            yield _grade(one, list(islice(outcomes, len(own))), jails, config)


def _programs(answered: Answered) -> list[Program]:
    """What to run from outside for a completion."""
    completion, reference, source = answered
    problem = reference.problem
    if reference.error and not problem.printed:
        raise EvaluationError(f"{problem.benchmark} {problem.id}: {reference.error}")
    if completion.error or not source.strip():
        return []
    if problem.hidden:
        return item_programs(problem, source)
    full = full_source(problem, source)
    if problem.base_inputs:
        return [Program(full, problem.entry, calls_of(problem))]
    parts = _parts(problem.tests, problem.entry)
    calls = tuple(item.call for item in parts.expectations)
    return [Program(full, problem.entry, calls)] if calls else []


@lru_cache(maxsize=2048)
def _parts(tests: str, entry: str) -> Tests:
    return take_apart(tests, entry)


def _grade(
    answered: Answered, outcomes: Sequence[tuple[Outcome, ...]], jails: Jails, config: GradeConfig
) -> Graded:
    completion, reference, source = answered
    blank = Graded(
        benchmark=completion.benchmark,
        problem=completion.problem,
        sample=completion.sample,
        passed=False,
        reason=Reason.NO_CODE,
        program=source,
    )
    if completion.error:
        return blank.model_copy(update={"reason": Reason.UNANSWERED, "detail": completion.error})
    if not source.strip():
        return blank
    for outcome in (one for row in outcomes for one in row):
        if outcome.status is Status.INTERNAL_ERROR:
            raise EvaluationError(
                f"the sandbox failed on {completion.problem}: {outcome.error}; run it again"
            )
    if reference.problem.hidden:
        return grade_item(reference.problem, outcomes, blank, config, reason_of)
    if reference.problem.base_inputs:
        return _by_inputs(reference, outcomes[0], blank)
    return _by_tests(answered, outcomes[0] if outcomes else (), jails, blank)


def reason_of(outcome: Outcome, entry: str) -> Reason:
    """Why a call whose answer is not right failed."""
    if outcome.error == "NameError" and outcome.message == f"name '{entry}' is not defined":
        return Reason.NO_CODE
    if outcome.status is Status.BAD_PROGRAM and outcome.error in _SYNTAX:
        return Reason.SYNTAX
    return _REASONS[outcome.status]


def _by_inputs(reference: Reference, outcomes: Sequence[Outcome], blank: Graded) -> Graded:
    """EvalPlus: the answers to the inputs of the base, and to all."""
    problem = reference.problem
    bases = len(json.loads(problem.base_inputs))
    right = [
        outcome.value == answer and _NAN not in answer
        for outcome, answer in zip(outcomes, reference.answers, strict=True)
    ]
    if not all(right):  # most answers are right to the letter: the others are looked at
        right = _by_rules(reference, outcomes, bases)
    graded = _counted(problem.entry, blank, right, outcomes)
    return graded.model_copy(update={"base_passed": all(right[:bases])})


def _by_rules(reference: Reference, outcomes: Sequence[Outcome], bases: int) -> list[bool]:
    problem = reference.problem
    expected = [decode(text, max_bytes=MAX_BYTES) for text in reference.answers]
    allowed = tolerances(expected[:bases], problem.atol)
    allowed += tolerances(expected[bases:], problem.atol)
    return [
        _is_value(problem.entry, outcome)
        and equal_by_evalplus(problem.entry, call.args, _value(outcome), answer, atol)
        for call, outcome, answer, atol in zip(
            calls_of(problem), outcomes, expected, allowed, strict=True
        )
    ]


def _is_value(entry: str, outcome: Outcome) -> bool:
    return outcome.status is Status.OK or (entry in NOT_NONE and outcome.status is Status.OPAQUE)


MAX_BYTES = 1 << 20
"""Of the text of an answer that is compared by value."""
_NAN = "nan"
"""A text with it may hold what does not equal itself."""
_OBJECT = "an object"
"""Stands for what is not None and has no literal."""


def _value(outcome: Outcome) -> object:
    return _OBJECT if outcome.value is None else decode(outcome.value, max_bytes=MAX_BYTES)


def _counted(
    entry: str, blank: Graded, right: Sequence[bool], outcomes: Sequence[Outcome]
) -> Graded:
    passed = all(right)
    first = None if passed else outcomes[right.index(False)]
    return blank.model_copy(
        update={
            "passed": passed,
            "reason": Reason.PASSED if first is None else reason_of(first, entry),
            "detail": "" if first is None else told(first),
            "cases_passed": sum(right),
            "cases": len(right),
        }
    )


def _by_tests(
    answered: Answered, outcomes: Sequence[Outcome], jails: Jails, blank: Graded
) -> Graded:
    """HumanEval and MBPP: what can be asked from outside, then what must run inside."""
    _, reference, source = answered
    problem = reference.problem
    parts = _parts(problem.tests, problem.entry)
    if any(outcome.status is Status.OPAQUE for outcome in outcomes):
        # An object: only inside can it be asked whether it is true.
        return _by_rest(
            Trial(full_source(problem, source), problem.entry, problem.tests), jails, blank
        )
    right = [
        _holds(expectation, outcome)
        for expectation, outcome in zip(parts.expectations, outcomes, strict=True)
    ]
    graded = _counted(problem.entry, blank, right, outcomes)
    if not graded.passed or not parts.rest:
        return graded
    return _by_rest(_trial(problem, source, parts.rest), jails, graded)


def _trial(problem: Problem, source: str, tests: str) -> Trial:
    return Trial(full_source(problem, source), problem.entry, tests)


def _holds(expectation: Expectation, outcome: Outcome) -> bool:
    return outcome.status is Status.OK and expectation.holds(_value(outcome))


def _by_rest(trial: Trial, jails: Jails, graded: Graded) -> Graded:
    for sandbox in (jails.quick, jails.patient):
        [verdict] = judge(sandbox, [trial])
        last = verdict.outcomes[-1]
        if last.status is not Status.TIMEOUT:
            break
    if last.status is Status.INTERNAL_ERROR:
        raise EvaluationError(f"the sandbox failed on {graded.problem}: {last.error}; run it again")
    if verdict.passed:
        return graded.model_copy(update={"passed": True, "reason": Reason.PASSED})
    is_wrong = last.status is Status.RAISED and last.error == "AssertionError"
    reason = Reason.WRONG if is_wrong else reason_of(last, trial.entry)
    return graded.model_copy(update={"passed": False, "reason": reason, "detail": verdict.detail})
