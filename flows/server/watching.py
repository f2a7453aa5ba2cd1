"""Ends a command with the server that it started, as Prefect would hold it for many minutes.

Without its server a flow goes on, but each of its calls and events is tried again for a minute.
Ended at once, a command is as one that was killed: what is done is kept, the next run goes on.
A server that somebody configured is waited for: it may come back.
"""

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flows.server.places import ServerFiles

POLL_SECONDS = 1.0


@contextmanager
def watching_the_server(home: Path, api: str, died: Callable[[], None]) -> Iterator[None]:
    """Calls `died`, from a thread, when the server of the data folder has gone inside the block."""
    files = ServerFiles(home)
    if files.announced_url() != api:
        yield
        return
    left = threading.Event()

    def watch() -> None:
        while not left.wait(POLL_SECONDS):
            if not _stands(files, api):
                died()
                return

    threading.Thread(target=watch, name="watches the server", daemon=True).start()
    try:
        yield
    finally:
        left.set()


def _stands(files: ServerFiles, api: str) -> bool:
    """Whether it is announced and alive; one that is only slow to answer is."""
    try:
        said = json.loads(files.announcement.read_text())
        os.kill(int(said["pid"]), 0)
    except (OSError, ValueError, KeyError):
        return False
    return bool(said["url"] == api)
