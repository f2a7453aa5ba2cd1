"""A server that speaks as much of the Hub's protocol as a commit of small files needs."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest


class Hub(BaseHTTPRequestHandler):
    """The few endpoints that a commit of small files needs, with one repository."""

    files: ClassVar[dict[str, bytes]] = {}
    commits: ClassVar[list[str]] = []
    repository_paths: ClassVar[list[str]] = []
    """Of all requests about the repository itself, which say what type it is."""
    refuses: ClassVar[bool] = False

    def do_GET(self) -> None:
        if "/tree/" not in self.path:
            self._answer({}, 404)
            return
        self.repository_paths.append(self.path)
        tree = [{"type": "file", "path": name, "size": 1, "oid": "0"} for name in self.files]
        self._answer(tree)

    def do_POST(self) -> None:
        body = self._body()
        if self.refuses:
            self._answer({"error": "no"}, 403)
        elif self.path.startswith("/api/repos/create"):
            self._answer({"url": "http://127.0.0.1/datasets/o/n", "name": "o/n", "id": "0"})
        elif self.path == "/api/validate-yaml":
            self._answer({"errors": [], "warnings": []})
        elif "/preupload/" in self.path:
            asked = json.loads(body)["files"]
            modes = [
                {"path": one["path"], "uploadMode": "regular", "shouldIgnore": False}
                for one in asked
            ]
            self._answer({"files": modes})
        elif "/commit/" in self.path:
            self.repository_paths.append(self.path)
            self._commit([json.loads(line) for line in body.splitlines()])
        else:
            self._answer({"error": self.path}, 404)

    def _body(self) -> bytes:
        if length := self.headers.get("Content-Length"):
            return self.rfile.read(int(length))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        return b"".join(chunks)

    def _commit(self, lines: list[dict[str, Any]]) -> None:
        for line in lines:
            value = line["value"]
            if line["key"] == "header":
                self.commits.append(value["summary"])
            elif line["key"] == "deletedFile":
                del self.files[value["path"]]
            elif line["key"] == "file":
                self.files[value["path"]] = base64.b64decode(value["content"])
        url = "http://127.0.0.1/datasets/o/n/commit/1"
        self._answer({"success": True, "commitOid": "1" * 40, "commitUrl": url})

    def _answer(self, value: Any, status: int = 200) -> None:
        raw = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: Any) -> None:
        """Nothing: the test says what matters."""


@contextmanager
def hub_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Hub]]:
    """A Hub of one repository, which the library of the Hub is pointed at."""
    import huggingface_hub.constants
    import huggingface_hub.hf_api

    class Own(Hub):
        files: ClassVar[dict[str, bytes]] = {}
        commits: ClassVar[list[str]] = []
        repository_paths: ClassVar[list[str]] = []

    server = ThreadingHTTPServer(("127.0.0.1", 0), Own)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setattr(
        huggingface_hub.constants, "ENDPOINT", f"http://127.0.0.1:{server.server_port}"
    )
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setenv("HF_TOKEN", "hf_of_the_tests")
    yield Own
    server.shutdown()
    server.server_close()
    thread.join()
