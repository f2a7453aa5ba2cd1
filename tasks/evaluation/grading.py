"""The verdict on each completion, and its reason.

Covered: what a test expects never enters the jail in which a program runs, of no benchmark. Tests
of the form f(x) == y are compared outside, others run on the program's answers alone
(`tasks.evaluation.replay`). An object that equals everything, a search of the frames or of the
garbage collector, a patched checker find nothing to pass by (`test_forgeries.py`). Not covered:
the few tests that ask an object and no value share a process with the program (`sandbox.verdict`),
where comparisons are hardened. A fault of the sandbox is never held against a program: it raises.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice

from sandbox import Call, Outcome, Program, Status, decode
from sandbox.assertions import Expectation, Tests, take_apart
from sandbox.verdict import Trial, judge
from tasks.errors import EvaluationError
from tasks.evaluation.equality import NOT_NONE, equal_by_evalplus, tolerances
from tasks.evaluation.items import grade_item, item_programs
from tasks.evaluation.jails import CHUNK, Jails, told
from tasks.evaluation.replay import PASSED, Recordings, replay_program
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
    recordings = Recordings(jails)
    while chunk := list(islice(left, CHUNK)):
        recordings.record((one.problem, _rest(one.problem)) for _, one, _ in chunk)
        programs = [_programs(one, recordings) for one in chunk]
        outcomes = jails.ask(chain.from_iterable(programs))
        trials = [
            _trial(one, list(islice(outcomes, len(own))), recordings, config)
            for one, own in zip(chunk, programs, strict=True)
        ]
        replayed = jails.ask(trial.replay for trial in trials if trial.replay)
        for trial in trials:
            yield _with_replay(trial, next(replayed)[0]) if trial.replay else _last(trial, jails)


@dataclass(frozen=True, slots=True)
class _Trial:
    """A verdict, and what may still change it."""

    graded: Graded
    entry: str
    replay: Program | None = None
    """Tests to run on the answers alone."""
    beside: Trial | None = None
    """Tests to run beside the program."""


def _programs(answered: Answered, recordings: Recordings) -> list[Program]:
    """What to run from outside for a completion."""
    completion, reference, source = answered
    problem = reference.problem
    if reference.error and not problem.printed:
        raise EvaluationError(f"{problem.benchmark} {problem.id}: {reference.error}")
    if completion.error or not source.strip():
        return []
    if problem.hidden:
        return item_programs(problem, source)
    calls = calls_of(problem) if problem.base_inputs else _test_calls(problem, recordings)
    return [Program(full_source(problem, source), problem.entry, calls)] if calls else []


def _test_calls(problem: Problem, recordings: Recordings) -> tuple[Call, ...]:
    """What tests say from outside, then what those call that have to run."""
    said = tuple(item.call for item in _parts(problem).expectations)
    return said + (recordings.calls(problem) or ())


def _parts(problem: Problem) -> Tests:
    return _taken_apart(problem.tests, problem.entry)


@lru_cache(maxsize=2048)
def _taken_apart(tests: str, entry: str) -> Tests:
    return take_apart(tests, entry)


def _rest(problem: Problem) -> str:
    return "" if problem.hidden or problem.base_inputs else _parts(problem).rest


def _trial(
    answered: Answered,
    outcomes: Sequence[tuple[Outcome, ...]],
    recordings: Recordings,
    config: GradeConfig,
) -> _Trial:
    completion, reference, source = answered
    problem = reference.problem
    blank = _blank(completion, source)
    if completion.error or not source.strip():
        return _Trial(blank, problem.entry)
    _require_ours(problem, chain.from_iterable(outcomes))
    if problem.hidden:
        return _Trial(grade_item(problem, outcomes, blank, config, reason_of), problem.entry)
    if problem.base_inputs:
        return _Trial(_by_inputs(reference, outcomes[0], blank), problem.entry)
    return _by_tests(problem, source, outcomes[0] if outcomes else (), blank, recordings)


def _blank(completion: Completion, source: str) -> Graded:
    return Graded(
        benchmark=completion.benchmark,
        problem=completion.problem,
        sample=completion.sample,
        passed=False,
        reason=Reason.UNANSWERED if completion.error else Reason.NO_CODE,
        detail=completion.error,
        program=source,
    )


def _require_ours(problem: Problem, outcomes: Iterable[Outcome]) -> None:
    """Raises EvaluationError where an outcome is the sandbox's fault."""
    for outcome in outcomes:
        if outcome.status is Status.INTERNAL_ERROR:
            raise EvaluationError(
                f"the sandbox failed on {problem.benchmark} {problem.id}: {outcome.error};"
                " run the same command again"
            )


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
    problem: Problem,
    source: str,
    outcomes: Sequence[Outcome],
    blank: Graded,
    recordings: Recordings,
) -> _Trial:
    """HumanEval and MBPP: what is said from outside, then what has to run."""
    parts, calls = _parts(problem), recordings.calls(problem)
    if any(outcome.status is Status.OPAQUE for outcome in outcomes):
        # An object: only beside it can be asked whether it is true.
        return _Trial(blank, problem.entry, beside=_beside(problem, source, problem.tests))
    said = len(parts.expectations)
    right = [
        _holds(expectation, outcome)
        for expectation, outcome in zip(parts.expectations, outcomes[:said], strict=True)
    ]
    right += [outcome.status is Status.OK for outcome in outcomes[said:]]
    graded = _counted(problem.entry, blank, right, outcomes)
    if not graded.passed or not parts.rest:
        return _Trial(graded, problem.entry)
    if calls is None:
        return _Trial(graded, problem.entry, beside=_beside(problem, source, parts.rest))
    replay = replay_program(problem, parts.rest, calls, outcomes[said:])
    return _Trial(graded, problem.entry, replay=replay)


def _holds(expectation: Expectation, outcome: Outcome) -> bool:
    return outcome.status is Status.OK and expectation.holds(_value(outcome))


def _beside(problem: Problem, source: str, tests: str) -> Trial:
    return Trial(full_source(problem, source), problem.entry, tests)


def _with_replay(trial: _Trial, outcome: Outcome) -> Graded:
    if outcome.status is Status.OK and outcome.value == repr(PASSED):
        return trial.graded
    return _failed(trial, outcome, f"its answers fail the tests: {told(outcome)}")


def _failed(trial: _Trial, outcome: Outcome, detail: str) -> Graded:
    is_wrong = outcome.status is Status.RAISED and outcome.error == "AssertionError"
    reason = Reason.WRONG if is_wrong else reason_of(outcome, trial.entry)
    return trial.graded.model_copy(update={"passed": False, "reason": reason, "detail": detail})


def _last(trial: _Trial, jails: Jails) -> Graded:
    """The verdict, after the tests that can only run beside the program."""
    if trial.beside is None:
        return trial.graded
    for sandbox in (jails.quick, jails.patient):
        [verdict] = judge(sandbox, [trial.beside])
        outcome = verdict.outcomes[-1]
        if outcome.status is not Status.TIMEOUT:
            break
    if outcome.status is Status.INTERNAL_ERROR:
        raise EvaluationError(f"the sandbox failed on {trial.graded.problem}: {outcome.error}")
    if verdict.passed:
        return trial.graded.model_copy(update={"passed": True, "reason": Reason.PASSED})
    return _failed(trial, outcome, verdict.detail)
