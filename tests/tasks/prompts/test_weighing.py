from collections.abc import Callable, Iterator

import pytest

from sandbox import Sandbox
from tasks.prompts.weighing import LIMITS, Runners, type_name, unweighed, weigh
from tasks.records.cases import Case, ExecutedFunction, WeighedFunction
from tasks.records.functions import Parameter

N = [Parameter(name="n")]
Execution = Callable[..., ExecutedFunction]


@pytest.fixture(scope="module")
def runners() -> Iterator[Runners]:
    with Sandbox(limits=LIMITS) as sandbox:
        yield Runners.of(sandbox)


def killed(weighed: WeighedFunction) -> list[int]:
    """Of each case, the number of mutants that it kills."""
    mutants = (1 << weighed.mutants) - 1
    return [(int(mark, 16) & mutants).bit_count() for mark in weighed.marks]


def test_a_case_that_meets_the_condition_tells_more(execution: Execution, runners: Runners) -> None:
    program = "def cut(n):\n    if n > 3:\n        return n - 3\n    return n\n"
    executed = execution("cut", program, N, [{"n": 0}, {"n": 9}, {"n": 3}])
    [weighed] = weigh([executed], 20, 0, runners)
    low, high, edge = killed(weighed)
    assert weighed.mutants == 7
    assert high > low
    assert edge > low


def test_a_mutant_that_never_ends_is_killed(execution: Execution, runners: Runners) -> None:
    program = "def down(n):\n    while n > 5:\n        n -= 5\n    return n\n"
    executed = execution("down", program, N, [{"n": 12}, {"n": 3}])
    [weighed] = weigh([executed], 20, 0, runners)
    assert weighed.mutants == 7
    assert killed(weighed)[0] == 4


def test_the_same_mutants_are_killed_again(execution: Execution, runners: Runners) -> None:
    program = "def tags(n):\n    return sorted({str(i % n) for i in range(n * 3)})\n"
    executed = [execution("tags", program, N, [{"n": n} for n in (1, 4, 9)])] * 70
    assert list(weigh(executed, 20, 0, runners)) == list(weigh(executed, 20, 0, runners))


def test_no_mutants_leave_the_arcs(execution: Execution) -> None:
    executed = execution("f", "def f(n):\n    return [n]\n", N, [{"n": 1}, {"n": "a"}])
    first, second = executed.cases
    cases = (
        first.model_copy(update={"arcs": ((-1, 2), (2, -1))}),
        second.model_copy(update={"arcs": ((-1, 2),)}),
    )
    weighed = unweighed(executed.model_copy(update={"cases": cases}))
    assert weighed.mutants == 0
    assert weighed.marks == ("3", "1")
    assert weighed.input_types == ("int", "str")
    assert weighed.output_types == ("list[int]", "list[str]")
    assert weighed.branch_coverage is None


def test_branch_coverage_counts_the_ways_out(execution: Execution) -> None:
    program = "def f(n):\n    if n:\n        n += 1\n    return n\n"
    executed = execution("f", program, N, [{"n": 1}])
    case: Case = executed.cases[0].model_copy(update={"arcs": ((-1, 2), (2, 3), (3, 4), (4, -1))})
    assert unweighed(executed.model_copy(update={"cases": (case,)})).branch_coverage == 0.5


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ([], "list"), ([1, "a"], "list"), ((1, 2), "tuple[int]"), ({"a": 1}, "dict[str, int]"),
        ({"a": 1, 2: 3}, "dict"), ({1}, "set[int]"), (None, "NoneType"), ([[1]], "list[list]"),
    ],
)  # fmt: skip
def test_a_type_says_what_its_elements_are(value: object, name: str) -> None:
    assert type_name(value) == name
