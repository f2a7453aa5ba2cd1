"""How many samples a core renders, and how many it turns back into programs to check.

    make bench NAME=prompts ARGS="--functions 5000 --samples 1"

Covered: rendering alone, on three functions of different shape that are given other ids, so that
every draw differs; CPU time, the median of several rounds. The last line is JSON. Not covered:
reading the functions, writing the samples, running the checks.
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from statistics import median

from sandbox import encode
from tasks.prompts.claims import check_program
from tasks.prompts.rendering import render
from tasks.records.base import digest_of
from tasks.records.cases import Case, ExecutedFunction
from tasks.records.configs import PromptConfig
from tasks.records.functions import Function, Parameter, ParameterKind
from tasks.records.samples import Sample

ROUNDS = 5

_MERGE = '''\
def merge(left, right=None, *, strict=False):
    """Add the words of one list to another."""
    result = list(left)
    for item in right or ():
        if not (strict and item in result):
            result.append(item)
    return result
'''
_SHORTEN = """\
def shorten(text, width):
    return text if len(text) <= width else text[: max(width - 3, 0)] + "..."
"""
_COUNT = """\
def tally(words):
    found = {}
    for word in words:
        found[word] = found.get(word, 0) + 1
    return found
"""


def _executed(
    program: str, parameters: Sequence[Parameter], cases: Sequence[tuple[dict[str, object], object]]
) -> ExecutedFunction:
    name = program.removeprefix("def ").partition("(")[0]
    function = Function(
        id=digest_of(name),
        name=name,
        program=program,
        code=program,
        parameters=tuple(parameters),
        identity=digest_of(program),
        operations=3,
        branches=1,
        source="bench/a.py",
        path="a.py",
        corpus="bench",
        first_line=1,
        last_line=9,
    )
    found = [
        Case(
            arguments=encode(arguments),
            writer="search",
            status="ok",
            output=encode(output),
            arcs=((-1, 2), (2, 3 + number % 3)),
        )
        for number, (arguments, output) in enumerate(cases)
    ]
    return ExecutedFunction(function=function, cases=tuple(found))


def _shapes() -> list[ExecutedFunction]:
    numbers = range(10)
    strict = Parameter(name="strict", kind=ParameterKind.KEYWORD_ONLY, default="False")
    lists = [Parameter(name="left"), Parameter(name="right", default="None"), strict]
    return [
        _executed(
            _MERGE,
            lists,
            [({"left": ["a"] * n, "right": [str(n)]}, ["a"] * n + [str(n)]) for n in numbers],
        ),
        _executed(
            _SHORTEN,
            [Parameter(name="text"), Parameter(name="width")],
            [({"text": "b" * n, "width": 20}, "b" * n) for n in numbers],
        ),
        _executed(
            _COUNT,
            [Parameter(name="words")],
            [({"words": ["x"] * n + ["y"]}, {"x": n, "y": 1}) for n in numbers],
        ),
    ]


def _functions(count: int) -> list[ExecutedFunction]:
    """As many functions as asked for: the shapes in turn, each with an id of its own."""
    shapes = _shapes()
    found: list[ExecutedFunction] = []
    for number in range(count):
        shape = shapes[number % len(shapes)]
        function = shape.function.model_copy(update={"id": digest_of(str(number))})
        found.append(shape.model_copy(update={"function": function}))
    return found


def _rate(work: Callable[[], int]) -> float:
    """Things done in a second of CPU time, the median of the rounds."""
    rates: list[float] = []
    for _ in range(ROUNDS):
        start = time.process_time()
        done = work()
        rates.append(done / (time.process_time() - start))
    return median(rates)


def main() -> None:
    """Measures, prints a table and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--functions", type=int, default=5_000)
    parser.add_argument("--samples", type=int, default=1, help="samples of each function")
    options = parser.parse_args()
    functions = _functions(options.functions)
    config = PromptConfig(samples_per_function=options.samples)

    def rendered() -> list[Sample]:
        every = (one for executed in functions for one in render(executed, config, 0))
        return [one for one in every if isinstance(one, Sample)]

    samples = rendered()
    rates = {
        "render": _rate(lambda: len(rendered())),
        "read_back": _rate(lambda: len([check_program(one) for one in samples[:1_000]])),
    }
    for name, rate in rates.items():
        print(f"{name:<12}{rate:>10,.0f} samples/s of one core")
    print(json.dumps({name: round(rate) for name, rate in rates.items()}))


if __name__ == "__main__":
    main()
