"""Verdicts and their reasons, on problems of every form."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import Limits
from tasks.benchmarks.finding import INSTALLED, find
from tasks.benchmarks.loading import load
from tasks.errors import EvaluationError
from tasks.evaluation.grading import grade
from tasks.evaluation.jails import Jails
from tasks.evaluation.references import references
from tasks.records.evaluations import Completion, GradeConfig, Graded, Reason, Reference
from tasks.records.problems import HiddenCase, Problem

DATA = Path(__file__).parents[4] / "shared" / "data"
SOLUTION = "def add(a, b):\n    return a + b\n"
ADD = Problem(
    benchmark="own",
    id="add",
    prompt="",
    entry="add",
    solution=SOLUTION,
    tests="assert add(1, 2) == 3\nassert add('a', 'b') == 'ab'",
)
ITEM = ADD.model_copy(
    update={
        "tests": "",
        "hidden": (
            HiddenCase(arguments="{'a': 0.1, 'b': 0.2}", output="0.3"),
            HiddenCase(arguments="{'a': 'x', 'b': ''}", output="'x'"),
        ),
    }
)
PRINTED = ADD.model_copy(
    update={
        "tests": "",
        "printed": True,
        "hidden": (
            HiddenCase(arguments="{'a': 1, 'b': 2}", output="3"),
            HiddenCase(arguments="{'a': 1, 'b': ''}", error="TypeError: no"),
        ),
    }
)


@pytest.fixture(scope="module")
def jails() -> Iterator[Jails]:
    with Jails(Limits(cpu_seconds=0.5)) as opened:
        yield opened


def graded(
    jails: Jails, problem: Problem, *sources: str, config: GradeConfig | None = None
) -> list[Graded]:
    answered = [
        (
            Completion(benchmark=problem.benchmark, problem=problem.id, sample=number, text=""),
            Reference(problem=problem),
            source,
        )
        for number, source in enumerate(sources)
    ]
    return list(grade(answered, jails, config or GradeConfig()))


def renamed(problem: Problem, name: str) -> str:
    """Its solution under another problem's name."""
    return re.sub(rf"\b{problem.entry}\b", name, problem.solution)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (SOLUTION, Reason.PASSED),
        ("def add(a, b):\n    return a", Reason.WRONG),
        ("def add(a, b):\n    return a[b]", Reason.RAISED),
        ("def add(a, b):\n    while True: pass", Reason.TIMEOUT),
        ("import time\ndef add(a, b):\n    time.sleep(100)", Reason.TIMEOUT),
        ("def add(a, b):\n    return [0] * 10**10", Reason.MEMORY),
        ("", Reason.NO_CODE),
        ("x = 1", Reason.NO_CODE),
        ("def add(a, b)\n    return", Reason.SYNTAX),
        ("import no_such_module\n" + SOLUTION, Reason.NOT_LOADED),
        ("import sys\ndef add(a, b):\n    sys.exit(0)", Reason.ENDED),
        ("def add(a, b):\n    return lambda: 3", Reason.WRONG),
        ("x = '" + 70_000 * "x" + "'\n" + SOLUTION, Reason.REFUSED),
    ],
)
def test_each_way_to_fail_has_its_reason(source: str, reason: Reason, jails: Jails) -> None:
    [verdict] = graded(jails, ADD, source)
    assert (verdict.reason, verdict.passed) == (reason, reason is Reason.PASSED)


def test_a_slow_answer_gets_the_time_that_a_verdict_allows(jails: Jails) -> None:
    slow = "import time\ndef add(a, b):\n    end = time.process_time() + 0.35\n"
    slow += "    while time.process_time() < end: pass\n    return a + b"
    assert graded(jails, ADD, slow)[0].passed


def test_a_program_is_imported_and_not_started(jails: Jails) -> None:
    assert graded(jails, ADD, SOLUTION + "if __name__ == '__main__':\n    raise ValueError")[
        0
    ].passed


