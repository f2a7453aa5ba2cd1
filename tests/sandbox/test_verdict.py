"""Verdicts on completions: right ones pass, lying ones do not, and what ran inside is marked."""

from collections.abc import Iterator

import pytest

from sandbox import Limits, Sandbox
from sandbox.assertions import take_apart
from sandbox.verdict import Trial, Verdict, judge

HUMAN_EVAL = """
METADATA = {'author': 'x'}

def check(candidate):
    "a docstring"
    assert candidate(1, [2]) == 3, "message"
    assert 5 == candidate(2, b=[3])
    assert candidate(0, [0]) is not None
    assert True
"""
RIGHT = "def add(a, b):\n    return a + b[0]\n"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(limits=Limits(cpu_seconds=0.3)) as started:
        yield started


def verdict(sandbox: Sandbox, source: str, tests: str = HUMAN_EVAL) -> Verdict:
    [found] = judge(sandbox, [Trial(source, "add", tests)])
    return found


def test_answers_that_can_stay_outside_do() -> None:
    tests = take_apart(HUMAN_EVAL, "add")
    assert [expectation.value for expectation in tests.expectations] == [3, 5]
    assert tests.rest == "candidate = add\nassert candidate(0, [0]) is not None"


@pytest.mark.parametrize(
    ("source", "passed"),
    [
        (RIGHT, True),
        ("def add(a, b): return None", False),
        ("def add(a, b):\n    return a", False),
        ("def add(a, b:", False),
        ("import sys\ndef add(a, b): sys.exit(0)", False),
        ("import os\nos._exit(0)", False),
        ("def add(a, b):\n    while True: pass", False),
        ("class E:\n def __eq__(s, o): return True\ndef add(a, b): return E()", False),
        ("import builtins\nbuiltins.eval = print\n" + RIGHT, True),
    ],
)
def test_a_program_passes_if_it_is_right(sandbox: Sandbox, source: str, passed: bool) -> None:
    assert verdict(sandbox, source).passed is passed


@pytest.mark.parametrize(
    ("tests", "inside"),
    [
        ("assert add(1, [2]) == 3\nassert add(1, [2])\nassert not add(0, [0])", False),
        ("for n in range(9):\n    assert add(n, [n]) == 2 * n", True),
        ("import math\nassert math.isclose(add(1, [2]), 3.0)", True),
        ("assert add(1, [2]) == 1 + 2", True),
    ],
)
def test_what_ran_inside_is_marked(sandbox: Sandbox, tests: str, inside: bool) -> None:
    right, wrong = (
        verdict(sandbox, RIGHT, tests),
        verdict(sandbox, "def add(a, b): return 7", tests),
    )
    assert (right.passed, right.inside) == (True, inside)
    assert not wrong.passed


def test_objects_that_equal_everything_do_not_pass_inside_either(sandbox: Sandbox) -> None:
    liar = "class E:\n def __eq__(s, o): return True\ndef add(a, b): return {}"
    tests = "for n in range(3):\n    assert add(n, [n]) == [2 * n]"
    assert not verdict(sandbox, liar.format("E()"), tests).passed
    assert not verdict(sandbox, liar.format("[E()]"), tests).passed


def test_an_answer_without_a_literal_is_compared_inside(sandbox: Sandbox) -> None:
    source = "from collections import Counter\ndef add(a, b): return Counter(b)"
    tests = "assert add(1, [2, 2]) == {2: 2}"
    found = verdict(sandbox, source, tests)
    assert (found.passed, found.inside) == (True, True)
