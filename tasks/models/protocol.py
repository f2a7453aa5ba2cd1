"""The two endpoints of the OpenAI protocol that give text: what is sent, what comes back.

Covered: chat and completion; JSON schemas; turns that were begun. Not covered: streams, tools,
several choices in one answer (a request is one answer, see `tasks.models.requests`).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tasks.models.requests import Reply, Request


class GarbageError(Exception):
    """An answer without what the protocol promises."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a server was seen to do beyond plain chats."""

    schema: bool = False
    """It holds answers to a JSON schema."""
    prefill: bool = False
    """It goes on with a turn of the assistant's."""


PLAIN = Abilities()


def body_of(model: str, request: Request, able: Abilities) -> dict[str, Any]:
    """What is sent for a request."""
    body: dict[str, Any] = {
        "model": model,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "max_tokens": request.max_tokens,
        "seed": request.seed,
    }
    if request.stop:
        body["stop"] = list(request.stop)
    if not request.messages:
        return body | {"prompt": request.prompt + request.prefill}
    body["messages"] = [{"role": each.role, "content": each.content} for each in request.messages]
    if request.schema is not None and able.schema:
        schema = {"name": "answer", "strict": True, "schema": request.schema}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    elif request.prefill and able.prefill:
        body["messages"].append({"role": "assistant", "content": request.prefill})
        # As vLLM and SGLang call it; others go on with a last turn of the assistant's anyway.
        body |= {"continue_final_message": True, "add_generation_prompt": False}
    return body


def reply_of(request: Request, body: Mapping[str, Any], text: str) -> Reply:
    """The reply in an answer's text. Raises GarbageError where it is none."""
    try:
        answer = json.loads(text)
        choice = answer["choices"][0]
        said = choice["message"]["content"] if "messages" in body else choice["text"]
        usage = answer.get("usage") or {}
        read, written = (int(usage.get(f"{kind}_tokens") or 0) for kind in ("prompt", "completion"))
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise GarbageError(text[:200]) from error
    if not isinstance(said, str | None):
        raise GarbageError(text[:200])
    cut = choice.get("finish_reason") == "length"
    return Reply(request.key, _whole(request, body, said or ""), read, written, cut=cut)


def _whole(request: Request, body: Mapping[str, Any], said: str) -> str:
    """What was said with the prefill that it goes on from, unless the server repeats that."""
    used = "prompt" in body or "continue_final_message" in body
    return said if not used or said.startswith(request.prefill) else request.prefill + said
