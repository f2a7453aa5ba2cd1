"""A real HTTP server between a client and a real S3 server, which does harm where it is told to.

Each harm has a place (method, and a text in the path or query) and a number of times. What is
not harmed passes through to the byte, so that what is tested is the client and the server.
"""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import urlsplit

Harm = Literal["answer", "hang", "cut request", "cut answer", "lose answer", "damage", "replay"]
FOREVER = 1 << 30
_OF_THE_CONNECTION = frozenset(("content-length", "transfer-encoding", "connection"))


@dataclass
class Fault:
    """One harm, done to the first requests that match."""

    harm: Harm
    method: str
    inside: str
    times: int = FOREVER
    status: int = 503
    code: str = ""
    after: int = 0
    """Requests that match and are let through first."""
    every: int = 1
    """Only one of so many."""
    replayed: bytes = b""
    done: int = 0
    seen: int = 0

    def takes(self, method: str, path: str) -> bool:
        """Whether this request is harmed; counts it."""
        if method != self.method or self.inside not in path or self.done >= self.times:
            return False
        if self.after:
            self.after -= 1
            return False
        self.seen += 1
        if self.seen % self.every:
            return False
        self.done += 1
        return True


@dataclass
class FaultyS3:
    """What tests hold: the address, what to do wrong, and what was asked."""

    url: str
    asked: list[str] = field(default_factory=list)
    """`METHOD path?query` of each request, in order."""
    faults: list[Fault] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def does(self, harm: Harm, method: str, inside: str = "", **more: object) -> Fault:
        """Adds a fault."""
        fault = Fault(harm, method, inside, **more)  # type: ignore[arg-type]  # as its fields
        self.faults.append(fault)
        return fault

    def says(self, code: str, status: int, *, times: int = FOREVER) -> None:
        """Every request is answered so."""
        for method in ("GET", "HEAD", "PUT", "POST", "DELETE"):
            self.does("answer", method, status=status, code=code, times=times)

    def count(self, method: str, inside: str = "") -> int:
        """Requests so far."""
        return sum(one.startswith(method) and inside in one for one in self.asked)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Server"

    def _any(self) -> None:
        control = self.server.control
        control.asked.append(f"{self.command} {self.path}")
        fault = next((one for one in control.faults if one.takes(self.command, self.path)), None)
        length = int(self.headers.get("Content-Length") or 0)
        if fault and fault.harm == "cut request":
            self.rfile.read(length // 2)
            self.close_connection = True
            return
        body = self.rfile.read(length)
        if fault and fault.harm == "hang":
            control.over.wait(60)
            self.close_connection = True
            return
        if fault and fault.harm == "answer":
            self._refuse(fault)
            return
        self._pass_on(body, fault)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _any  # noqa: N815 - as the library calls them

    def _refuse(self, fault: Fault) -> None:
        text = f"<Error><Code>{fault.code}</Code><Message>planted</Message></Error>".encode()
        self.send_response(fault.status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    def _pass_on(self, body: bytes, fault: Fault | None) -> None:
        upstream = http.client.HTTPConnection(self.server.upstream, timeout=60)
        try:
            upstream.request(self.command, self.path, body, dict(self.headers))
            answer = upstream.getresponse()
            self._answer(answer, answer.read(), fault)
        finally:
            upstream.close()

    def _answer(
        self, answer: http.client.HTTPResponse, content: bytes, fault: Fault | None
    ) -> None:
        harm = fault.harm if fault else ""
        if harm == "lose answer":
            self.close_connection = True
            return
        if fault and harm == "replay":
            content = fault.replayed
        if harm == "damage":
            content = bytes(byte ^ 1 for byte in content)
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            checks = harm == "damage" and name.lower().startswith("x-amz-checksum")
            if not checks and name.lower() not in _OF_THE_CONNECTION:
                self.send_header(name, value)
        length = answer.getheader("Content-Length") if self.command == "HEAD" else len(content)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        if harm == "cut answer":
            content = content[: len(content) // 2]
            self.close_connection = True
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    control: FaultyS3
    upstream: str

    def handle_error(self, *_: object) -> None:
        """A client that left is what these tests are about."""


@contextmanager
def faulty_s3(endpoint: str) -> Iterator[FaultyS3]:
    """A server on loopback, in front of the one at `endpoint`."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.upstream = urlsplit(endpoint).netloc
    server.control = FaultyS3(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.control
    finally:
        server.control.over.set()
        with suppress(OSError):
            server.shutdown()
        server.server_close()
