"""Keeps one Prefect server for one data folder: `python -m flows.server.keeper HOME`.

Starts it, announces it, and stops it when no client holds the client lock any more, or
when it dies by itself. If the keeper is killed, the kernel kills the server.
"""

import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

from flows.server.places import ServerFiles, lock

POLL_SECONDS = 0.25
START_SECONDS = 180.0
"""The first start migrates the database: 15 s on a quiet machine, more on a busy one."""
STOP_SECONDS = 10.0

_PR_SET_PDEATHSIG = 1


def main() -> int:
    """Runs until nobody needs the server; 1 if it could not be started."""
    files = ServerFiles(Path(sys.argv[1]))
    held = lock(files.keeper_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    if held is None:
        return 0  # another keeper was faster
    files.announcement.unlink(missing_ok=True)
    port = _free_port()
    server = _start(files, port)
    while not (healthy := _healthy(server, port)) and server.poll() is not None and _is_taken(port):
        port = _free_port()  # somebody took the other between our look and the server's
        server = _start(files, port)
    try:
        if not healthy:
            return 1
        files.announce(f"http://127.0.0.1:{port}/api", server.pid)
        _wait_for_the_last_client(files, server)
    finally:
        files.announcement.unlink(missing_ok=True)
        _stop(server)
    return 0


def _start(files: ServerFiles, port: int) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        # The command that started us may be silent; the log file is not.
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "INFO",
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{files.database}",
        # A server that took its own clients for another's would never answer itself.
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }
    command = [sys.executable, "-m", "prefect", "server", "start"]
    return subprocess.Popen(  # noqa: S603 - our own interpreter, fixed arguments
        [*command, "--host", "127.0.0.1", "--port", str(port)],
        env=environment,
        stdin=subprocess.DEVNULL,
        preexec_fn=_die_with_the_keeper,  # noqa: PLW1509 - this process has one thread
    )


def _die_with_the_keeper() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _healthy(server: subprocess.Popen[bytes], port: int) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        with (
            suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api/health", timeout=5) as answer,
        ):
            return bool(answer.status == 200)  # noqa: PLR2004 - HTTP
        time.sleep(POLL_SECONDS)
    return False


def _wait_for_the_last_client(files: ServerFiles, server: subprocess.Popen[bytes]) -> None:
    while server.poll() is None:
        alone = lock(files.clients_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if alone is not None:
            # Held until this process ends: a client that comes now waits, and then
            # finds no announcement and starts a keeper of its own.
            files.announcement.unlink(missing_ok=True)
            _stop(server)
            return
        time.sleep(POLL_SECONDS)


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


if __name__ == "__main__":
    sys.exit(main())
