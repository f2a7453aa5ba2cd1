"""Starts `faulty_server.py`, kills it, brings it back on the same port, and tells it what to do."""

import json
import socket
import subprocess
import sys
import urllib.request
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class ModelServer(AbstractContextManager["ModelServer"]):
    """The server, in a process of its own. The port is held here, whether it runs or not."""

    def __init__(self, **ways: Any) -> None:
        self._ways = ways
        # Bound and not listening: nobody else gets the port, and connections are refused while
        # no server listens there beside it.
        self._holder = socket.socket()
        self._holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._holder.bind(("127.0.0.1", 0))
        self.port: int = self._holder.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/v1"
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()
        self._holder.close()

    def start(self) -> None:
        """Returns when it listens. It remembers nothing of the time before it was killed."""
        script = Path(__file__).with_name("faulty_server.py")
        self._process = subprocess.Popen(
            [sys.executable, "-S", str(script), str(self.port)], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout
        assert self._process.stdout.readline() == "ready\n"
        self.control(**self._ways)

    def kill(self) -> None:
        """At once, whatever is in flight."""
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def control(self, **ways: Any) -> None:
        """Sets its ways, see `faulty_server.py`."""
        self._call("control", json.dumps(ways).encode())

    def reset(self) -> None:
        """Well again, and nothing was ever asked; what is still in flight counts no more."""
        self._call("reset", b"{}")

    def stats(self) -> Any:
        """What was asked so far."""
        return self._call("stats", None)

    def _call(self, path: str, data: bytes | None) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{path}", data, 20) as answer:
            return json.load(answer)
