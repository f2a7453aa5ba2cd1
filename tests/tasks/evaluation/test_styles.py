"""Prompts to the letter, by the name of the harness."""

import pytest

from tasks.errors import ConfigError
from tasks.evaluation.styles import STYLES, asked_of, program_in, request_for, shots_of, style_for
from tasks.records.evaluations import AskStyle
from tasks.records.problems import HiddenCase, Problem

HUMANEVAL = Problem(
    benchmark="humaneval",
    id="HumanEval/1",
    prompt='def add(a, b):\n    """Sum."""\n',
    entry="add",
    solution="",
    tests="",
)
MBPP = [
    Problem(
        benchmark="mbpp",
        id=f"MBPP/{number}",
        prompt=f"Do {number}.",
        entry="f",
        solution=f"def f(): return {number}",
        tests="",
        examples=(f"assert f() == {number}", "assert 2", "assert 3", "assert 4"),
    )
    for number in (2, 3, 4, 10, 11, 510, 511)
]


def test_the_chat_of_evalplus_begins_the_answer() -> None:
    request = request_for(HUMANEVAL, STYLES["evalplus"], (), AskStyle(), 0)
    assert request.messages[0].content == (
        "Please provide a self-contained Python script that solves the following problem in a"
        ' markdown code block:\n```\ndef add(a, b):\n    """Sum."""\n```\n'
    )
    assert request.prefill == (
        "Below is a Python script with a self-contained function that solves the problem and"
        " passes corresponding tests:\n```python\n"
    )
    assert request.stop[-3:] == ("\ndef main(", "\nprint(", "\n```\n")
    assert (request.temperature, request.max_tokens) == (0.0, 768)


def test_an_answer_to_evalplus_is_cut_and_sanitised() -> None:
    style = STYLES["evalplus"]
    begun = request_for(HUMANEVAL, style, (), AskStyle(), 0).prefill
    text = f"{begun}def add(a, b):\n\treturn a + b\n\nprint(add(1, 2))\n```\n"
    assert program_in(HUMANEVAL, style, (), text) == "def add(a, b):\n    return a + b"


def test_an_engine_that_cannot_go_on_with_an_answer_is_understood() -> None:
    text = "Sure!\n```python\ndef add(a, b):\n    return a + b\n```\nThis adds."
    assert "return a + b" in program_in(HUMANEVAL, STYLES["evalplus"], (), text)
    assert "Sure" not in program_in(HUMANEVAL, STYLES["evalplus"], (), text)


def test_lm_eval_shows_three_examples_of_mbpp() -> None:
    shots = shots_of(MBPP)
    request = request_for(MBPP[4], STYLES["lm-eval"], shots, AskStyle(), 0)
    assert request.prompt.count("[BEGIN]") == 4
    assert request.prompt.count("[DONE]") == 3
    assert request.prompt.endswith(
        "You are an expert Python programmer, and here is your task: Do 11. Your code should pass"
        " these tests:\n\nassert f() == 11\nassert 2\nassert 3\n[BEGIN]\n"
    )
    assert request.stop == ("[DONE]",)
    assert program_in(MBPP[4], STYLES["lm-eval"], shots, "x = 1\n[DONE]\nrest") == "x = 1\n"


def test_a_completion_of_humaneval_goes_on_from_its_prompt() -> None:
    text = "    return a + b\n\ndef other(): pass"
    for name in ("lm-eval", "bigcode"):
        program = program_in(HUMANEVAL, STYLES[name], (), text)
        assert program.endswith('"""Sum."""\n    return a + b\n') or name == "bigcode"
        assert "other" not in program


def test_bigcode_shows_one_test_of_mbpp_in_a_docstring() -> None:
    request = request_for(MBPP[4], STYLES["bigcode"], (), AskStyle(), 0)
    assert request.prompt == '"""\nDo 11.\nassert f() == 11\n"""\n'


def test_mbpp_is_scored_on_its_test_split() -> None:
    assert [one.id for one in asked_of([*MBPP, HUMANEVAL], None)] == [
        "MBPP/11",
        "MBPP/510",
        "HumanEval/1",
    ]
    assert [one.id for one in asked_of([*MBPP, HUMANEVAL], 1)] == ["MBPP/11", "HumanEval/1"]


def test_items_are_asked_as_they_stand() -> None:
    item = HUMANEVAL.model_copy(update={"hidden": (HiddenCase(arguments="{}", output="1"),)})
    request = request_for(item, style_for(item, "lm-eval", ()), (), AskStyle(), 0)
    assert request.messages[0].content == item.prompt


@pytest.mark.parametrize(
    ("problem", "name", "said"),
    [
        (HUMANEVAL, "nobody's", "there are evalplus"),
        (MBPP[4].model_copy(update={"examples": ()}), "bigcode", "no tests to show"),
        (MBPP[4], "lm-eval", "tasks 2, 3 and 4"),
    ],
)
def test_a_style_that_cannot_ask_says_so(problem: Problem, name: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        style_for(problem, name, ())


def test_samples_differ_by_their_seeds_alone() -> None:
    first, second = (request_for(HUMANEVAL, STYLES["evalplus"], (), AskStyle(), n) for n in (0, 1))
    assert first.seed != second.seed
    assert (first.messages, first.prefill) == (second.messages, second.prefill)
