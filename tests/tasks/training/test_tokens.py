import pytest

from tasks.records.drops import DropReason
from tasks.training.rows import Answer, Chat, Text, Turn
from tasks.training.tokens import MASKED, Tokenize, Tokens
from tests.tiny_model import make_tokenizer

pytestmark = pytest.mark.xdist_group("torch")

ANSWER = Answer("Write f so that f(1) == 2.\n\n", "def f(x):\n    return x + 1\n")


def only(tokens: Tokens | DropReason) -> Tokens:
    assert isinstance(tokens, Tokens)
    return tokens


def learned(tokens: Tokens) -> list[int]:
    return [label for label in tokens.labels if label != MASKED]


def test_the_loss_of_an_answer_is_its_completions_and_the_prompt_reads_as_it_will_when_asked() -> (
    None
):
    tokenizer = make_tokenizer()
    [one] = Tokenize(tokenizer, chat=False, max_length=512)(ANSWER)
    tokens = only(one)
    prompt = tokenizer(ANSWER.prompt)["input_ids"]
    assert tokens.input_ids[: len(prompt)] == prompt
    assert set(tokens.labels[: len(prompt)]) == {MASKED}
    assert tokenizer.decode(learned(tokens)) == ANSWER.completion + tokenizer.eos_token


def test_through_a_chat_template_the_prompt_is_what_generation_would_send() -> None:
    tokenizer = make_tokenizer()
    [one] = Tokenize(tokenizer, chat=True, max_length=512)(ANSWER)
    tokens = only(one)
    asked = tokenizer.apply_chat_template(
        [{"role": "user", "content": ANSWER.prompt}], tokenize=False, add_generation_prompt=True
    )
    masked = [token for token, label in zip(*tokens, strict=True) if label == MASKED]
    assert tokenizer.decode(masked) == asked
    assert tokenizer.decode(learned(tokens)).startswith(ANSWER.completion)


def test_of_a_chat_every_answer_is_learned_and_nothing_else() -> None:
    tokenizer = make_tokenizer()
    turns = [("user", "one?"), ("assistant", "ONE"), ("user", "two?"), ("assistant", "TWO")]
    chat = Chat(tuple(Turn(role, text) for role, text in turns))
    [one] = Tokenize(tokenizer, chat=True, max_length=512)(chat)
    text = tokenizer.decode(learned(only(one)))
    assert "ONE" in text
    assert "TWO" in text
    assert "?" not in text
    assert "user" not in text


def test_a_model_without_a_template_reads_turns_as_paragraphs() -> None:
    tokenizer = make_tokenizer(chat=False)
    chat = Chat((Turn("user", "one?"), Turn("assistant", "ONE")))
    [one] = Tokenize(tokenizer, chat=False, max_length=512)(chat)
    assert tokenizer.decode(only(one).input_ids) == f"one?\n\nONE{tokenizer.eos_token}"
    assert tokenizer.decode(learned(only(one))) == f"ONE{tokenizer.eos_token}"


def test_what_is_too_long_is_dropped_and_not_cut() -> None:
    [one] = Tokenize(make_tokenizer(), chat=False, max_length=8)(ANSWER)
    assert one is DropReason.OVER_LENGTH


def test_a_chat_without_an_answer_has_nothing_to_learn() -> None:
    [one] = Tokenize(make_tokenizer(), chat=True, max_length=64)(Chat((Turn("user", "one?"),)))
    assert one is DropReason.FULLY_MASKED


def test_plain_text_is_cut_into_pieces_and_all_of_it_is_learned() -> None:
    tokenizer = make_tokenizer()
    text = "a long text of plain words " * 20
    pieces = [only(one) for one in Tokenize(tokenizer, chat=True, max_length=16)(Text(text))]
    assert max(len(piece.input_ids) for piece in pieces) == 16
    assert all(piece.labels == piece.input_ids for piece in pieces)
    together = [token for piece in pieces for token in piece.input_ids]
    assert tokenizer.decode(together).startswith(text)


def test_a_template_that_rewrites_its_past_is_seen() -> None:
    tokenizer = make_tokenizer()
    tokenizer.chat_template = (
        "{{ messages | length }}{% for m in messages %}{{ m['content'] }}{% endfor %}"
    )
    [one] = Tokenize(tokenizer, chat=True, max_length=512)(ANSWER)
    assert one is DropReason.FULLY_MASKED
