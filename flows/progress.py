"""Lets whoever called a flow watch it: the command line draws bars, a worker needs nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

from tasks.notices import heard_by


class Progress(Protocol):
    """Told of every step of a flow, from the thread that runs the flow."""

    def step_started(self, step: str, shards: int) -> None:
        """A step begins on that many shards."""

    def shard_done(self, step: str, *, cached: bool) -> None:
        """One shard is through; `cached` if an earlier run had done it."""

    def said(self, text: str) -> None:
        """A line from inside a long step, from whatever thread it runs in."""


class Unwatched:
    """Nobody is watching: what long steps say goes to the log."""

    def step_started(self, step: str, shards: int) -> None:
        """See Progress."""

    def shard_done(self, step: str, *, cached: bool) -> None:
        """See Progress."""

    def said(self, text: str) -> None:
        """See Progress."""


_watcher: ContextVar[Progress] = ContextVar("watcher", default=Unwatched())  # noqa: B039 - stateless


def watcher() -> Progress:
    """Who watches the flow that runs here."""
    return _watcher.get()


@contextmanager
def watched_by(progress: Progress) -> Iterator[None]:
    """Flows called inside the block report to `progress`."""
    token = _watcher.set(progress)
    try:
        with heard_by(progress.said):
            yield
    finally:
        _watcher.reset(token)
