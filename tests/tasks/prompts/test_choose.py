"""The cases shown tell what a function does, or there is no sample."""

from collections.abc import Callable, Sequence
from random import Random

import pytest

from tasks.programs.telling import telling
from tasks.prompts.choose import choose, says_enough
from tasks.prompts.rendering import render
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
def test_no_more_echoes_are_shown_than_telling_cases(seed: int) -> None:
    cases = cases_of(("a/b", "b"), ("c/d/e", "e"), *same(8))

    shown = choose(cases, len(cases), PromptConfig(), Random(seed))

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

    [drop] = render(executed, PromptConfig(), 0)

    assert isinstance(drop, Drop)
    assert drop.reason is DropReason.TOO_FEW_TO_SHOW


def test_telling_cases_among_others_are_a_sample(execution: Execution) -> None:
    inputs = [{"p": p} for p in ("a/b", "c/d/e", "f/", "word", "other")]
    executed = execution("base", PROGRAM, [Parameter(name="p")], inputs)

    [sample] = render(executed, PromptConfig(), 0)

    assert isinstance(sample, Sample)
