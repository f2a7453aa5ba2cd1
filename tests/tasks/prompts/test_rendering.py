from collections import Counter
from collections.abc import Callable

import pytest

from sandbox import encode
from tasks.errors import ConfigError
from tasks.prompts.grammar import Grammar, load_grammar
from tasks.prompts.rendering import render
from tasks.prompts.weighing import unweighed
from tasks.records.cases import Case, ExecutedFunction
from tasks.records.configs import PromptConfig
from tasks.records.drops import Drop, DropReason
from tasks.records.functions import Parameter
from tasks.records.samples import Sample

MANY = PromptConfig(samples_per_function=60, min_shown=2, max_shown=5)
Execution = Callable[..., ExecutedFunction]


def samples_of(
    executed: ExecutedFunction, config: PromptConfig = MANY, seed: int = 0
) -> list[Sample]:
    return [one for one in render(unweighed(executed), config, seed) if isinstance(one, Sample)]


def only_format(name: str) -> Grammar:
    grammar = load_grammar()
    return grammar.only(case_format=(grammar.format_of(name),))


def test_the_same_seed_gives_the_same_samples_and_another_gives_others(
    executed: ExecutedFunction,
) -> None:
    assert samples_of(executed) == samples_of(executed)
    assert samples_of(executed) != samples_of(executed, seed=1)


def test_one_sample_more_changes_none_before_it(plain: ExecutedFunction) -> None:
    one = PromptConfig(samples_per_function=1)
    two = PromptConfig(samples_per_function=2)
    assert samples_of(plain, two)[:1] == samples_of(plain, one)


def test_the_name_to_define_stands_in_the_prompt(executed: ExecutedFunction) -> None:
    for sample in samples_of(executed):
        assert sample.name in sample.prompt
        assert sample.template.named == (sample.name == executed.function.name)


def test_an_unnamed_sample_does_not_give_the_name_away(plain: ExecutedFunction) -> None:
    unnamed = [sample for sample in samples_of(plain) if not sample.template.named]
    assert unnamed
    assert not any("repeat" in sample.prompt + sample.completion for sample in unnamed)


def test_a_recursive_function_is_renamed_in_all_places(execution: Execution) -> None:
    program = "def fact(n):\n    return 1 if n < 2 else n * fact(n - 1)\n"
    executed = execution("fact", program, [Parameter(name="n")], [{"n": n} for n in range(5)])
    unnamed = [sample for sample in samples_of(executed) if not sample.template.named]
    assert unnamed
    assert not any("fact" in sample.completion for sample in unnamed)


def test_a_name_that_the_program_speaks_of_is_never_replaced(execution: Execution) -> None:
    program = "def twice(n):\n    'twice as much'\n    return n + n\n"
    executed = execution("twice", program, [Parameter(name="n")], [{"n": n} for n in range(5)])
    assert all(sample.template.named for sample in samples_of(executed))


def test_the_signature_is_shown_where_the_template_says_so(executed: ExecutedFunction) -> None:
    for sample in samples_of(executed):
        if sample.template.signed:
            assert sample.name + sample.signature in sample.prompt
        elif len(executed.function.parameters) > 1:
            assert sample.signature not in sample.prompt


def test_shown_and_hidden_are_all_cases_and_none_twice(executed: ExecutedFunction) -> None:
    everything = sorted((case.arguments, case.output) for case in executed.cases)
    for sample in samples_of(executed):
        cases = [(case.arguments, case.output) for case in (*sample.shown, *sample.hidden)]
        assert sorted(cases) == everything
        assert 2 <= len(sample.shown) <= 5
        assert sample.hidden


def test_with_no_case_to_spare_all_are_shown(plain: ExecutedFunction) -> None:
    config = PromptConfig(min_shown=4)
    [sample] = samples_of(plain, config)
    assert (len(sample.shown), len(sample.hidden)) == (4, 0)


def test_the_cases_shown_take_every_branch(plain: ExecutedFunction) -> None:
    arcs = [((1, 2),), ((1, 3),), ((1, 2),), ((1, 2),)]
    cases = tuple(
        case.model_copy(update={"arcs": arc}) for case, arc in zip(plain.cases, arcs, strict=True)
    )
    executed = plain.model_copy(update={"cases": cases})
    config = MANY.model_copy(update={"min_shown": 1})
    needed = {case.arguments for case in cases[:2]}
    for sample in samples_of(executed, config):
        assert needed <= {case.arguments for case in sample.shown}


