"""The client's side: use the server that is configured, or hold one up while it is needed."""

import fcntl
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

from flows.server.places import ServerFiles, lock
from flows.server.recording import flush
from tasks.errors import ServerError

POLL_SECONDS = 0.1
START_SECONDS = 200.0
LOG_LINES = 15
"""Of the server's log, shown where it did not start."""


@contextmanager
def prefect_api(home: Path) -> Iterator[str]:
    """The URL of a Prefect API that answers for as long as the block runs.

    Raises ServerError with the end of the log if none could be started.
    """
    # Importing Prefect takes a second, which a command that needs no server does not pay.
    from prefect.settings import PREFECT_API_URL, temporary_settings  # noqa: PLC0415

    configured = PREFECT_API_URL.value()
    if configured:
        yield str(configured)
        return
    files = ServerFiles(home)
    with closing(_client_lock(files)):
        url = _find_or_start(files)
        # The variable is for processes that a task runner starts.
        os.environ["PREFECT_API_URL"] = url
        try:
            with temporary_settings({PREFECT_API_URL: url}):
                yield url
        finally:
            flush()
            del os.environ["PREFECT_API_URL"]


def _client_lock(files: ServerFiles) -> IO[bytes]:
    """Says that somebody needs the server; waits while a keeper is shutting one down."""
    try:
        held = lock(files.clients_lock, fcntl.LOCK_SH)
    except OSError as error:
        raise ServerError(
            f"cannot write to {files.home}: {error.strerror}; "
            "set CASE2CODE_HOME to a folder that you may write to"
        ) from error
    assert held is not None, "a blocking lock is granted or raises"  # noqa: S101
    return held


def _find_or_start(files: ServerFiles) -> str:
    deadline = time.monotonic() + START_SECONDS
    keeper: subprocess.Popen[bytes] | None = None
    while time.monotonic() < deadline:
        url = files.announced_url()
        if url and _answers(url):
            return url
        if keeper is not None and keeper.poll() not in (None, 0):
            break
        if not _kept(files) and (keeper is None or keeper.poll() is not None):
            keeper = _start_keeper(files)
        time.sleep(POLL_SECONDS)
    free = shutil.disk_usage(files.home).free
    raise ServerError(
        f"the Prefect server did not start; {files.home} has {free >> 20} MB free; "
        f"the end of {files.log}:\n{_end_of(files.log)}"
    )


def _kept(files: ServerFiles) -> bool:
    """Whether a keeper is at work on this folder."""
    free = lock(files.keeper_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    if free is not None:
        free.close()
    return free is None


def _start_keeper(files: ServerFiles) -> subprocess.Popen[bytes]:
    with files.log.open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - our own interpreter, fixed arguments
            [sys.executable, "-m", "flows.server.keeper", str(files.home)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Ctrl-C is for the command; the keeper goes when the command has gone.
            start_new_session=True,
        )


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=5) as answer:  # noqa: S310 - ours
            return bool(answer.status == 200)  # noqa: PLR2004 - HTTP
    except OSError:
        return False


def _end_of(log: Path) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-LOG_LINES:])
    except OSError:
        return "(no log)"
