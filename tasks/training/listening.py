"""Lets whoever started a training hear it, across the task that runs it.

A context variable would not reach the thread of a Prefect task from everywhere it is called,
so the listener stands here, one for the process.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tasks.training.events import Event

_listeners: list[Callable[[Event], None]] = []


def listener() -> Callable[[Event], None]:
    """Tells everyone who listens now."""

    def tell(event: Event) -> None:
        for hear in tuple(_listeners):
            hear(event)

    return tell


@contextmanager
def heard_by(hear: Callable[[Event], None]) -> Iterator[None]:
    """Trainings inside the block are heard by `hear`, in the thread that runs them."""
    _listeners.append(hear)
    try:
        yield
    finally:
        _listeners.remove(hear)
