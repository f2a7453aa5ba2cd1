"""Models in this process, on a real one of 107,000 weights: what is promised of answers."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from tasks.errors import WriterError
from tasks.models.local import open_local
from tasks.models.local_batch import Batch
from tasks.models.local_engine import LocalEngine
from tasks.models.local_files import find_model
from tasks.models.local_loading import load
from tasks.models.requests import Message, Reply, Request
from tests.tiny_model import CONTEXT, make_tiny_model

pytestmark = pytest.mark.xdist_group("torch")

BEGINNING = "Write inputs for the function that comes after this rather long beginning. " * 2
WORDS = ("def", "return", "list of text", "x = 1", "while", "for a in b:", "é", "width")


def request(number: int = 0, **changes: Any) -> Request:
    """A greedy request; other numbers ask for something else, of another length."""
    text = BEGINNING + " ".join(WORDS[: 1 + number % len(WORDS)]) * (1 + number % 3)
    given: dict[str, Any] = {
        "key": str(number),
        "messages": (Message("user", text),),
        "temperature": 0.0,
        "max_tokens": 2 + (7 * number) % 12,
        "seed": number,
    }
    return Request(**given | changes)


def answers(model: Path, requests: Sequence[Request], rows: int = 4) -> dict[str, Reply]:
    generate = open_local(str(model), dtype="float32", rows=rows)
    replies = list(generate(requests))
    assert len(replies) == len(requests), "each request gets one reply"
    return {reply.key: reply for reply in replies}


def alone(model: Path, wanted: Request) -> str:
    """What plain transformers answers, one request at a time."""
    tokenizer = AutoTokenizer.from_pretrained(model)
    plain = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32)
    turns = [{"role": one.role, "content": one.content} for one in wanted.messages]
    text = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    ids = tokenizer(text, return_tensors="pt", add_special_tokens=False)
    out = plain.generate(**ids, max_new_tokens=wanted.max_tokens, do_sample=False)
    said: str = tokenizer.decode(out[0][ids["input_ids"].shape[1] :], skip_special_tokens=True)
    return said


def test_answers_are_those_of_transformers_whoever_shares_the_batch(tiny_model: Path) -> None:
    """Rows join and leave, prompts are padded and share a beginning: none of it shows."""
    requests = [request(key) for key in range(9)]
    found = answers(tiny_model, requests)
    for wanted in requests:
        assert found[wanted.key].text == alone(tiny_model, wanted)


def test_a_drawn_answer_does_not_depend_on_its_neighbours(tiny_model: Path) -> None:
    requests = [request(key, temperature=0.8, max_tokens=8) for key in range(9)]
    together = answers(tiny_model, requests)
    for wanted in requests[::4]:
        assert answers(tiny_model, [wanted])[wanted.key] == together[wanted.key]


def test_what_a_grammar_leaves_no_choice_about_costs_no_pass_and_nobody_else_notices(
    tiny_model: Path,
) -> None:
    loaded = load(find_model(str(tiny_model)), dtype="float32")
    passes: list[int] = []
    loaded.model.register_forward_hook(lambda *_: passes.append(1))
    engine = LocalEngine(loaded, 4)
    rest = " is what each of them says"
    held = request(99, max_tokens=60, grammar=f'start: ("yes" | "no") "{rest}" ("." | "!")')
    [reply] = engine.generate([held])
    assert reply.text in {f"{word}{rest}{end}" for word in ("yes", "no") for end in (".", "!")}
    assert len(passes) < reply.completion_tokens / 2
    free = [request(key) for key in range(6)]
    together = {one.key: one for one in engine.generate([*free, held])}
    assert together.pop("99") == reply
    assert together == answers(tiny_model, free)


def test_samples_of_one_prompt_differ_and_come_again(tiny_model: Path) -> None:
    requests = [
        request(1, key=str(sample), temperature=1.0, sample=sample, max_tokens=12)
        for sample in range(5)
    ]
    first = answers(tiny_model, requests)
    assert len({reply.text for reply in first.values()}) == 5
    assert answers(tiny_model, requests) == first


def test_a_nucleus_of_nothing_is_the_greedy_answer(tiny_model: Path) -> None:
    greedy = answers(tiny_model, [request(5)])["5"]
    drawn = answers(tiny_model, [request(5, temperature=1.0, top_p=1e-9)])["5"]
    assert drawn.text == greedy.text


def test_an_answer_ends_before_a_stop_text(tiny_model: Path) -> None:
    whole = answers(tiny_model, [request(2, max_tokens=30)])["2"].text
    stop = whole[5:8]
    cut = answers(tiny_model, [request(2, max_tokens=30, stop=("never said", stop))])["2"]
    assert cut.text == whole[: whole.index(stop)]
    assert not cut.cut
    assert cut.completion_tokens < 30


def test_a_begun_answer_is_gone_on_with_and_is_part_of_the_text(tiny_model: Path) -> None:
    begun = "```python\nexamples = ["
    reply = answers(tiny_model, [request(3, prefill=begun)])["3"]
    assert reply.text.startswith(begun)
    assert len(reply.text) > len(begun)
    plain = answers(tiny_model, [request(3)])["3"]
    assert reply.prompt_tokens > plain.prompt_tokens, "it is read as part of the prompt"


def test_tokens_are_counted_and_a_cut_is_told(tiny_model: Path) -> None:
    reply = answers(tiny_model, [request(4, max_tokens=6)])["4"]
    assert (reply.completion_tokens, reply.cut) == (6, True)
    assert reply.prompt_tokens > 50


def test_a_prompt_that_is_too_long_gets_an_error_and_costs_nobody_else(tiny_model: Path) -> None:
    long = request(1, key="long", messages=(Message("user", "word " * CONTEXT),))
    found = answers(tiny_model, [request(2), long, request(3)])
    assert "the model takes 512" in found["long"].error
    assert found["2"].text == alone(tiny_model, request(2))
    assert not found["3"].error


def test_an_answer_ends_where_the_context_does(tiny_model: Path) -> None:
    nearly_full = (Message("user", "word " * 475),)
    reply = answers(tiny_model, [request(messages=nearly_full, max_tokens=10_000)])["0"]
    assert CONTEXT - 40 < reply.prompt_tokens < CONTEXT
    assert reply.prompt_tokens + reply.completion_tokens <= CONTEXT
    assert reply.cut or reply.completion_tokens < CONTEXT - reply.prompt_tokens


def test_a_model_without_a_chat_template_is_shown_a_document(tmp_path: Path) -> None:
    model = make_tiny_model(tmp_path / "base", chat=False)
    chat = answers(model, [request(1)])["1"]
    text = request(1).messages[0].content + "\n\n"
    plain = answers(model, [request(1, messages=(), prompt=text)])["1"]
    assert chat == plain


def test_nothing_is_looked_for_before_the_first_reply_is_read() -> None:
    generate = open_local("/there/is/no/such/model")
    generate([request(1)])


def test_requests_are_taken_a_few_batches_ahead_and_no_further(tiny_model: Path) -> None:
    taken: list[int] = []

    def endless() -> Iterator[Request]:
        for key in range(10_000):
            taken.append(key)
            yield request(key, max_tokens=2)

    replies = open_local(str(tiny_model), dtype="float32", rows=2)(endless())
    for _ in range(3):
        next(replies)
    replies.close()
    assert len(taken) <= 24


def test_a_reader_that_stops_early_leaves_the_model_ready(tiny_model: Path) -> None:
    generate = open_local(str(tiny_model), dtype="float32", rows=4)
    first = generate([request(key) for key in range(6)])
    next(first)
    first.close()
    assert answers(tiny_model, [request(2)])["2"].text == alone(tiny_model, request(2))


def test_without_memory_half_as_many_are_tried_and_nothing_is_lost(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever forward pass it is that fails: the first, one in the middle, the last."""
    loaded = load(find_model(str(tiny_model)), device="cpu", dtype="float32")
    requests = [request(key, max_tokens=1 + key) for key in range(6)]
    expected = {reply.key: reply for reply in LocalEngine(loaded, 4).generate(requests)}
    read = Batch._read
    passes: list[int] = []

    def fails_once(self: Batch, *given: Any) -> Any:
        passes.append(len(given[0]))
        if len(passes) == failing:
            raise torch.OutOfMemoryError("no memory left")
        return read(self, *given)

    monkeypatch.setattr(Batch, "_read", fails_once)
    for failing in range(1, 10):
        passes.clear()
        found = list(LocalEngine(loaded, 4).generate(requests))
        assert {reply.key: reply for reply in found} == expected
        assert len(found) == len(requests)
        assert max(passes[failing:]) <= 2


def test_without_memory_for_a_single_answer_it_says_so(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> Any:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate")

    monkeypatch.setattr(Batch, "_read", fails)
    loaded = load(find_model(str(tiny_model)), device="cpu", dtype="float32")
    with pytest.raises(WriterError, match="even one answer"):
        list(LocalEngine(loaded, 4).generate([request(1), request(2)]))
