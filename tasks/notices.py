"""What is said on the way to the person who waits: a line now and then, never a result.

Whoever called the flow listens (`flows.progress`, `tasks.training.listening`), in whatever thread
its tasks run: Prefect hands the context of the caller on to them. Without a listener a line goes
to the log, and so to the Prefect UI.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Generic, TypeVar

T = TypeVar("T")


class Channel(Generic[T]):
    """From steps to those who called them.

    Args:
        name: For whoever looks at the context.
        unheard: Hears what is said while nobody listens.
    """

    def __init__(self, name: str, unheard: Callable[[T], None]) -> None:
        self._unheard = unheard
        self._listeners: ContextVar[tuple[Callable[[T], None], ...]] = ContextVar(name, default=())

    def say(self, said: T) -> None:
        """Tells all who listen."""
        for hear in self._listeners.get() or (self._unheard,):
            hear(said)

    @contextmanager
    def heard_by(self, hear: Callable[[T], None]) -> Iterator[None]:
        """What is said inside the block is heard by `hear`, and by those of the blocks around."""
        token = self._listeners.set((*self._listeners.get(), hear))
        try:
            yield
        finally:
            self._listeners.reset(token)


_lines = Channel[str]("lines", logging.getLogger(__name__).info)
notice = _lines.say
heard_by = _lines.heard_by