def test_an_instance_of_a_subclass_counts_as_its_value(jails: Jails) -> None:
    problem = ADD.model_copy(update={"tests": "assert add('a', 'b') == {'a': 1, 'b': 1}"})
    counter = "from collections import Counter\ndef add(a, b):\n    return Counter(a + b)"
    assert graded(jails, problem, counter)[0].passed


def test_an_answer_too_large_to_travel_is_compared_by_its_hash(jails: Jails) -> None:
    problem = ADD.model_copy(update={"tests": "", "base_inputs": "[[1, 2]]"})
    long = "def add(a, b):\n    return 'x' * 200_000"
    [reference] = references([problem.model_copy(update={"solution": long})], jails)
    completion = Completion(benchmark="own", problem="add", sample=0, text="")
    answered = [(completion, reference, long), (completion, reference, long.replace("x", "y"))]
    assert [one.passed for one in grade(answered, jails, GradeConfig())] == [True, False]


def test_items_are_compared_by_value_and_their_cases_counted(jails: Jails) -> None:
    right, half = graded(jails, ITEM, SOLUTION, "def add(a, b):\n    return 'x'")
    assert (right.passed, right.cases_passed, right.cases) == (True, 2, 2)
    assert (half.passed, half.cases_passed) == (False, 1)


def test_exceptions_count_only_if_asked(jails: Jails) -> None:
    lenient = "def add(a, b):\n    return 3"
    assert graded(jails, PRINTED, lenient)[0].passed
    config = GradeConfig(exceptions=True)
    verdicts = graded(jails, PRINTED, lenient, SOLUTION, config=config)
    assert [one.passed for one in verdicts] == [False, True]


def test_a_problem_whose_own_solution_fails_is_an_error_and_no_zero(jails: Jails) -> None:
    broken = ADD.model_copy(update={"solution": "def add(a, b):\n    return 7"})
    [reference] = references([broken], jails)
    assert "own solution does not pass" in reference.error
    completion = Completion(benchmark="own", problem="add", sample=0, text="")
    with pytest.raises(EvaluationError, match="own solution"):
        list(grade([(completion, reference, SOLUTION)], jails, GradeConfig()))


def test_all_of_humaneval_passes_by_its_own_solutions_and_fails_without(jails: Jails) -> None:
    _, problems = load(find([INSTALLED])[0])
    assert not [one.problem.id for one in references(problems, jails) if one.error]
    nothing = [
        (
            Completion(benchmark="humaneval", problem=problem.id, sample=0, text=""),
            Reference(problem=problem),
            f"{problem.prompt}    return None\n",
        )
        for problem in problems
    ]
    assert not any(one.passed for one in grade(nothing, jails, GradeConfig()))


def test_the_papers_items_pass_by_their_gold_but_for_those_named(jails: Jails) -> None:
    path = DATA / "case2code_test_200.jsonl"
    if not path.exists():
        pytest.skip("the file is not at hand")
    _, problems = load(path)
    known = list(references(problems, jails))
    named = {one.problem.id: one.error.partition(":")[0] for one in known if one.error}
    answered = [
        (
            Completion(benchmark="paper", problem=one.problem.id, sample=0, text=""),
            one,
            one.problem.solution,
        )
        for one in known
    ]
    verdicts = list(grade(answered, jails, GradeConfig()))
    assert {one.problem for one in verdicts if not (one.passed and one.as_printed)} <= set(named)
    assert len(named) < 20
    assert set(named.values()) <= {
        "undefined name",
        "address",
        "nondeterministic",
        "text of an exception",
        "text of a value",
        "not reproduced",
    }
    shuffled = [
        (completion, reference, renamed(other.problem, reference.problem.entry))
        for (completion, reference, _), other in zip(answered, known[1:] + known[:1], strict=True)
    ]
    assert not any(one.passed or one.as_printed for one in grade(shuffled, jails, GradeConfig()))
