"""The client keeps its promise against a real HTTP server that misbehaves in every known way."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tasks.errors import WriterError
from tasks.models.requests import Message, Request
from tasks.models.server import OpenAIServer

NOW = {"retry-after-ms": "1"}
"""Sent with every passing fault, so that the client's waits are short here."""

Fault = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class ModelServer:
    """Answers every chat with its last message, in capitals, unless a fault is due."""

    faults: list[Fault] = field(default_factory=list)
    forever: Fault | None = None
    delay: float = 0.0
    bodies: list[dict[str, Any]] = field(default_factory=list)
    running: int = 0
    most: int = 0
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers["content-length"])))
        with self.lock:
            self.bodies.append(body)
            self.running += 1
            self.most = max(self.most, self.running)
            fault = self.forever or (self.faults.pop(0) if self.faults else None)
        time.sleep(self.delay)
        if fault is None:
            send(handler, 200, completion(body["messages"][-1]["content"].upper()))
        else:
            fault(handler)
        with self.lock:
            self.running -= 1


def completion(text: Any) -> dict[str, Any]:
    return {
        "id": "1",
        "object": "chat.completion",
        "created": 0,
        "model": "m",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": text},
            }
        ],
        "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
    }


def send(
    handler: BaseHTTPRequestHandler, status: int, body: Any, headers: dict[str, str] | None = None
) -> None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    handler.send_response(status)
    handler.send_header("content-type", "application/json")
    handler.send_header("content-length", str(len(raw)))
    for name, value in (headers or {}).items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(raw)


def failing(status: int, headers: dict[str, str] | None = None) -> Fault:
    return lambda handler: send(handler, status, {"error": {"message": "no"}}, headers or NOW)


def answering(body: Any) -> Fault:
    return lambda handler: send(handler, 200, body)


def dropping(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True
    handler.connection.close()


def cut(handler: BaseHTTPRequestHandler) -> None:
    """Half an answer, then nothing."""
    handler.send_response(200)
    handler.send_header("content-type", "application/json")
    handler.send_header("content-length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [')
    handler.wfile.flush()
    dropping(handler)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    state = ModelServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            state.answer(self)

        def do_GET(self) -> None:
            send(self, 200, {"object": "list", "data": [{"id": "m", "object": "model"}]})

        def log_message(self, *_: object) -> None:
            return

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    http.handle_error = lambda *_: None  # type: ignore[method-assign,assignment] - dropped connections are the point
    state.url = f"http://127.0.0.1:{http.server_address[1]}/v1"
    thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield state
    http.shutdown()
    http.server_close()
    thread.join()


def request(key: str) -> Request:
    messages = (Message("system", "be brief"), Message("user", f"say {key}"))
    return Request(key, messages, temperature=0.5, max_tokens=20, seed=4)


def texts(server: ModelServer, count: int = 1, **options: Any) -> dict[str, str]:
    client = OpenAIServer("m", base_url=server.url, pause=0, **options)
    replies = list(client.generate(request(str(i)) for i in range(count)))
    assert len(replies) == count
    return {reply.key: reply.text for reply in replies}


def test_every_request_gets_its_own_reply(server: ModelServer) -> None:
    assert texts(server, 40) == {str(i): f"SAY {i}" for i in range(40)}


def test_a_reply_says_what_it_took(server: ModelServer) -> None:
    [reply] = OpenAIServer("m", base_url=server.url).generate([request("a")])

    assert (reply.prompt_tokens, reply.completion_tokens, reply.error) == (7, 3, "")


def test_model_sampling_and_messages_are_sent_as_asked(server: ModelServer) -> None:
    texts(server)

    [body] = server.bodies
    assert {k: body[k] for k in ("model", "temperature", "top_p", "max_tokens", "seed")} == {
        "model": "m",
        "temperature": 0.5,
        "top_p": 0.95,
        "max_tokens": 20,
        "seed": 4,
    }
    assert [m["role"] for m in body["messages"]] == ["system", "user"]


def test_no_more_are_in_flight_than_allowed(server: ModelServer) -> None:
    server.delay = 0.02

    texts(server, 12, concurrency=3)

    assert server.most == 3


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(failing(429), id="rate limit"),
        pytest.param(failing(429, {"retry-after": "0.01"}), id="rate limit with a wait"),
        pytest.param(failing(500), id="internal error"),
        pytest.param(failing(503), id="overloaded"),
        pytest.param(answering(b"<html>busy</html>"), id="a page"),
        pytest.param(answering(b""), id="nothing"),
        pytest.param(answering({"unexpected": True}), id="another object"),
        pytest.param(answering({"choices": []}), id="no choice"),
        pytest.param(answering(completion({"not": "text"})), id="no text"),
        pytest.param(dropping, id="dropped"),
        pytest.param(cut, id="cut off"),
    ],
)
def test_what_passes_by_itself_is_tried_again(server: ModelServer, fault: Fault) -> None:
    server.faults = [fault]

    assert texts(server) == {"0": "SAY 0"}
    assert len(server.bodies) == 2


def test_faults_change_neither_the_texts_nor_their_number(server: ModelServer) -> None:
    server.faults = [failing(429), failing(500), answering(b"{"), failing(502)] * 5

    assert texts(server, 30, concurrency=8) == {str(i): f"SAY {i}" for i in range(30)}


def test_retry_after_is_waited_for(server: ModelServer) -> None:
    server.faults = [failing(429, {"retry-after": "0.3"})]
    began = time.monotonic()

    texts(server)

    assert time.monotonic() - began >= 0.3


def test_a_refused_request_costs_only_itself(server: ModelServer) -> None:
    server.faults = [failing(400)]
    client = OpenAIServer("m", base_url=server.url, concurrency=1)

    first, second = client.generate([request("0"), request("1")])

    assert (first.text, second.text) == ("", "SAY 1")
    assert first.error.startswith("400")


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        pytest.param(failing(401), "CASE2CODE_LLM_KEY", id="key"),
        pytest.param(failing(404), "no model 'm'", id="model"),
        pytest.param(failing(500), "keeps failing", id="fault"),
        pytest.param(failing(429), "rate limit", id="rate"),
        pytest.param(answering({"hello": "world"}), "/v1", id="protocol"),
    ],
)
def test_a_fault_that_stays_is_one_error_that_says_what_to_do(
    server: ModelServer, fault: Fault, words: str
) -> None:
    server.forever = fault

    with pytest.raises(WriterError, match=words):
        texts(server, max_retries=1)


def test_no_server_is_an_error_that_names_the_setting() -> None:
    client = OpenAIServer("m", base_url="http://127.0.0.1:9/v1", max_retries=0)

    with pytest.raises(WriterError, match="CASE2CODE_LLM_URL"):
        list(client.generate([request("0")]))


def test_the_models_of_a_server_are_listed(server: ModelServer) -> None:
    assert OpenAIServer("m", base_url=server.url).models() == ("m",)


def test_a_reader_that_stops_early_leaves_nothing_running(server: ModelServer) -> None:
    replies = OpenAIServer("m", base_url=server.url, concurrency=2).generate(
        request(str(i)) for i in range(50)
    )

    next(replies)
    replies.close()  # type: ignore[attr-defined] - a generator

    assert len(server.bodies) <= 5
