"""The files by which keeper and clients know of each other."""

import fcntl
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import IO


@dataclass(frozen=True)
class ServerFiles:
    """Everything about the server of one data folder."""

    home: Path

    @property
    def database(self) -> Path:
        """SQLite file with all runs."""
        return self.home / "prefect.db"

    @property
    def log(self) -> Path:
        """What the server and its keeper printed."""
        return self.home / "server.log"

    @property
    def keeper_lock(self) -> Path:
        """Held, exclusive, by the keeper: never two servers on one database."""
        return self.home / "server.lock"

    @property
    def clients_lock(self) -> Path:
        """Held, shared, by every client; exclusive by a keeper that is going home."""
        return self.home / "clients.lock"

    @property
    def stack_lock(self) -> Path:
        """Held, exclusive, by `case2code up`."""
        return self.home / "up.lock"

    @property
    def workers_log(self) -> Path:
        """What the workers and the flow runs printed."""
        return self.home / "workers.log"

    @property
    def announcement(self) -> Path:
        """Where the running server says where it is."""
        return self.home / "server.json"

    def announce(self, url: str, pid: int) -> None:
        """Tells clients where the server is, whole or not at all."""
        temporary = self.announcement.with_suffix(".new")
        temporary.write_text(json.dumps({"url": url, "pid": pid}))
        temporary.replace(self.announcement)

    def announced_url(self) -> str | None:
        """The URL that a server announced, if one did."""
        try:
            return str(json.loads(self.announcement.read_text())["url"])
        except (OSError, ValueError, KeyError):
            return None


def lock(path: Path, mode: int) -> IO[bytes] | None:
    """Takes a lock (fcntl.LOCK_SH or LOCK_EX, with LOCK_NB not to wait); None where it is taken.

    The lock goes with the file object, and with the process, however that ends. It is not
    inherited by programs that the process starts.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    stream = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+b")
    try:
        fcntl.flock(stream, mode)
    except BlockingIOError:
        stream.close()
        return None
    return stream
