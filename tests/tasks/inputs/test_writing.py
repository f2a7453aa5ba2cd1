"""What is written runs, is chosen well, and depends on nothing but the function and the seed."""

import json
import os
import subprocess
import sys
from functools import partial
from typing import Any

import pytest

from sandbox import Outcome, Program, Sandbox, Status
from tasks.inputs.writing import write_inputs
from tasks.programs.calls import decode_arguments, program_of
from tasks.records.cases import Answer, WrittenFunction
from tasks.records.configs import InputsConfig
from tasks.records.drops import Drop, DropReason
from tasks.records.functions import Function

CONFIG = InputsConfig()
GRADE = """\
def grade(points, bonus=0):
    total = points + bonus
    if total >= 90:
        return "A"
    if total >= 75:
        return "B"
    if total < 0:
        return None
    return "C"
"""
COUNT = """\
def count(words, letter):
    return sum(word.startswith(letter) for word in words)
"""


def write(
    sandbox: Sandbox, *functions: Function, config: InputsConfig = CONFIG, **answers: str
) -> list[WrittenFunction | Drop]:
    given = {
        function.id: [Answer(function=function.id, model="m", sample=0, text=answers["text"])]
        for function in functions
        if answers
    }
    return list(write_inputs(functions, given, partial(sandbox.run, arcs=True), config, seed=1))


def outcomes(sandbox: Sandbox, written: WrittenFunction) -> tuple[Outcome, ...]:
    program = program_of(written.function, [each.arguments for each in written.inputs])
    return next(iter(sandbox.run([program], arcs=True)))


def written(result: WrittenFunction | Drop) -> WrittenFunction:
    assert isinstance(result, WrittenFunction)
    return result


@pytest.mark.parametrize(
    ("source", "name", "least"),
    [
        (GRADE, "grade", 4),
        (COUNT, "count", 3),
        ("def f(s):\n    h, m = s.split(':')\n    return int(h) * 60 + int(m)", "f", 8),
        ("def f(m): return [list(r) for r in zip(*m)]", "f", 8),
        ("def f(d, k): return d[k]['x'] + 1", "f", 6),
        (
            "import re\nP = re.compile(r'(\\d+)-(\\w+)')\ndef f(s): return P.match(s).groups()",
            "f",
            8,
        ),
        ("def f(date, /, *, sep='-'): return [int(x) for x in date.split(sep)]", "f", 6),
    ],
)
def test_enough_inputs_run_and_differ_in_what_they_give(
    sandbox: Sandbox, make_function: Any, source: str, name: str, least: int
) -> None:
    [result] = write(sandbox, make_function(source, name))

    found = outcomes(sandbox, written(result))
    assert len(found) >= 8
    assert all(outcome.status is Status.OK for outcome in found)
    assert len({outcome.value for outcome in found}) >= least


def test_every_branch_is_taken(sandbox: Sandbox, make_function: Any) -> None:
    [result] = write(sandbox, make_function(GRADE, "grade"))

    values = {outcome.value for outcome in outcomes(sandbox, written(result))}
    assert values == {"'A'", "'B'", "'C'", "None"}


def test_inputs_are_distinct_and_in_the_order_of_the_signature(
    sandbox: Sandbox, make_function: Any
) -> None:
    [result] = write(sandbox, make_function(COUNT, "count"))

    texts = [each.arguments for each in written(result).inputs]
    assert len(set(texts)) == len(texts)
    assert {tuple(decode_arguments(text)) for text in texts} == {("words", "letter")}


def test_seeds_and_answers_are_tried_first_and_say_who_wrote_them(
    sandbox: Sandbox, make_function: Any
) -> None:
    function = make_function(COUNT, "count", seeds=("{'words': ['ant', 'bee'], 'letter': 'a'}",))

    [result] = write(sandbox, function, text="dict(words=['cat'], letter='c')")

    by_writer = {each.arguments: each.writer for each in written(result).inputs}
    assert by_writer["{'words': ['ant', 'bee'], 'letter': 'a'}"] == "mined"
    assert by_writer["{'words': ['cat'], 'letter': 'c'}"] == "m"


