"""A model is asked once for each sample, and its answers come back in order."""

from collections.abc import Iterable, Iterator
from typing import Any

from tasks.inputs.asking import ask, messages_for
from tasks.models.requests import Reply, Request
from tasks.records.configs import AskConfig

CONFIG = AskConfig(model="m", samples=2, temperature=0.6, max_tokens=99)


def backwards(requests: Iterable[Request]) -> Iterator[Reply]:
    """Answers the last request first."""
    for request in reversed(list(requests)):
        yield Reply(request.key, f"answer to {request.key}", 5, 6)


def test_answers_come_by_function_and_sample(make_function: Any) -> None:
    functions = [make_function("def f(a): return a", "f"), make_function("def g(b): return b", "g")]

    answers = list(ask(functions, backwards, CONFIG))

    assert [(a.function, a.sample) for a in answers] == [
        (function.id, sample) for function in functions for sample in (0, 1)
    ]
    assert all(a.text == f"answer to {a.function}:{a.sample}" for a in answers)


def test_a_refused_request_is_an_answer_without_text(make_function: Any) -> None:
    def refusing(requests: Iterable[Request]) -> Iterator[Reply]:
        return (Reply(request.key, "", error="400: too long") for request in requests)

    answers = list(ask([make_function("def f(a): return a")], refusing, CONFIG))

    assert [answer.text for answer in answers] == ["", ""]


def test_samples_of_one_function_differ_only_in_their_seed(make_function: Any) -> None:
    seen: list[Request] = []

    def recording(requests: Iterable[Request]) -> Iterator[Reply]:
        for request in requests:
            seen.append(request)
            yield Reply(request.key, "")

    list(ask([make_function("def f(a): return a")], recording, CONFIG))

    first, second = seen
    assert first.messages == second.messages
    assert first.seed != second.seed


def test_a_long_program_is_shown_without_its_helpers(make_function: Any) -> None:
    function = make_function("def f(a): return a")
    long = function.model_copy(update={"program": "X = 1\n" * 2000 + function.program})

    assert "X = 1" not in messages_for(long)[-1].content
    assert function.code in messages_for(long)[-1].content
