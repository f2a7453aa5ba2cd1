"""Any server that speaks the OpenAI chat protocol: vLLM, SGLang, llama.cpp, Ollama, a paid API.

Promised: every request gets one reply, or all end in one WriterError. What may pass by itself
(rate limits, with Retry-After; faults of the server; dropped connections; garbage) is tried
again with growing, jittered waits. What is wrong with one request (its prompt is too long, say)
costs that request alone. Not covered: streams, tools, constrained decoding.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from openai import (
    APIConnectionError,
    APIResponseValidationError,
    APIStatusError,
    AsyncOpenAI,
    OpenAIError,
    RateLimitError,
)

from tasks.errors import WriterError
from tasks.models.requests import Reply, Request

Result = TypeVar("Result")

GARBAGE_ATTEMPTS = 4
"""Answers that are not what the protocol says, in a row, before giving up."""
REFUSED = frozenset((400, 413, 422))
"""Statuses that blame the request: asking again would not help, another request may do."""


class OpenAIServer:
    """A model behind a server. Bounded concurrency; nothing is sent before `generate` is read.

    `timeout` is that of one request and `pause` the first wait after garbage, both in seconds.
    """

    def __init__(  # noqa: PLR0913 - each has a default that does
        self,
        model: str,
        *,
        base_url: str,
        api_key: str | None = None,
        concurrency: int = 32,
        max_retries: int = 8,
        timeout: float = 300.0,
        pause: float = 1.0,
    ) -> None:
        self.model = model
        self._base_url = base_url
        # Servers of one's own mostly need no key, but the client insists on one.
        self._api_key = api_key or "none"
        self._concurrency = concurrency
        self._max_retries = max_retries
        self._timeout = timeout
        self._pause = pause

    def generate(self, requests: Iterable[Request]) -> Iterator[Reply]:
        """Replies in the order in which they arrive.

        Raises:
            WriterError: the server cannot be reached, does not know the model or the key, or
                keeps failing after all retries. The message says what to set.
        """
        with asyncio.Runner() as runner:
            stream = self._stream(requests)
            try:
                while (reply := runner.run(_next(stream))) is not None:
                    yield reply
            finally:
                runner.run(stream.aclose())

    def models(self) -> tuple[str, ...]:
        """Names of the models that the server has. Raises WriterError as `generate` does."""
        return asyncio.run(self._models())

    async def _models(self) -> tuple[str, ...]:
        async with self._client() as client:
            page = await self._asked(client.models.list)
            return tuple(model.id for model in page.data or ())

    def _client(self) -> AsyncOpenAI:
        return AsyncOpenAI(
            base_url=self._base_url,
            api_key=self._api_key,
            max_retries=self._max_retries,
            timeout=self._timeout,
        )

    async def _stream(self, requests: Iterable[Request]) -> AsyncGenerator[Reply, None]:
        left = iter(requests)
        pending: set[asyncio.Task[Reply]] = set()
        done: set[asyncio.Task[Reply]] = set()
        async with self._client() as client:
            try:
                while True:
                    for request in islice(left, self._concurrency - len(pending)):
                        pending.add(asyncio.create_task(self._answer(client, request)))
                    if not pending:
                        return
                    done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                    for task in done:
                        yield task.result()
            finally:
                for task in pending:
                    task.cancel()
                # Those that are done too: of several that failed at once, one was raised.
                await asyncio.gather(*pending, *done, return_exceptions=True)

    async def _answer(self, client: AsyncOpenAI, request: Request) -> Reply:
        async def ask() -> Reply:
            response = await client.chat.completions.create(
                model=self.model,
                messages=_messages(request),
                temperature=request.temperature,
                top_p=request.top_p,
                max_tokens=request.max_tokens,
                seed=request.seed,
            )
            return _reply(request, response)

        try:
            return await self._asked(ask)
        except APIStatusError as error:
            return Reply(request.key, "", error=f"{error.status_code}: {error.message[:300]}")

    async def _asked(self, ask: Callable[[], Awaitable[Result]]) -> Result:
        """Ask again where the answer is garbage. Statuses in `REFUSED` are raised as they are."""
        for attempt in range(GARBAGE_ATTEMPTS):
            try:
                return await ask()
            except (_GarbageError, APIResponseValidationError, json.JSONDecodeError):
                await asyncio.sleep(self._pause * 2**attempt)
            except APIStatusError as error:
                if error.status_code in REFUSED:
                    raise
                raise WriterError(self._advice(error)) from error
            except OpenAIError as error:
                raise WriterError(self._advice(error)) from error
        raise WriterError(
            f"{self._base_url} does not answer as an OpenAI-compatible server would:"
            " the base URL mostly ends in /v1 (CASE2CODE_LLM_URL)"
        )

    def _advice(self, error: OpenAIError) -> str:
        where = f"the model server at {self._base_url}"
        if isinstance(error, APIConnectionError):
            return (
                f"{where} cannot be reached ({error.__cause__ or error}): start one there, or set"
                " CASE2CODE_LLM_URL to the base URL of one that runs"
            )
        if isinstance(error, RateLimitError):
            return f"{where} keeps refusing for its rate limit: try again later ({error})"
        status = getattr(error, "status_code", None)
        if status in {401, 403}:
            return f"{where} does not accept the key: set CASE2CODE_LLM_KEY ({status})"
        if status == 404:  # noqa: PLR2004 - HTTP's own number
            return (
                f"{where} knows no model {self.model!r} (404): name one that it has, as in"
                " --writer openai:MODEL, and check that CASE2CODE_LLM_URL ends as it should (/v1)"
            )
        return f"{where} keeps failing: {error}"


def _messages(request: Request) -> list[Any]:
    # The client has a type for each role; which roles there are is the server's affair.
    return [{"role": message.role, "content": message.content} for message in request.messages]


async def _next(stream: AsyncGenerator[Reply, None]) -> Reply | None:
    return await anext(stream, None)


class _GarbageError(Exception):
    """A reply without what the protocol promises."""


def _reply(request: Request, response: Any) -> Reply:
    choices = getattr(response, "choices", None)
    if not isinstance(choices, list) or not choices:
        raise _GarbageError
    message = getattr(choices[0], "message", None)
    text = getattr(message, "content", None)
    if message is None or not isinstance(text, str | None):
        raise _GarbageError
    usage = getattr(response, "usage", None)
    return Reply(
        key=request.key,
        text=text or "",
        prompt_tokens=getattr(usage, "prompt_tokens", 0) or 0,
        completion_tokens=getattr(usage, "completion_tokens", 0) or 0,
    )
