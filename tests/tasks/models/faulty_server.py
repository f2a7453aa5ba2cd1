"""A server of the OpenAI protocol that misbehaves on order: a process of its own, over HTTP.

    python faulty_server.py PORT

PORT is one that the parent holds (see `serving.py`); the line `ready` says that it listens. POST
/control sets its ways, POST /reset begins anew, GET /stats tells what was asked. Not part of any
package: the tests and the benchmark start it, and it stands on the standard library alone.

Ways:
    faults: what becomes of the first request, the second and so on, by name; "" and all after the
        last are answered as they should be.
    alone: a text; requests that hold it are answered with status 500, always.
    delay: seconds before an answer.
    context: characters of a prompt beyond which it is too long.
    schema: hold answers to schemas; refuse: answer 400 to them; ignore: leave them be.
    prefill: go on with turns that were begun.
    headers: sent with every answer.
    refuses: parameters that it does not take, and what it says of them.
    answer: a text that every request is answered with.
    every: answers only one in so many requests, and 429 to the others, without Retry-After.

What is answered depends on the request alone. `say X` is answered X in capitals, anything else
with rows of inputs for the last function in the prompt.
"""

import asyncio
import hashlib
import json
import re
import socket
import sys
from collections import Counter
from typing import Any, NamedTuple

REASONS = {200: "OK", 400: "Bad Request", 429: "Too Many", 500: "Error", 503: "Overloaded"}


class Ways:
    """How it behaves now, and what it has seen."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.alone = ""
        self.delay = 0.0
        self.context = 1_000_000
        self.schema = "ignore"
        self.prefill = False
        self.headers: dict[str, str] = {}
        self.refuses: dict[str, str] = {}
        self.answer = ""
        self.every = 0
        self.requests = 0
        self.answered: Counter[str] = Counter()
        self.bodies: list[dict[str, Any]] = []
        self.running = 0
        self.most = 0


NOW = [Ways()]
"""The ways of connections that are made now; each keeps those it was made under."""


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection, as long as the client keeps it."""
    ways = NOW[0]
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
            body = await reader.readexactly(int(length[1])) if length else b"{}"
            method, path, _ = head.decode().split(" ", 2)
            await answer(Line(writer, ways), method, path, json.loads(body))
    except (asyncio.IncompleteReadError, ConnectionError):
        return
    finally:
        writer.close()


class Line(NamedTuple):
    """A connection and the ways that hold on it."""

    writer: asyncio.StreamWriter
    ways: Ways


async def answer(line: Line, method: str, path: str, body: Any) -> None:
    ways = line.ways
    if path == "/control":
        vars(ways).update(body)
        await send(line, 200, {})
    elif path == "/reset":
        NOW[0] = Ways()
        await send(line, 200, {})
    elif path == "/stats":
        seen = ("requests", "most", "bodies")
        stats = {name: getattr(ways, name) for name in seen} | {"answered": dict(ways.answered)}
        await send(line, 200, stats)
    elif method == "GET":
        await send(line, 200, {"object": "list", "data": [{"id": "m", "object": "model"}]})
    else:
        ways.running += 1
        ways.most = max(ways.most, ways.running)
        try:
            await complete(line, path, body)
        finally:
            ways.running -= 1


async def complete(line: Line, path: str, body: dict[str, Any]) -> None:
    """An answer, or the fault that is due."""
    ways = line.ways
    number, ways.requests = ways.requests, ways.requests + 1
    ways.bodies.append(body)
    fault = ways.faults[number] if number < len(ways.faults) else ""
    prompt = body["messages"][-1]["content"] if "messages" in body else body["prompt"]
    if ways.delay:
        await asyncio.sleep(ways.delay)
    if ways.alone and ways.alone in json.dumps(body):
        await send(line, 500, error("it cannot be helped"))
    elif sum(len(each["content"]) for each in body.get("messages", [])) > ways.context:
        await send(line, 400, error("the context is too long", code="context_length_exceeded"))
    elif "response_format" in body and ways.schema == "refuse":
        await send(line, 400, error("response_format is not supported"))
    elif refused := [name for name in ways.refuses if name in body]:
        await send(line, 400, error(ways.refuses[refused[0]], param=refused[0]))
    elif ways.every and number % ways.every:
        await send(line, 429, error("too many"))
    elif fault:
        await FAULTS[fault](line, whole(ways, path, body, prompt))
    else:
        await send(line, 200, whole(ways, path, body, prompt))
        ways.answered[digest(body)] += 1


