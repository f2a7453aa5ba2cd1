"""What is asked of a language model, and what it says. Whoever answers, the shape is this one."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat."""

    role: str
    """`system`, `user` or `assistant`."""
    content: str


@dataclass(frozen=True, slots=True)
class Request:
    """One answer that is wanted. `key` finds its reply, which may come in any order."""

    key: str
    messages: tuple[Message, ...]
    temperature: float
    max_tokens: int
    seed: int
    """A server that can repeat itself gives the same answer for the same seed."""
    top_p: float = 0.95


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. Its text is empty where the request itself was refused; `error` says why."""

    key: str
    text: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    error: str = ""


Generate = Callable[[Iterable[Request]], Iterator[Reply]]
"""Answers every request, each as soon as it can be; raises WriterError where nobody does."""
