"""How many samples a core renders, and how many the sandbox checks.

    make bench NAME=prompts ARGS="--functions 3000 --samples 1"

`samples_per_s`: rendering alone. `checked_per_s`: rendering, reading the claims back, and running
them, in one worker of the sandbox; wall time, since a jail's CPU time is not its parent's.
`weighed_per_s`: functions whose cases were tried on up to 20 mutants. `read_back_per_s`: samples
turned into programs to check.

Covered: three functions of different shape that are given other ids, so that every draw differs;
the median of several rounds. The last line is JSON. Not covered: reading the functions, writing
the samples.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from statistics import median

from sandbox import Sandbox, encode
from tasks.prompts.checking import checked
from tasks.prompts.claims import check_program
from tasks.prompts.rendering import Phraser
from tasks.prompts.weighing import Runners, unweighed, weigh
from tasks.records.base import digest_of
from tasks.records.cases import Case, ExecutedFunction, WeighedFunction
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
            [({"text": "b" * n, "width": 4}, "b" * n if n < 5 else "b...") for n in numbers],
        ),
        _executed(
            _COUNT,
            [Parameter(name="words")],
            [({"words": ["x"] * n + ["y"]}, {"x": n, "y": 1}) for n in numbers],
        ),
    ]


def _functions(count: int) -> list[WeighedFunction]:
    """As many functions as asked for: the shapes in turn, each with an id of its own."""
    shapes = [unweighed(shape) for shape in _shapes()]
    found: list[WeighedFunction] = []
    for number in range(count):
        shape = shapes[number % len(shapes)]
        function = shape.executed.function.model_copy(update={"id": digest_of(str(number))})
        executed = shape.executed.model_copy(update={"function": function})
        found.append(shape.model_copy(update={"executed": executed}))
    return found


def _rate(work: Callable[[], int], clock: Callable[[], float] = time.process_time) -> float:
    """Things done in a second of the clock, the median of the rounds."""
    rates: list[float] = []
    for _ in range(ROUNDS):
        start = clock()
        done = work()
        rates.append(done / (clock() - start))
    return median(rates)


def _rates(functions: Sequence[WeighedFunction], config: PromptConfig) -> dict[str, float]:
    phraser = Phraser(config, 0)

    def rendered() -> Iterator[Sample]:
        """A stream, as in the step: samples that pile up would be walked by the collector."""
        wanted = (one for each in functions for one in phraser.wanted(each))
        every = (one for each in wanted for one in phraser.phrase(each))
        return (one for one in every if isinstance(one, Sample))

    samples, few = list(islice(rendered(), 1_000)), functions[:1_000]
    plain = [each.executed for each in few[:300]]
    with Sandbox() as sandbox:
        runners = Runners.of(sandbox)
        return {
            "samples_per_s": _rate(lambda: sum(1 for _ in rendered())),
            "read_back_per_s": _rate(lambda: len([check_program(one) for one in samples])),
            "checked_per_s": _rate(
                lambda: len(list(checked(few, phraser, sandbox.run))), time.perf_counter
            ),
            "weighed_per_s": _rate(
                lambda: len(list(weigh(plain, config.mutants, 0, runners))), time.perf_counter
            ),
        }


def main() -> None:
    """Measures, prints a table and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--functions", type=int, default=3_000)
    parser.add_argument("--samples", type=int, default=1, help="samples of each function")
    options = parser.parse_args()
    config = PromptConfig(samples_per_function=options.samples)
    rates = _rates(_functions(options.functions), config)
    for name, rate in rates.items():
        print(f"{name:<16}{rate:>10,.0f}")
    print(json.dumps({name: round(rate) for name, rate in rates.items()}))


if __name__ == "__main__":
    main()
