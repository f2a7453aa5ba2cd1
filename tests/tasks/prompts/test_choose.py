"""The cases shown tell what a function does, or there is no sample."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import encode
from tasks.programs.telling import telling
from tasks.prompts.choose import Showable, choose, is_telling, says_enough, showable
from tasks.prompts.rendering import render
from tasks.prompts.weighing import unweighed
from tasks.records.cases import Case, ExecutedFunction
from tasks.records.configs import PromptConfig
from tasks.records.drops import Drop, DropReason
from tasks.records.functions import Parameter
from tasks.records.samples import Sample

Execution = Callable[..., ExecutedFunction]
PROGRAM = "def base(p):\n    return p.rpartition('/')[2]\n"


def cases_of(*pairs: tuple[str, str]) -> list[Case]:
    return [
        Case(arguments=repr({"p": p}), writer="search", status="ok", output=repr(output))
        for p, output in pairs
    ]


def same(count: int) -> list[tuple[str, str]]:
    return [(f"word{n}", f"word{n}") for n in range(count)]


@pytest.mark.parametrize("seed", range(20))
def test_no_more_echoes_are_shown_than_telling_cases(execution: Execution, seed: int) -> None:
    executed = execution("base", PROGRAM, [Parameter(name="p")], [])
    pairs = [("a/b", "b"), ("c/d/e", "e"), *same(8)]
    weighed = unweighed(executed.model_copy(update={"cases": tuple(cases_of(*pairs))}))

    shown = choose(showable(weighed), len(pairs), PromptConfig(), Random(seed))

    told = [telling({"p": case.arguments[7:-2]}, case.output) for case in shown]
    assert len(shown) >= 3
    assert sum(told) >= len(shown) / 2
    assert says_enough(shown)


@pytest.mark.parametrize(
    "pairs",
    [
        same(9),
        [("a/b", "b"), *same(9)],
        [(f"dir/{n}", "x") for n in range(5)],
    ],
)
def test_cases_that_could_come_from_doing_nothing_are_a_drop(
    execution: Execution, pairs: Sequence[tuple[str, str]]
) -> None:
    executed = execution("base", PROGRAM, [Parameter(name="p")], [])
    executed = executed.model_copy(update={"cases": tuple(cases_of(*pairs))})

    [drop] = render(unweighed(executed), PromptConfig(), 0)

    assert isinstance(drop, Drop)
    assert drop.reason is DropReason.TOO_FEW_TO_SHOW


def test_telling_cases_among_others_are_a_sample(execution: Execution) -> None:
    inputs = [{"p": p} for p in ("a/b", "c/d/e", "f/", "word", "other")]
    executed = execution("base", PROGRAM, [Parameter(name="p")], inputs)

    [sample] = render(unweighed(executed), PromptConfig(), 0)

    assert isinstance(sample, Sample)


def marked(*marks: int) -> list[Showable]:
    """Cases with nothing of their own but what they mark."""
    return [
        Showable(f"{{'p': {n}}}", str(n * n + 2), mark, comparable=True, printable=True)
        for n, mark in enumerate(marks)
    ]


def test_as_few_cases_as_tell_the_mutants_apart_are_always_shown() -> None:
    cases = marked(0b1, 0b11, 0b100, 0b1000, 0b111000, 0b0, 0b0, 0b0)
    config = PromptConfig(min_shown=1)

    drawn = [choose(cases, 8, config, Random(seed)) for seed in range(40)]

    fewest = min(drawn, key=len)
    assert [case.mark for case in fewest] == [0b11, 0b100, 0b111000]
    assert all(set(map(id, fewest)) <= set(map(id, shown)) for shown in drawn)
    assert max(map(len, drawn)) > 5


@given(st.lists(st.integers(0, 63), min_size=2, max_size=7))
def test_what_is_shown_tells_all_that_all_cases_tell(marks: list[int]) -> None:
    cases = marked(*marks, 0)
    shown = choose(cases, len(cases), PromptConfig(min_shown=1, max_shown=8), Random(0))
    union = 0
    for case in shown:
        union |= case.mark
    assert all(mark & ~union == 0 for mark in marks)


WORDS = st.text("ab\"'\\\\{1 ", max_size=4)
LEAVES = st.one_of(WORDS, st.integers(-2, 12), st.binary(max_size=2), st.none(), st.floats())
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.lists(inner, max_size=2).map(tuple),
        st.dictionaries(WORDS, inner, max_size=2),
        st.sets(WORDS, max_size=2),
    ),
    max_leaves=4,
)


@given(arguments=st.dictionaries(st.sampled_from("pqr"), VALUES, max_size=2), data=st.data())
def test_a_look_at_the_text_says_the_same_of_an_echo_as_the_values(
    arguments: dict[str, Any], data: st.DataObject
) -> None:
    near = [VALUES, *(st.just(value) for value in arguments.values())]
    near += [st.just(str(value)) for value in arguments.values()]
    near += [st.just([None, value, ""]) for value in arguments.values()]
    output = encode(data.draw(st.one_of(near)))
    shown = Showable(encode(arguments), output, 0, comparable=True, printable=True)
    assert is_telling(shown) == (telling(arguments, output) > 0)