def test_a_case_that_does_not_fit_stays_hidden_and_uncut(execution: Execution) -> None:
    inputs = [{"n": "a" * size} for size in (1, 500, 2, 3)]
    program = "def same(n):\n    return n + n\n"
    executed = execution("same", program, [Parameter(name="n")], inputs)
    config = PromptConfig(max_shown_chars=200)
    [sample] = samples_of(executed, config)
    assert [case.arguments for case in sample.hidden] == [encode(inputs[1])]
    assert len(sample.shown) == 3


def test_too_few_cases_that_fit_are_a_drop(plain: ExecutedFunction) -> None:
    [drop] = render(unweighed(plain), PromptConfig(max_shown_chars=10), 0)
    assert isinstance(drop, Drop)
    assert (drop.step, drop.reason) == ("prompts", DropReason.TOO_FEW_TO_SHOW)
    assert drop.subject == plain.function.id


def test_a_function_without_cases_is_a_drop(plain: ExecutedFunction) -> None:
    [drop] = render(unweighed(plain.model_copy(update={"cases": ()})), PromptConfig(), 0)
    assert isinstance(drop, Drop)


def test_a_phrasing_drawn_twice_is_written_once_and_counted(plain: ExecutedFunction) -> None:
    grammar = load_grammar()
    single = grammar.only(
        instruction=grammar.instruction[:1],
        header=grammar.header[:1],
        part_order=(grammar.orders[False][0], grammar.orders[True][0]),
        case_format=(grammar.format_of("asserts"),),
    )
    counts = Counter(
        one.reason if isinstance(one, Drop) else "sample"
        for one in render(unweighed(plain), MANY, 0, single)
    )
    assert counts.total() == 60
    assert counts[DropReason.SAME_SAMPLE] == 60 - counts["sample"] > 0


def test_a_limit_below_the_minimum_is_an_error_that_names_both(plain: ExecutedFunction) -> None:
    with pytest.raises(ConfigError, match="min_shown"):
        list(render(unweighed(plain), PromptConfig(min_shown=5, max_shown=4), 0))


def test_an_output_that_neither_equals_nor_prints_alike_is_never_shown(
    odd_values: ExecutedFunction,
) -> None:
    strange = Case(
        arguments="{'value': 7}",
        writer="search",
        status="ok",
        output="[float('nan'), {'a', 'b'}]",
    )
    executed = odd_values.model_copy(update={"cases": (strange, *odd_values.cases)})
    for sample in samples_of(executed):
        assert strange.arguments not in {case.arguments for case in sample.shown}
        assert strange.arguments in {case.arguments for case in sample.hidden}


@pytest.mark.parametrize(
    ("case_format", "output"),
    [
        ("asserts", "float('nan')"),
        ("doctest", "{'a', 'b'}"),
        ("doctest", "None"),
        ("json_lines", "(1, 2)"),
        ("json_lines", "float('inf')"),
        ("column_table", "'a|b'"),
        ("docstring", "'\\n'"),
    ],
)
def test_a_format_that_cannot_say_it_truthfully_is_not_drawn(
    plain: ExecutedFunction, case_format: str, output: str
) -> None:
    outputs = [output, output, "[1, True]", "[2]"]
    cases = tuple(
        case.model_copy(update={"output": each})
        for case, each in zip(plain.cases, outputs, strict=True)
    )
    executed = plain.model_copy(update={"cases": cases})
    [drop] = render(unweighed(executed), PromptConfig(), 0, only_format(case_format))
    assert isinstance(drop, Drop)
    assert drop.reason is DropReason.NO_TEMPLATE


def test_most_templates_are_drawn_about_equally_often(execution: Execution) -> None:
    program = "def add(a, b=1):\n    return [a, b]\n"
    parameters = [Parameter(name="a"), Parameter(name="b", default="1")]
    executed = execution("add", program, parameters, [{"a": n, "b": 2 * n} for n in range(9)])
    config = PromptConfig(samples_per_function=600)
    drawn = Counter(sample.template.case_format for sample in samples_of(executed, config))
    assert set(drawn) == {entry.name for entry in load_grammar().case_format}
    assert max(drawn.values()) < 4 * min(drawn.values())
