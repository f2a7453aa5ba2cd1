"""What a model is asked; its answers come in order, whatever the order of their arrival."""

from typing import Any

import pytest

from tasks.inputs.answers import parse_answer
from tasks.inputs.asking import STOP, answers_to, messages_for, prompt_for, requests_for
from tasks.models.requests import Reply
from tasks.records.cases import Answer
from tasks.records.configs import AskConfig
from tasks.records.drops import Drop, DropReason
from tasks.records.writers import Engine, ModelName

NAME = ModelName(engine=Engine.OPENAI, model="m")
CONFIG = AskConfig(name=NAME, samples=2, temperature=0.6, max_tokens=99)


def two(make_function: Any) -> list[Any]:
    return [make_function("def f(a): return a", "f"), make_function("def g(b): return b", "g")]


def test_answers_come_by_function_and_sample(make_function: Any) -> None:
    functions = two(make_function)
    replies = {
        request.key: Reply(request.key, f"answer to {request.key}", 5, 6)
        for request in reversed(list(requests_for(functions, CONFIG)))
    }

    answers = list(answers_to(functions, replies, CONFIG))

    assert [(a.function, a.sample, a.text) for a in answers if isinstance(a, Answer)] == [
        (function.id, sample, f"answer to {function.id}:{sample}")
        for function in functions
        for sample in (0, 1)
    ]


def test_a_refused_request_is_an_answer_that_says_why(make_function: Any) -> None:
    function = make_function("def f(a): return a")
    replies = {f"{function.id}:0": Reply(f"{function.id}:0", "", error="400: too long")}

    first, second = answers_to([function], replies, CONFIG)

    assert isinstance(first, Answer)
    assert (first.text, first.error) == ("", "400: too long")
    assert isinstance(second, Drop)
    assert second.reason is DropReason.NOT_ASKED


def test_samples_of_one_function_differ_only_in_their_number_and_seed(make_function: Any) -> None:
    first, second = requests_for([make_function("def f(a): return a")], CONFIG)

    assert first.messages == second.messages
    assert first.seed != second.seed
    assert (first.sample, second.sample) == (0, 1)


def test_a_copy_from_elsewhere_is_asked_the_same(make_function: Any) -> None:
    one = make_function("def f(a): return a")
    copy = one.model_copy(update={"id": "other", "source": "other.py"})

    [first] = requests_for([one], CONFIG.model_copy(update={"samples": 1}))
    [second] = requests_for([copy], CONFIG.model_copy(update={"samples": 1}))

    assert first.seed == second.seed


def test_a_long_program_is_shown_without_its_helpers(make_function: Any) -> None:
    function = make_function("def f(a): return a")
    long = function.model_copy(update={"program": "X = 1\n" * 2000 + function.program})

    assert "X = 1" not in messages_for(long)[-1].content
    assert function.code in messages_for(long)[-1].content


@pytest.mark.parametrize("style", ["chat", "completion"])
def test_what_goes_on_from_the_begun_answer_is_read_as_rows(make_function: Any, style: str) -> None:
    function = make_function("def f(text, n=1): return text * n")
    [request] = requests_for(
        [function], AskConfig(name=NAME, style=style, samples=1, temperature=0.6)
    )

    said = request.prefill + "'x', n=2),\n    dict(text='y'),"

    assert parse_answer(said, function.parameters) == [{"text": "x", "n": 2}, {"text": "y"}]
    assert bool(request.messages) == (style == "chat")
    assert bool(request.prompt) == (style == "completion")
    assert request.stop == STOP


def test_a_completion_ends_where_the_rows_of_the_function_begin(make_function: Any) -> None:
    function = make_function("def f(a): return a")

    assert prompt_for(function).endswith("def f(a): return a\n\n")
    assert prompt_for(function).count("examples = [") == 1


def test_without_constraints_no_schema_is_sent(make_function: Any) -> None:
    function = make_function("def f(a: int): return a")
    loose = CONFIG.model_copy(update={"constrain": False})

    assert [request.schema for request in requests_for([function], loose)] == [None, None]
    assert all(request.schema for request in requests_for([function], CONFIG))


def test_what_the_engine_cannot_use_is_not_asked(make_function: Any) -> None:
    function = make_function("def f(a: int): return a")
    local = ModelName(engine=Engine.TRANSFORMERS, model="m")

    server = [*requests_for([function], CONFIG)]
    inside = [*requests_for([function], CONFIG.model_copy(update={"name": local}))]

    assert {bool(request.grammar) for request in server} == {False}
    assert {(request.schema is None, bool(request.grammar)) for request in inside} == {(True, True)}
