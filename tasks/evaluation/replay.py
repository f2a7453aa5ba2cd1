"""Tests that are more than f(x) == y, without the program in the room.

Loops, tolerances and sets of answers have to run as code, and what runs beside a program can be
found and changed by it. So the tests run once with the benchmark's own solution, which says what
they call. A completion is asked these calls from outside, and the tests run again on its answers
alone: in that process is nothing that a model wrote. Random draws of tests are seeded.

Not covered: tests whose later calls depend on earlier answers, or whose arguments or answers have
no literal; those run beside the program (`sandbox.verdict`).
"""

from collections.abc import Iterable, Sequence

from sandbox import Call, Outcome, Program, Status, decode
from tasks.evaluation.jails import Jails
from tasks.evaluation.sources import full_source
from tasks.records.problems import Problem

PASSED = "all tests passed"

_RECORD = """
def __record__():
    import copy, random
    random.seed(0)
    asked, own = [], {entry}
    def record(*args, **kwargs):
        asked.append((list(copy.deepcopy(args)), copy.deepcopy(kwargs)))
        return own(*args, **kwargs)
    exec({rest!r}, dict(globals(), {entry}=record))
    return asked
"""
_REPLAY = """
def __replay__(answers):
    import random
    random.seed(0)
    left = iter(answers)
    def answer(*args, **kwargs):
        asked, value = next(left)
        if asked != [list(args), kwargs]:
            raise LookupError("the tests call something else than with their own solution")
        return value
    exec({rest!r}, dict(globals(), {entry}=answer))
    return {passed!r}
"""


class Recordings:
    """What the tests of problems call, each recorded when it is first needed."""

    def __init__(self, jails: Jails) -> None:
        self._jails = jails
        self._calls: dict[tuple[str, str], tuple[Call, ...] | None] = {}

    def record(self, wanted: Iterable[tuple[Problem, str]]) -> None:
        """Runs tests with the problems' own solutions. Takes problems and what is left to run."""
        missing = {
            _key(problem): (problem, rest)
            for problem, rest in wanted
            if rest and _key(problem) not in self._calls
        }
        programs = [_program(problem, rest, _RECORD) for problem, rest in missing.values()]
        for key, [outcome] in zip(missing, self._jails.ask(programs), strict=True):
            self._calls[key] = _calls(outcome)

    def calls(self, problem: Problem) -> tuple[Call, ...] | None:
        """What the tests call; None where they have to run beside the program."""
        return self._calls.get(_key(problem))


def replay_program(
    problem: Problem, rest: str, calls: Sequence[Call], outcomes: Sequence[Outcome]
) -> Program:
    """The tests on a completion's answers; it returns `PASSED`."""
    answers = [
        [[list(call.args), dict(call.kwargs)], decode(outcome.value or "None")]
        for call, outcome in zip(calls, outcomes, strict=True)
    ]
    program = _program(problem, rest, _REPLAY)
    return Program(program.source, "__replay__", (Call((answers,)),))


def _program(problem: Problem, rest: str, harness: str) -> Program:
    made = harness.format(entry=problem.entry, rest=rest, passed=PASSED)
    own = full_source(problem, problem.solution)
    return Program(f"{own}\n{made}", "__record__", (Call(),))


def _calls(outcome: Outcome) -> tuple[Call, ...] | None:
    if outcome.status is not Status.OK or outcome.value is None:
        return None
    return tuple(Call(tuple(args), kwargs) for args, kwargs in decode(outcome.value))


def _key(problem: Problem) -> tuple[str, str]:
    return problem.benchmark, problem.id
