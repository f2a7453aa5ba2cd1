"""One answer while it is being written: what was said, and whether it is at its end."""

from collections.abc import Sequence
from random import Random
from typing import Any

from tasks.models.grammar_matching import Matcher
from tasks.models.local_prompts import begun
from tasks.models.local_sampling import Draw
from tasks.models.requests import Reply, Request

ANCHOR = 4
"""Tokens of the prompt that are decoded with the answer: some tokenizers write the first token of
a text otherwise than the same token within one."""
SLACK = 8
"""Tokens more than a stop text has bytes, so that the ones around it cannot hide it."""


class Row:
    """The answer to one request.

    Args:
        request: What is wanted.
        prompt: Tokens of the prompt.
        room: How many tokens the answer may have, at least 1.
        tokenizer: Reads tokens.
        matcher: Holds the answer to a grammar.
    """

    def __init__(
        self,
        request: Request,
        prompt: Sequence[int],
        room: int,
        tokenizer: Any,
        matcher: Matcher | None = None,
    ) -> None:
        self.request = request
        self.prompt = tuple(prompt)
        self.said: list[int] = []
        self.matcher = matcher
        self.is_done = False
        self.unread = 0
        """How many of the tokens said last the model has not read."""
        self._was_cut = False
        self._room = room
        self._tokenizer = tokenizer
        longest = max((len(stop.encode()) for stop in request.stop), default=0)
        self._stop_window = longest + SLACK
        # By sample too: n requests for one prompt may come with one seed.
        self._rng = Random(f"{request.seed}:{request.sample}")  # noqa: S311 - draws words

    @property
    def read(self) -> tuple[int, ...]:
        """All that the model must have read to go on."""
        return (*self.prompt, *self.said)

    def draw(self) -> Draw:
        """How the next token is chosen. One draw a token, so that an answer can be gone on with."""
        return Draw(self.request.temperature, self.request.top_p, self._rng.random())

    def hear(self, token: int, ends: frozenset[int]) -> None:
        """Takes the next token."""
        if token in ends:
            self.is_done = True
            return
        self.said.append(token)
        self.unread += 1
        if self.matcher is not None:
            self.matcher.take(token)
            self.is_done = self.matcher.is_done
        if self.request.stop and self._has_stop(self._decoded(self._stop_window)):
            self.is_done = True
        if len(self.said) >= self._room and not self.is_done:
            self.is_done = self._was_cut = True

    def hear_forced(self, ends: frozenset[int]) -> None:
        """Takes the tokens that the grammar leaves no choice about: nobody need be asked."""
        if self.matcher is None or self.is_done:
            return
        for token in self.matcher.forced():
            self.hear(token, ends)
            if self.is_done:
                return

    def fresh(self) -> tuple[int, ...]:
        """The tokens that the model has still to read, which from now on it has."""
        tokens = tuple(self.said[len(self.said) - self.unread :])
        self.unread = 0
        return tokens

    def reply(self) -> Reply:
        """The answer, as far as it goes."""
        text = self._decoded(len(self.said))
        places = [place for stop in self.request.stop if (place := text.find(stop)) >= 0]
        return Reply(
            key=self.request.key,
            text=begun(self.request) + text[: min(places, default=None)],
            prompt_tokens=len(self.prompt),
            completion_tokens=len(self.said),
            cut=self._was_cut,
        )

    def _has_stop(self, text: str) -> bool:
        return any(stop in text for stop in self.request.stop)

    def _decoded(self, last: int) -> str:
        """Text of the last tokens that were said."""
        start = len(self.said) - min(last, len(self.said))
        before = [*self.prompt[-ANCHOR:], *self.said[:start]][-ANCHOR:]
        known = self._text(before)
        return self._text([*before, *self.said[start:]])[len(known) :]

    def _text(self, tokens: list[int]) -> str:
        text: str = self._tokenizer.decode(
            tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return text