def digest(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def error(message: str, **more: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": "error", **more}}


def whole(ways: Ways, path: str, body: dict[str, Any], prompt: str) -> dict[str, Any]:
    text = said(ways, body, prompt)
    choice: dict[str, Any] = {"index": 0, "finish_reason": "stop"}
    chat = path.endswith("/chat/completions")
    choice |= {"message": {"role": "assistant", "content": text}} if chat else {"text": text}
    usage = {"prompt_tokens": len(prompt) // 4, "completion_tokens": len(text) // 4}
    usage["total_tokens"] = sum(usage.values())
    name = "chat.completion" if chat else "text_completion"
    return {
        "id": "1",
        "object": name,
        "created": 0,
        "model": body["model"],
        "choices": [choice],
        "usage": usage,
    }


def said(ways: Ways, body: dict[str, Any], prompt: str) -> str:
    """What a model of these abilities would say."""
    if ways.answer:
        return ways.answer
    if "response_format" in body and ways.schema == "hold":
        schema = body["response_format"]["json_schema"]["schema"]
        return json.dumps({name: filled(each) for name, each in schema["properties"].items()})
    last = body.get("messages", [{}])[-1]
    if last.get("role") == "assistant" and ways.prefill:
        return "is." if "Par" in last["content"] else "'rows that go on'),"
    if prompt.startswith("say "):
        return prompt.upper()
    name = re.findall(r"def \w+\((\w+)", prompt)[-1:] or ["x"]
    salt = digest(body)[:6]
    return f"examples = [dict({name[0]}={salt!r}), dict({name[0]}={int(salt, 16)})]"


def filled(schema: dict[str, Any]) -> Any:
    """The plainest value that fits."""
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "object":
        return {name: filled(each) for name, each in schema.get("properties", {}).items()}
    if schema.get("type") == "array":
        return [filled(schema["items"])]
    return {"integer": 7, "number": 0.5, "boolean": True, "null": None}.get(
        schema.get("type", ""), "a text"
    )


async def send(line: Line, status: int, body: Any, **headers: str) -> None:
    line.writer.write(packed(line.ways, status, body, **headers))
    await line.writer.drain()


def packed(ways: Ways, status: int, body: Any, **headers: str) -> bytes:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    fields = {"content-type": "application/json", "content-length": str(len(raw))}
    fields |= {name.replace("_", "-"): value for name, value in (ways.headers | headers).items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} {REASONS.get(status, 'No')}\r\n{head}\r\n".encode() + raw


def status(number: int, code: str = "", **headers: str) -> Any:
    async def fail(line: Line, _: Any) -> None:
        await send(line, number, error("no", code=code), **headers)

    return fail


def body(raw: Any) -> Any:
    async def babble(line: Line, _: Any) -> None:
        await send(line, 200, raw)

    return babble


async def dropped(line: Line, _: Any) -> None:
    """Not a word."""
    line.writer.transport.abort()


async def half(line: Line, answer: Any) -> None:
    """The connection goes in the middle of the answer."""
    raw = packed(line.ways, 200, answer)
    line.writer.write(raw[: len(raw) * 2 // 3])
    await line.writer.drain()
    line.writer.transport.abort()


async def slow(line: Line, answer: Any) -> None:
    """Byte by byte, and never to the end."""
    for byte in packed(line.ways, 200, answer)[:400]:
        line.writer.write(bytes([byte]))
        await line.writer.drain()
        await asyncio.sleep(0.05)


SOON = {"retry_after_ms": "1"}
"""So that the waits of the client are short here."""
FAULTS = {
    "429": status(429, **SOON),
    "429 without": status(429),
    "429 a moment": status(429, retry_after="0.2"),
    "quota": status(429, code="insufficient_quota"),
    "500": status(500, **SOON),
    "500 without": status(500),
    "503": status(503, **SOON),
    "400": status(400),
    "401": status(401),
    "404": status(404),
    "page": body(b"<html>busy</html>"),
    "nothing": body(b""),
    "other": body({"hello": "world"}),
    "no choice": body({"choices": []}),
    "no text": body({"choices": [{"message": {"content": {"not": "text"}}, "text": 7}]}),
    "cut JSON": body(b'{"choices": [{"mess'),
    "dropped": dropped,
    "half": half,
    "slow": slow,
}


async def main() -> None:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind(("127.0.0.1", int(sys.argv[1])))
    server = await asyncio.start_server(serve, sock=listener, backlog=512)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