def test_without_search_only_the_model_writes(sandbox: Sandbox, make_function: Any) -> None:
    function = make_function(COUNT, "count", seeds=("{'words': ['ant', 'bee'], 'letter': 'a'}",))
    config = InputsConfig(writers=("openai:m",))

    [result] = write(sandbox, function, config=config, text="dict(words=['cat'], letter='c')")

    assert [each.writer for each in written(result).inputs] == ["m"]


def test_no_more_calls_than_the_budget_are_made(sandbox: Sandbox, make_function: Any) -> None:
    [result] = write(sandbox, make_function(COUNT, "count"), config=InputsConfig(budget=20))

    assert written(result).tried <= 20


def test_what_never_runs_is_dropped_with_its_commonest_failure(
    sandbox: Sandbox, make_function: Any
) -> None:
    [result] = write(sandbox, make_function("def f(p): return undefined + p"))

    assert isinstance(result, Drop)
    assert (result.reason, result.detail) == (DropReason.NO_VALID_INPUT, "raised NameError")


def test_a_program_that_does_not_define_its_function_is_dropped(
    sandbox: Sandbox, make_function: Any
) -> None:
    broken = make_function(COUNT, "count").model_copy(update={"program": "x = ("})

    [result] = write(sandbox, broken)

    assert isinstance(result, Drop)
    assert result.reason is DropReason.NO_VALID_INPUT


def test_the_company_changes_nothing(sandbox: Sandbox, make_function: Any) -> None:
    grade, count = make_function(GRADE, "grade"), make_function(COUNT, "count")

    together = write(sandbox, count, grade)

    assert together == [*write(sandbox, count), *write(sandbox, grade)]
    assert together == write(sandbox, grade, count)[::-1]


_PROPOSE = """
import json, sys
from tasks.inputs.writing import write_inputs
from tasks.records.configs import InputsConfig
from tasks.records.functions import Function
from sandbox import Outcome, Status

def run(programs):
    for program in programs:
        outcomes = (Outcome(Status.OK, str(i % 5), arcs=()) for i, _ in enumerate(program.calls))
        yield tuple(outcomes)

function = Function.model_validate_json(sys.stdin.read())
[result] = write_inputs([function], {}, run, InputsConfig(), 3)
print(json.dumps([each.arguments for each in result.inputs]))
"""


def test_the_hash_seed_changes_nothing(make_function: Any) -> None:
    source = "def f(p: set, q):\n    return [x for x in p if x in {'a', 'b'} or x in q.keys()]"
    function = make_function(source, seeds=("{'p': {'a', 'b', 'c'}, 'q': {'a': 1}}",))

    found = [
        subprocess.run(
            [sys.executable, "-c", _PROPOSE],
            input=function.model_dump_json(),
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]

    assert json.loads(found[0])
    assert found[0] == found[1]


def test_a_runner_that_loses_an_outcome_is_an_error(make_function: Any) -> None:
    def lossy(programs: Any) -> list[tuple[Outcome, ...]]:
        return [() for _ in programs]

    with pytest.raises(ValueError, match="zip"):
        list(write_inputs([make_function(COUNT, "count")], {}, lossy, CONFIG, 0))


def test_programs_are_run_in_batches(make_function: Any) -> None:
    sizes: list[int] = []

    def run(programs: list[Program]) -> list[tuple[Outcome, ...]]:
        sizes.append(len(programs))
        return [tuple(Outcome(Status.OK, "1", arcs=()) for _ in p.calls) for p in programs]

    functions = [make_function(COUNT.replace("count", f"count{i}"), f"count{i}") for i in range(10)]
    list(write_inputs(functions, {}, run, CONFIG, 0))

    assert sizes[0] == 10
