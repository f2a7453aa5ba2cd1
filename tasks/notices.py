"""What a long step says to the person who waits for it: a line now and then, never a result.

Whoever called the flow listens (`flows.progress`); without a listener it goes to the log, and so
to the Prefect UI.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Listener = Callable[[str], None]

_listener: ContextVar[Listener] = ContextVar(
    "listener",
    default=logging.getLogger(__name__).info,
)


def notice(text: str) -> None:
    """Says one line."""
    _listener.get()(text)


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Steps called inside the block, in whatever thread, say their lines to `listener`."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
