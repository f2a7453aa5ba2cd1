"""What the search found stays, unless a model has answered: then both are put together."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import pytest

from sandbox import Outcome, Program, Sandbox
from tasks.inputs.writing import NOT_SEARCHED, search_inputs, stack_inputs, write_inputs
from tasks.records.cases import Answer, WrittenFunction
from tasks.records.configs import InputsConfig
from tasks.records.drops import Drop

CONFIG = InputsConfig(budget=60)
DOUBLE = "def double(n):\n    if n == 5_417_233:\n        return 'found'\n    return 2 * n"
FAILS = "def fails(a):\n    raise KeyError(a)"
RATES = "def rates(n, k):\n    a, b, c, d, e = n\n    return [k[0] * a, k[1] * b, k[2] * c, d, e]"
RARE = "examples = [dict(n=5417233), dict(n='ab')]"


@pytest.fixture
def functions(make_function: Any) -> list[Any]:
    return [make_function(DOUBLE, "double"), make_function(FAILS, "fails")]


def answer(function: Any, **fields: Any) -> Answer:
    return Answer(function=function.id, model="m", sample=0, **({"text": ""} | fields))


def test_the_search_drops_nothing_and_says_what_it_reached(
    functions: list[Any], sandbox: Sandbox
) -> None:
    run = partial(sandbox.run, arcs=True)

    double, fails = search_inputs(functions, run, CONFIG, 1)

    assert double.valid >= 8
    assert double.outputs >= 3
    assert 0 < double.coverage < 1 or "5417233" in str(double.inputs)
    assert (fails.inputs, fails.valid) == ((), 0)
    assert fails.failure.startswith("raised KeyError")


def test_without_answers_it_is_what_writing_gives(functions: list[Any], sandbox: Sandbox) -> None:
    run = partial(sandbox.run, arcs=True)
    searched = list(search_inputs(functions, run, CONFIG, 1))

    stacked = list(stack_inputs(searched, {}, run, CONFIG, 1))

    assert stacked == list(write_inputs(functions, {}, run, CONFIG, 1))
    assert isinstance(stacked[1], Drop)


def test_rows_of_a_model_are_seeds_of_a_new_search(functions: list[Any], sandbox: Sandbox) -> None:
    run = partial(sandbox.run, arcs=True)
    searched = list(search_inputs(functions, run, CONFIG, 1))
    given = {functions[0].id: [answer(functions[0], text=RARE)]}

    double, _ = stack_inputs(searched, given, run, CONFIG, 1)

    assert isinstance(double, WrittenFunction)
    assert {"m", "search"} <= {each.writer for each in double.inputs}
    assert double.coverage == 1.0


def test_rows_that_mislead_the_search_cost_nothing_that_was_found_without(
    make_function: Any, sandbox: Sandbox
) -> None:
    def run(programs: Sequence[Program]) -> Iterable[tuple[Outcome, ...]]:
        return sandbox.run(programs, arcs=True)

    [searched] = search_inputs([make_function(RATES, "rates")], run, CONFIG, 1)
    assert len(searched.inputs) >= 8
    rows = "examples = [dict(n=[1], k=[2]), dict(n=['x', 'y'], k=0), dict(n=5, k=6)]"
    given = {searched.function.id: [answer(searched.function, text=rows)]}
    # Worse than the real search goes on from them: nothing that is asked now runs.
    nothing = InputsConfig(budget=3, chosen=CONFIG.chosen)

    [stacked] = stack_inputs([searched], given, run, nothing, 1)

    assert stacked == searched


def test_a_refusal_is_in_the_reason_of_the_drop(functions: list[Any], sandbox: Sandbox) -> None:
    run = partial(sandbox.run, arcs=True)
    searched = list(search_inputs(functions, run, CONFIG, 1))
    given = {functions[1].id: [answer(functions[1], error="400: too long")]}

    kept, dropped = stack_inputs(searched, given, run, CONFIG, 1)

    assert kept == searched[0]
    assert isinstance(dropped, Drop)
    assert dropped.detail == "raised KeyError; m: 400: too long"


def test_models_alone_need_no_search(functions: list[Any], sandbox: Sandbox) -> None:
    run = partial(sandbox.run, arcs=True)
    config = InputsConfig(writers=("openai:m",))
    given = {functions[0].id: [answer(functions[0], text=RARE)]}

    searched = list(search_inputs(functions, run, config.search, 1))
    double, fails = stack_inputs(searched, given, run, config.stack, 1)

    assert isinstance(double, WrittenFunction)
    assert [each.writer for each in double.inputs] == ["m", "m"]
    assert isinstance(fails, Drop)
    assert fails.detail == NOT_SEARCHED
