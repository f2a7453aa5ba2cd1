"""What is asked of a language model, and what it says. Whoever answers, the shape is this one.

A request is one answer that is wanted: n samples of a prompt are n requests that differ in
`sample` and `seed`. It says what would be best; an engine does what it can of it:

- `schema`, `grammar`: where the engine can constrain its decoding; otherwise they are left out.
- `prefill`: where the engine can go on with a turn of the assistant's that was begun; otherwise,
  and where the answer is held to a schema, it is left out.
- `text` of the reply holds everything the assistant said, a prefill that was used included. A
  reader that parses it cannot tell, and need not, which of these were done.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat."""

    role: str
    """`system`, `user` or `assistant`."""
    content: str


@dataclass(frozen=True, slots=True)
class Request:
    """One answer that is wanted. `key` finds its reply, which may come in any order.

    A chat has `messages`; a plain completion has a `prompt` and no messages.
    """

    key: str
    messages: tuple[Message, ...]
    temperature: float
    """0 is greedy: `top_p` and `seed` are then of no account."""
    max_tokens: int
    """Of the answer; a prefill is not counted."""
    seed: int
    """A server that can repeat itself gives the same answer for the same seed."""
    top_p: float = 0.95
    sample: int = 0
    """Which of several answers to the same prompt this is."""
    stop: tuple[str, ...] = ()
    """Texts at which the answer ends; they are not in it."""
    prompt: str = ""
    """Goes on as it stands, without a chat template. Used where there are no messages."""
    prefill: str = ""
    """How the assistant's answer begins."""
    schema: Mapping[str, Any] | None = None
    """JSON schema that the answer must fit."""
    grammar: str = ""
    """Grammar in llguidance's Lark that the answer, after the prefill, must fit. An engine that
    can hold to both takes the grammar."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. Its text is empty where the request itself was refused; `error` says why."""

    key: str
    text: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    error: str = ""
    cut: bool = False
    """It ended because `max_tokens` was reached."""


Generate = Callable[[Iterable[Request]], Iterator[Reply]]
"""Answers every request, each as soon as it can be; raises WriterError where nobody does.

Requests are taken as there is room to work on them, so an iterable that stops early (a budget
that is used up) stops the asking.
"""
