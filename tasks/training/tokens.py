"""Rows as token ids and labels. What is masked has the label -100: it is read, not learned.

Prompt and completion are tokenized apart and joined, so that the model reads in training
just what it reads when it is asked: no token spans the border.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from tasks.records.drops import DropReason
from tasks.training.rows import Answer, Chat, Row, Text, Turn

MASKED = -100


class Tokens(NamedTuple):
    """One sequence: `input_ids` and `labels`, of the same length."""

    input_ids: list[int]
    labels: list[int]

    @property
    def loss_tokens(self) -> int:
        """Those that count in the loss. The first of a sequence is predicted by nothing."""
        return sum(label != MASKED for label in self.labels[1:])


class Tokenize:
    """Turns rows into sequences of at most `max_length` tokens.

    Args:
        tokenizer: A tokenizer of transformers, with an end-of-sequence token.
        chat: Answers go through its chat template.
        max_length: Tokens of a sequence.
    """

    def __init__(self, tokenizer: Any, *, chat: bool, max_length: int) -> None:
        self._tokenizer = tokenizer
        self._chat = chat
        self._max_length = max_length
        self._template = bool(getattr(tokenizer, "chat_template", None))

    def __call__(self, row: Row) -> Iterator[Tokens | DropReason]:
        """The sequences of a row; a reason in place of one that cannot be trained on."""
        if isinstance(row, Text):
            yield from self._pieces(row)
            return
        tokens = self._tokens(row)
        if tokens is None or not tokens.loss_tokens:
            yield DropReason.FULLY_MASKED
        elif len(tokens.input_ids) > self._max_length:
            yield DropReason.OVER_LENGTH
        else:
            yield tokens

    def _tokens(self, row: Answer | Chat) -> Tokens | None:
        if isinstance(row, Chat):
            return self._of_chat(row.turns)
        if self._chat:
            return self._of_chat((Turn("user", row.prompt), Turn("assistant", row.completion)))
        # Where the tokenizer begins a text with a token of its own, so does the prompt.
        prompt: list[int] = self._tokenizer(row.prompt)["input_ids"]
        return _joined(prompt, [*self._plain(row.completion), self._tokenizer.eos_token_id])

    def _of_chat(self, turns: tuple[Turn, ...]) -> Tokens | None:
        if not self._template:
            return self._of_plain_turns(turns)
        whole = self._rendered(turns, asks=False)
        ids: list[int] = []
        labels: list[int] = []
        end = 0
        for number, turn in enumerate(turns):
            if turn.role != "assistant":
                continue
            asked = self._rendered(turns[:number], asks=True)
            answered = self._rendered(turns[: number + 1], asks=False)
            if not (whole.startswith(answered) and answered.startswith(asked)):
                return None  # a template that rewrites its past has no border to mask at
            prompt, answer = self._plain(asked[end:]), self._plain(answered[len(asked) :])
            ids += [*prompt, *answer]
            labels += [*[MASKED] * len(prompt), *answer]
            end = len(answered)
        return Tokens(ids, labels)

    def _rendered(self, turns: tuple[Turn, ...], *, asks: bool) -> str:
        messages = [{"role": turn.role, "content": turn.content} for turn in turns]
        return str(
            self._tokenizer.apply_chat_template(
                messages, tokenize=False, add_generation_prompt=asks
            )
        )

    def _of_plain_turns(self, turns: tuple[Turn, ...]) -> Tokens:
        """A chat for a model without a template: turns apart, as paragraphs."""
        ids: list[int] = []
        labels: list[int] = []
        for turn in turns:
            if turn.role == "assistant":
                own = [*self._plain(turn.content), self._tokenizer.eos_token_id]
                ids, labels = [*ids, *own], [*labels, *own]
            else:
                own = self._plain(turn.content.rstrip() + "\n\n")
                ids, labels = [*ids, *own], [*labels, *[MASKED] * len(own)]
        return Tokens(ids, labels)

    def _pieces(self, row: Text) -> Iterator[Tokens | DropReason]:
        ids: list[int] = self._tokenizer(row.text)["input_ids"]
        ids = [*ids, self._tokenizer.eos_token_id]
        for start in range(0, len(ids), self._max_length):
            piece = ids[start : start + self._max_length]
            if len(piece) > 1:
                yield Tokens(piece, list(piece))

    def _plain(self, text: str) -> list[int]:
        """Without the tokens that a tokenizer puts round a whole text."""
        ids: list[int] = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids


def _joined(prompt: list[int], completion: list[int]) -> Tokens:
    return Tokens([*prompt, *completion], [*[MASKED] * len(prompt), *completion])
