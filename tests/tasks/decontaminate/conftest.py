"""A small benchmark of our own, solved once."""

from collections.abc import Callable, Iterator

import pytest

from sandbox import Sandbox
from tasks.decontaminate.matching import BehaviourIndex, TextIndex, find_hits
from tasks.decontaminate.solving import PROBING, solve
from tasks.programs.identity import identity
from tasks.records.functions import Function, Parameter
from tasks.records.problems import Hit, Problem, SolvedProblem

FACTORS = """def prime_factors(n):
    \"\"\"Return the prime factors of the given number in ascending order, as often as it divides.

    >>> prime_factors(12)
    [2, 2, 3]
    \"\"\"
    found = []
    divisor = 2
    while divisor * divisor <= n:
        while n % divisor == 0:
            found.append(divisor)
            n = n // divisor
        divisor += 1
    if n > 1:
        found.append(n)
    return found
"""


def problem(name: str, solution: str, *tests: str, benchmark: str = "strict") -> Problem:
    return Problem(
        benchmark=benchmark,
        id=f"Own/{name}",
        prompt=solution,
        entry=name,
        solution=solution,
        tests="\n".join(f"assert {test}" for test in tests),
    )


PROBLEMS = (
    problem(
        "prime_factors",
        FACTORS,
        "prime_factors(12) == [2, 2, 3]",
        "prime_factors(7) == [7]",
        "prime_factors(60) == [2, 2, 3, 5]",
    ),
    problem(
        "shout",
        "def shout(text):\n    return text.upper() + '!'\n",
        "shout('a') == 'A!'",
        "shout('bc d') == 'BC D!'",
        "shout('') == '!'",
        benchmark="mbpp",
    ),
    problem("same", "def same(a):\n    return a\n", "same(1) == 1", "same(2) == 2", "same(3) == 3"),
    problem("one", "def one(a):\n    return 1\n", "one(1) == 1", "one(2) == 1", "one(3) == 1"),
    problem("wrong", "def wrong(a):\n    return a\n", "wrong(1) == 2", "wrong(2) == 3"),
)

Find = Callable[..., list[Hit]]


@pytest.fixture(scope="session")
def solved() -> list[SolvedProblem]:
    with Sandbox() as sandbox, Sandbox(limits=PROBING) as prober:
        return list(solve(PROBLEMS, sandbox, prober))


@pytest.fixture
def find(solved: list[SolvedProblem]) -> Iterator[Find]:
    with Sandbox() as sandbox, Sandbox(limits=PROBING) as prober:

        def found(*functions: Function, behaviour: bool = True) -> list[Hit]:
            index = BehaviourIndex(solved, prober, sandbox) if behaviour else None
            return list(find_hits(functions, TextIndex(solved, 0.5), index, solved))

        yield found


def function(code: str, *parameters: Parameter) -> Function:
    name = code.partition("def ")[2].partition("(")[0]
    return Function(
        id=name,
        name=name,
        program=code,
        code=code,
        parameters=parameters or (Parameter(name="a"),),
        identity=identity(code, name),
        operations=1,
        branches=0,
        source="a.py",
        path="a.py",
        corpus="a",
        first_line=1,
        last_line=1,
    )
