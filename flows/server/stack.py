"""All that `case2code up` runs on this machine: server, pools, deployments, workers.

Nothing outlives it. The server goes with its last client (`flows.server.keeper`), the workers with
the pipe that this process holds (`flows.server.workers`): both also where it is killed.
"""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from flows.server.places import ServerFiles, lock
from tasks.errors import ServerError

SAFE_PATH = {"PYTHONSAFEPATH": "1"}
"""A folder `flows` or `tasks` where the command was called is not taken for ours."""
STOP_SECONDS = 45.0
"""More than the workers give the runs under way."""


@contextmanager
def only_one(files: ServerFiles) -> Iterator[None]:
    """The block is run by one process for a data folder. Raises ServerError in any other."""
    held = lock(files.stack_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    if held is None:
        url = (files.announced_url() or "starting").removesuffix("/api")
        raise ServerError(f"it is up already, for {files.home}: {url}")
    with closing(held):
        yield


@contextmanager
def workers(pools: Sequence[str], log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Workers for process pools, on the server that Prefect is configured for.

    Yields the process that keeps them: if it ends, a worker has died.
    """
    with log.open("ab") as sink:
        keeper = subprocess.Popen(  # noqa: S603 - our own interpreter, fixed arguments
            [sys.executable, "-m", "flows.server.workers", *pools],
            env=os.environ | SAFE_PATH,
            stdin=subprocess.PIPE,
            stdout=sink,
            stderr=sink,
            # Ctrl-C is for the command, which ends the rest in order.
            start_new_session=True,
        )
    try:
        yield keeper
    finally:
        keeper.terminate()
        try:
            keeper.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            assert keeper.stdin is not None, "a pipe was asked for"  # noqa: S101
            keeper.stdin.close()
            keeper.wait()
