"""One template, some, or all; and no more tokens than allowed."""

from collections.abc import Callable
from typing import Literal

import pytest

from tasks.errors import ConfigError
from tasks.prompts.grammar import load_grammar
from tasks.prompts.rendering import Phraser, render
from tasks.prompts.selection import select
from tasks.prompts.tokens import token_count, tokenizer_digest
from tasks.prompts.weighing import unweighed
from tasks.records.cases import ExecutedFunction, WeighedFunction
from tasks.records.configs import PromptConfig
from tasks.records.drops import Drop, DropReason
from tasks.records.functions import Parameter
from tasks.records.samples import Sample, Task

Execution = Callable[..., ExecutedFunction]


def samples_of(executed: ExecutedFunction, config: PromptConfig, seed: int = 0) -> list[Sample]:
    return [one for one in render(unweighed(executed), config, seed) if isinstance(one, Sample)]


def test_the_single_template_fits_every_function_and_is_the_same_for_all(
    executed: ExecutedFunction,
) -> None:
    config = PromptConfig(templates="single", tasks=tuple(Task), min_shown=2)
    found = [one for seed in range(5) for one in samples_of(executed, config, seed)]
    assert len(found) >= 14  # an output of which nothing can be said may come to nothing
    templates = {one.template.model_copy(update={"argument_style": ""}) for one in found}
    assert len(templates) == 3


def test_a_number_of_templates_is_drawn_by_the_seed_and_no_other_is_used(
    executed: ExecutedFunction,
) -> None:
    config = PromptConfig(templates=4, samples_per_function=40, min_shown=2)
    drawn = {
        one.template.model_copy(update={"argument_style": "", "named": True})
        for one in samples_of(executed, config)
    }
    assert 1 <= len(drawn) <= 4
    recipes = select(load_grammar(), config, 0).recipes
    assert len(recipes) == 4
    assert recipes == select(load_grammar(), config, 0).recipes
    assert recipes != select(load_grammar(), config, 1).recipes


def test_some_of_so_many_templates_always_fits(odd_values: ExecutedFunction) -> None:
    for seed in range(30):
        assert samples_of(odd_values, PromptConfig(templates=1), seed)


def test_formats_that_are_held_out_are_never_drawn(plain: ExecutedFunction) -> None:
    config = PromptConfig(formats=("arrows", "asserts"), samples_per_function=30)
    drawn = {one.template.case_format for one in samples_of(plain, config)}
    assert drawn == {"arrows", "asserts"}


def test_a_format_that_there_is_not_is_an_error_that_names_those_that_are() -> None:
    with pytest.raises(ConfigError, match=r"no case format arows; there are asserts, .*arrows"):
        Phraser(PromptConfig(formats=("arows",)), 0)


@pytest.mark.parametrize("templates", ["none", 0, "-1", "one"])
def test_no_number_of_templates_is_refused(templates: object) -> None:
    with pytest.raises(ValueError, match="templates"):
        PromptConfig.model_validate({"templates": templates})


def words(text: str) -> int:
    return len(text.split())


def test_cases_are_left_out_whole_until_the_prompt_fits(execution: Execution) -> None:
    program = "def twice(n):\n    return [n, n]\n"
    inputs = [{"n": "a b " * size} for size in (1, 2, 3, 4, 40, 5)]
    executed = unweighed(execution("twice", program, [Parameter(name="n")], inputs))
    config = PromptConfig(max_prompt_tokens=100, max_shown=5)
    for seed in range(20):
        for one in render_with(config, seed, executed):
            assert isinstance(one, Sample)
            assert one.prompt_tokens == words(one.prompt) <= 100
            assert len(one.shown) >= 3
            assert len(one.shown) + len(one.hidden) == 6


def test_a_prompt_that_never_fits_is_a_drop(plain: ExecutedFunction) -> None:
    [drop] = render_with(PromptConfig(max_prompt_tokens=3), 0, unweighed(plain))
    assert isinstance(drop, Drop)
    assert drop.reason is DropReason.PROMPT_TOO_LONG


def test_a_limit_of_tokens_without_a_tokenizer_is_an_error() -> None:
    with pytest.raises(ConfigError, match=r"prompts\.tokenizer"):
        Phraser(PromptConfig(max_prompt_tokens=3), 0)


def test_no_tokenizer_counts_nothing() -> None:
    assert token_count("") is None
    assert not tokenizer_digest("")


def render_with(config: PromptConfig, seed: int, weighed: WeighedFunction) -> list[Sample | Drop]:
    phraser = Phraser(config, seed, count=words)
    return [one for wanted in phraser.wanted(weighed) for one in phraser.phrase(wanted)]


@pytest.mark.parametrize("dimension", ["instruction", "header", "part_order", "case_format"])
def test_one_dimension_of_the_single_template_varies_and_no_other(
    executed: ExecutedFunction, dimension: Literal["instruction", "header", "part_order"]
) -> None:
    config = PromptConfig(templates="single", vary=dimension, samples_per_function=12, min_shown=2)
    fixed = samples_of(executed, PromptConfig(templates="single", min_shown=2))[0].template
    found = [one.template.model_dump() for one in samples_of(executed, config)]
    assert len({one[dimension] for one in found}) > 1
    # What a case claims goes with its format.
    same = {"instruction", "header", "part_order", "case_format"} - {dimension}
    assert all(one[name] == getattr(fixed, name) for one in found for name in same)


def test_a_varying_dimension_is_of_the_single_template_and_unsaid_where_there_is_none() -> None:
    with pytest.raises(ValueError, match="vary is for `templates: single`"):
        PromptConfig(vary="header")
    assert "vary" not in PromptConfig().model_dump()
