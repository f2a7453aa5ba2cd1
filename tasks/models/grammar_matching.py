"""Holds answers to a grammar or a JSON schema, token by token, by the library llguidance.

At each step a matcher says which tokens may come next, so an answer that is not cut off fits.
"""

import json
from functools import cached_property
from typing import Any

import torch
from llguidance import LLMatcher, LLTokenizer
from llguidance.hf import from_tokenizer
from torch import Tensor

from tasks.models.requests import Request

_DENSE: dict[str, Any] = {
    "whitespace_flexible": False,
    "item_separator": ", ",
    "key_separator": ": ",
}
"""Of JSON: where any white space may come, a small model writes nothing else."""


class Matcher:
    """Where one answer stands in its grammar."""

    def __init__(self, state: Any, vocabulary: int) -> None:
        self._state = state
        self._vocabulary = vocabulary

    def allowed(self) -> Tensor:
        """[vocabulary] of bool: the tokens that may come next."""
        octets = torch.frombuffer(bytearray(self._state.compute_bitmask()), dtype=torch.uint8)
        bits = (octets.unsqueeze(1) >> torch.arange(8, dtype=torch.uint8)) & 1
        return bits.flatten()[: self._vocabulary].bool()

    def take(self, token: int) -> None:
        """Goes on with a token that is allowed."""
        self._state.consume_token(token)

    def forced(self) -> list[int]:
        """The tokens that must come next, as far as the grammar leaves no choice."""
        tokens: list[int] = self._state.compute_ff_tokens()
        return tokens

    @property
    def is_done(self) -> bool:
        """Whether nothing but the end may come."""
        return bool(self._state.is_stopped())


class Constraints:
    """Makes matchers for the answers of one model.

    Args:
        tokenizer: A fast tokenizer of transformers.
        vocabulary: Columns of the model's logits, which may be more than the tokenizer has tokens.
        ends: Tokens that end an answer.
    """

    def __init__(self, tokenizer: Any, vocabulary: int, ends: frozenset[int]) -> None:
        self._tokenizer = tokenizer
        self._vocabulary = vocabulary
        self._ends = sorted(ends)

    def matcher(self, request: Request) -> Matcher | None:
        """A matcher for what the request asks for; None where it asks for nothing.

        Raises:
            ValueError: The grammar or schema cannot be read; with the library's own words.
        """
        if not (request.grammar or request.schema):
            return None
        state = LLMatcher(self._tokens, _grammar(request), log_level=0)
        if state.is_error():
            raise ValueError(f"the grammar cannot be used: {state.get_error()}")
        return Matcher(state, self._vocabulary)

    @cached_property
    def _tokens(self) -> LLTokenizer:
        """The vocabulary as a tree of bytes: a second's work, done when it is first needed."""
        return from_tokenizer(self._tokenizer, n_vocab=self._vocabulary, eos_token=self._ends)


def _grammar(request: Request) -> str:
    if request.grammar:
        return str(LLMatcher.grammar_from_lark(request.grammar))
    return str(LLMatcher.grammar_from_json_schema(json.dumps(request.schema), overrides=_DENSE))
