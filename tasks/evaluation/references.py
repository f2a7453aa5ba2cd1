"""Grades the benchmarks' own solutions, before any model is asked.

A problem whose own solution does not pass cannot be graded: that is an error of the benchmark, of
this machine or of ours, and no zero of a model. Of extended benchmarks the solution's answers are
kept; they are what completions are compared with.
"""

from collections.abc import Iterator, Sequence

from sandbox import Outcome, Program, Status
from tasks.evaluation.equality import NOT_NONE
from tasks.evaluation.grading import grade
from tasks.evaluation.items import impossible
from tasks.evaluation.jails import Jails, told
from tasks.evaluation.sources import calls_of, full_source
from tasks.records.evaluations import Completion, GradeConfig, Graded, Reference
from tasks.records.problems import Problem


def references(problems: Sequence[Problem], jails: Jails) -> Iterator[Reference]:
    """One for each problem, in order."""
    extended = [problem for problem in problems if problem.base_inputs]
    answers = jails.ask(map(solution_program, extended))
    tested = [problem for problem in problems if not (problem.base_inputs or problem.hidden)]
    verdicts = grade(map(_own, tested), jails, GradeConfig())
    for problem in problems:
        if problem.base_inputs:
            yield _extended(problem, next(answers))
        elif problem.hidden:
            yield Reference(problem=problem, error=impossible(problem, jails, jails.patient))
        else:
            yield Reference(problem=problem, error=_failure(next(verdicts)))


def solution_program(problem: Problem) -> Program:
    """The problem's own solution, with a call for each input of an extended benchmark."""
    return Program(full_source(problem, problem.solution), problem.entry, calls_of(problem))


def _own(problem: Problem) -> tuple[Completion, Reference, str]:
    """The problem's own solution as a completion."""
    completion = Completion(benchmark=problem.benchmark, problem=problem.id, sample=0, text="")
    return completion, Reference(problem=problem), problem.solution


def _failure(graded: Graded) -> str:
    if graded.passed:
        return ""
    return f"its own solution does not pass its tests: {graded.reason}, {graded.detail}"


def _extended(problem: Problem, outcomes: Sequence[Outcome]) -> Reference:
    answers = [_answer(problem.entry, outcome) for outcome in outcomes]
    failed = [told(one) for one, text in zip(outcomes, answers, strict=True) if not text]
    if failed:
        return Reference(problem=problem, error=f"its own solution fails: {failed[0]}")
    return Reference(problem=problem, answers=tuple(answers))


def _answer(entry: str, outcome: Outcome) -> str:
    if entry in NOT_NONE and outcome.status in {Status.OK, Status.OPAQUE}:
        return repr(outcome.value != "None")
    return outcome.value or "" if outcome.status is Status.OK else ""
