"""What solves a benchmark's problem is found, whatever it looks like."""

import json

import pytest

from sandbox import Sandbox
from tasks.decontaminate.matching import BehaviourIndex
from tasks.decontaminate.policy import decontaminate
from tasks.decontaminate.solving import PROBING, solve
from tasks.records.cases import WrittenFunction
from tasks.records.configs import DecontaminationConfig
from tasks.records.drops import Drop, DropReason
from tasks.records.functions import Function, Parameter
from tasks.records.problems import Problem, SolvedProblem
from tests.tasks.decontaminate.conftest import FACTORS, Find, function, problem

ANOTHER_WAY = """def split(number):
    if number < 2:
        return []
    small = min(d for d in range(2, number + 1) if number % d == 0)
    return [small] + split(number // small)
"""


def test_another_way_to_the_same_answers_is_found_by_behaviour(find: Find) -> None:
    [hit] = find(function(ANOTHER_WAY))
    assert (hit.function, hit.problem, hit.evidence) == ("split", "Own/prime_factors", "behaviour")


def test_text_alone_does_not_find_it(find: Find) -> None:
    assert find(function(ANOTHER_WAY), behaviour=False) == []


def test_a_renamed_solution_is_found_by_its_syntax(find: Find) -> None:
    renamed = FACTORS.replace("prime_factors", "pf").replace("found", "out").replace("(n)", "(n)")
    [hit] = find(function(renamed), behaviour=False)
    assert hit.evidence == "syntax"


def test_a_solution_with_changes_is_found_by_its_runs_of_tokens(find: Find) -> None:
    changed = FACTORS.replace("def prime_factors(n):", "def pf(n, log=None):\n    log = log or []")
    changed = changed.replace('"""Return', '"""Gives').replace("return found", "return found, log")
    [hit] = find(function(changed), behaviour=False)
    assert hit.evidence == "ngrams"


def test_the_problem_in_words_is_found_in_a_docstring(find: Find) -> None:
    text = '"""Return the prime factors of the given number\n    in ascending order, as often\n'
    code = f'def task(a):\n    {text}    as it divides!\n    """\n    return [a]\n'
    [hit] = find(function(code), behaviour=False)
    assert hit.evidence == "docstring"


def test_agreeing_on_some_inputs_is_no_hit(find: Find) -> None:
    assert find(function("def half(a):\n    return [2, 2, 3] if a == 12 else [a]\n")) == []


def test_arguments_with_defaults_may_be_left_out(find: Find) -> None:
    loud = "def loud(text, mark='!'):\n    return ''.join(c.upper() for c in text) + mark\n"
    [hit] = find(function(loud, Parameter(name="text"), Parameter(name="mark", default="'!'")))
    assert (hit.benchmark, hit.problem) == ("mbpp", "Own/shout")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("same", "identity"),
        ("one", "constant"),
        ("wrong", "does not pass"),
        ("prime_factors", ""),
    ],
)
def test_problems_that_say_nothing_are_excluded_with_a_reason(
    solved: list[SolvedProblem], name: str, reason: str
) -> None:
    [excluded] = [one.excluded for one in solved if one.problem.entry == name]
    assert reason in excluded
    assert bool(reason) == bool(excluded)


@pytest.mark.parametrize("code", ["def f(a):\n    while True: pass\n", "def f(a):\n    1 / 0\n"])
def test_what_never_answers_is_no_hit_and_holds_nobody_up(find: Find, code: str) -> None:
    hits = find(function(code), function(ANOTHER_WAY))
    assert [hit.function for hit in hits] == ["split"]


def written(*functions: Function) -> list[WrittenFunction]:
    return [WrittenFunction(function=one, inputs=(), tried=0) for one in functions]


def test_hits_of_tagged_benchmarks_are_tagged_and_others_dropped(find: Find) -> None:
    loud = function("def loud(text):\n    return ''.join(c.upper() for c in text) + '!'\n")
    fine = function("def fine(a):\n    return a * 3 - 1\n")
    functions = [function(ANOTHER_WAY), loud, fine]
    out = list(decontaminate(written(*functions), find(*functions), DecontaminationConfig()))
    [drop] = [one for one in out if isinstance(one, Drop)]
    assert (drop.reason, drop.subject) == (DropReason.CONTAMINATED, "split")
    assert drop.detail == "strict:Own/prime_factors by behaviour, passes its tests"
    found = [one.function for one in out if isinstance(one, WrittenFunction)]
    kept = {one.id: one.tags for one in found}
    assert kept == {"loud": ("mbpp:Own/shout",), "fine": ()}


def test_what_is_dropped_is_a_choice(find: Find) -> None:
    split = function(ANOTHER_WAY)
    tagged = DecontaminationConfig(tagged=("strict",))
    [kept] = decontaminate(written(split), find(split), tagged)
    assert isinstance(kept, WrittenFunction)


EVEN = """def is_odd(n):
    return bool(n & 1)
"""
PRIME = """def prime(k):
    return k > 1 and all(k % d for d in range(2, k))
"""


def test_chance_passes_three_assertions_but_not_the_further_inputs() -> None:
    tests = ("is_odd(5) == True", "is_odd(6) == False", "is_odd(7) == True")
    plain = problem("is_odd", EVEN, *tests, benchmark="mbpp")
    further = [[number] for number in (9, 15, 21, 25, 2, 27, 33, 35, 1, 39)]
    extended = plain.model_copy(
        update={"benchmark": "mbpp+", "id": "own/IS_ODD", "plus_inputs": json.dumps(further)}
    )
    assert evidence([plain], PRIME) == ["mbpp"]
    assert evidence([plain, extended], PRIME) == []
    assert evidence([plain, extended], "def odd(a):\n    return a % 2 == 1\n") == ["mbpp", "mbpp+"]


def evidence(problems: list[Problem], code: str) -> list[str]:
    """The benchmarks of which the function solves a problem."""
    with Sandbox() as sandbox, Sandbox(limits=PROBING) as prober:
        solved = list(solve(problems, sandbox, prober))
        index = BehaviourIndex(solved, prober, sandbox)
        [numbers] = index.find([function(code)], [{}])
    return [solved[number].problem.benchmark for number in numbers]
