"""Ctrl-C, and the SIGTERM of a container: say what happens, and mean it.

The first ends the run in order: shards under way are finished and kept, which can take some
seconds, jails and server are stopped. The second ends the process at once; the kernel and
the keeper see to the rest (`flows.server`).
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from flows.cli.screen import stderr

INTERRUPTED = 130
"""What shells expect of a command that Ctrl-C ended."""


SHARDS_FIRST = "the shards under way are finished first"


@contextmanager
def finishing_on_interrupt(what_happens: str = SHARDS_FIRST) -> Iterator[None]:
    """Inside the block the first signal raises KeyboardInterrupt, the second ends the process."""

    def first(number: int, _: FrameType | None) -> None:
        signal.signal(number, _second)
        stderr.print(f"stopping: {what_happens}; again to stop at once")
        raise KeyboardInterrupt

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, first)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _second(_: int, __: FrameType | None) -> None:
    os._exit(INTERRUPTED)
