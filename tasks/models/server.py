"""Any server that speaks the OpenAI protocol: vLLM, SGLang, TGI, llama.cpp, Ollama, a paid API.

Promised: every request gets one reply, or all end in one WriterError. What may pass by itself
(rate limits, faults of the server, dropped connections, answers cut off, garbage) is tried again
with growing, jittered waits, and Retry-After is waited for. What is wrong with one request (its
prompt is too long, say) costs that request alone, and so does a request that keeps failing while
others are answered. Schemas and begun turns are used where a probe saw that the server can.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from random import Random
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
from tasks.models.estimates import estimated_tokens
from tasks.models.pace import Pace, retry_after
from tasks.models.probing import PREFILL, SCHEMA, goes_on, is_held_to_schema
from tasks.models.protocol import PLAIN, Abilities, GarbageError, body_of, reply_of
from tasks.models.requests import Reply, Request

Result = TypeVar("Result")

REFUSED = frozenset((400, 413, 422))
"""Statuses that blame the request: asking again would not help, another request may do."""
PASSING = frozenset((408, 409, 425, 429))
"""Statuses that may pass by themselves, beside those of 500 and above."""
MAX_PAUSE = 30.0
"""Seconds between two tries."""
OPTIONAL = ("seed", "top_p", "temperature", "stop")
"""Parameters without which a server that does not take them is asked."""


class OpenAIServer:
    """A model behind a server. Bounded concurrency; nothing is sent before `generate` is read.

    `timeout` is that of one try and `pause` the first wait after a fault, both in seconds.
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
        pause: float = 0.5,
        pace: Pace | None = None,
    ) -> None:
        self.model = model
        self._base_url = base_url
        # Servers of one's own mostly need no key, but the client insists on one.
        self._api_key = api_key or "none"
        self._concurrency = concurrency
        self._tries = max_retries + 1
        self._timeout = timeout
        self._pause = pause
        self._pace = pace or Pace()
        self._answered = 0
        self._abilities: Abilities | None = None
        self._names: dict[str, str | None] = {}
        """Parameters that this server has under another name, or not at all."""

    def generate(self, requests: Iterable[Request]) -> Iterator[Reply]:
        """Replies in the order in which they arrive.

        Raises:
            WriterError: the server cannot be reached, does not know the model or the key, or
                keeps failing after all retries. The message says what to set.
        """
        with asyncio.Runner() as runner:
            stream = self._stream(requests)
            try:
                while replies := runner.run(_next(stream)):
                    yield from replies
            finally:
                runner.run(stream.aclose())

    def models(self) -> tuple[str, ...]:
        """Names of the models that the server has. Raises WriterError as `generate` does."""
        return asyncio.run(self._models())

    async def _models(self) -> tuple[str, ...]:
        async with self._client() as client:
            page = await self._persevering("models", client.models.list)
            return tuple(model.id for model in page.data or ())

    def _client(self) -> AsyncOpenAI:
        return AsyncOpenAI(
            base_url=self._base_url, api_key=self._api_key, max_retries=0, timeout=self._timeout
        )

    async def _stream(self, requests: Iterable[Request]) -> AsyncGenerator[list[Reply], None]:
        left = iter(requests)
        pending: set[asyncio.Task[Reply]] = set()
        done: set[asyncio.Task[Reply]] = set()
        async with self._client() as client:
            probing = asyncio.Lock()
            try:
                while True:
                    for request in islice(left, self._concurrency - len(pending)):
                        pending.add(
                            asyncio.create_task(self._answer(_Asking(client, request, probing)))
                        )
                    if not pending:
                        return
                    done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                    yield [task.result() for task in done]
            finally:
                for task in pending:
                    task.cancel()
                # Those that are done too: of several that failed at once, one was raised.
                await asyncio.gather(*pending, *done, return_exceptions=True)

    async def _answer(self, asking: "_Asking") -> Reply:
        request = asking.request
        extras = request.messages and (request.schema or request.prefill)
        able = await self._able(asking) if extras else PLAIN
        try:
            return await self._persevering(request.key, lambda: self._ask(asking, able))
        except APIStatusError as error:
            return Reply(request.key, "", error=f"{error.status_code}: {error.message[:300]}")
        except _AloneError as error:
            return Reply(request.key, "", error=f"it kept failing: {error}"[:300])

    async def _able(self, asking: "_Asking") -> Abilities:
        """What the server can do, asked once: see `tasks.models.probing`."""
        async with asking.probing:
            if self._abilities is None:
                schema = await self._probe(asking, SCHEMA, Abilities(schema=True))
                prefill = await self._probe(asking, PREFILL, Abilities(prefill=True))
                self._abilities = Abilities(
                    schema=schema is not None and is_held_to_schema(schema),
                    prefill=prefill is not None and goes_on(prefill),
                )
        return self._abilities

    async def _probe(self, asking: "_Asking", probe: Request, able: Abilities) -> Reply | None:
        body = self._known(body_of(self.model, probe, able))
        try:
            return await self._persevering(
                probe.key, lambda: self._post(asking.client, probe, body)
            )
        except (APIStatusError, _AloneError):
            return None

    async def _ask(self, asking: "_Asking", able: Abilities) -> Reply:
        """One try. What the server refuses for one of our extras is asked without it."""
        request = asking.request
        while True:
            body = self._known(body_of(self.model, request, able))
            try:
                return await self._post(asking.client, request, body)
            except APIStatusError as error:
                if error.status_code not in REFUSED:
                    raise
                if self._learn_name(error, body):
                    continue
                if "response_format" not in body and "continue_final_message" not in body:
                    raise
                able = replace(able, schema=False, prefill="response_format" in body)

    async def _post(self, client: AsyncOpenAI, request: Request, body: dict[str, Any]) -> Reply:
        await self._pace.wait(estimated_tokens(request))
        asked = client.chat.completions if request.messages else client.completions
        # Over the names that the client's own methods have: a server may take others.
        extra = {key: body.pop(key) for key in list(body) if key in _EXTRA}
        async with asyncio.timeout(self._timeout):
            raw = await asked.with_raw_response.create(**body, extra_body=extra)
        self._pace.heed(raw.headers)
        reply = reply_of(request, body | extra, raw.text)
        self._answered += 1
        return reply

    def _known(self, body: dict[str, Any]) -> dict[str, Any]:
        """The body with the names that this server is known to take."""
        named = {self._names.get(key, key): value for key, value in body.items()}
        return {key: value for key, value in named.items() if key is not None}

    def _learn_name(self, error: APIStatusError, body: dict[str, Any]) -> bool:
        """Whether the refusal names a parameter that can be left out or called otherwise."""
        name = error.param
        if name == "max_tokens" and "max_completion_tokens" in error.message and name in body:
            self._names[name] = "max_completion_tokens"
        elif name in OPTIONAL and name in body:
            self._names[name] = None
        else:
            return False
        return True

    async def _persevering(self, key: str, ask: Callable[[], Awaitable[Result]]) -> Result:
        """Tries again what may pass. Statuses in REFUSED are raised as they are.

        Raises:
            _AloneError: All tries failed, but others were answered meanwhile.
            WriterError: Nobody is answered.
        """
        answered = self._answered
        fault: Exception = GarbageError()
        for attempt in range(self._tries):
            if attempt == 1:
                # Those that were on their way when a server died are no sign of its life.
                answered = self._answered
            try:
                return await ask()
            except (GarbageError, APIResponseValidationError, TimeoutError, OpenAIError) as error:
                self._raise_final(error)
                fault = error
            if attempt + 1 < self._tries:
                await self._rest(key, attempt, fault)
        if self._tries > 1 and self._answered > answered:
            raise _AloneError(str(fault)) from fault
        raise WriterError(self._advice(fault)) from fault

    def _raise_final(self, error: Exception) -> None:
        """Raises what no second try would mend."""
        if not isinstance(error, APIStatusError):
            return
        if error.status_code in REFUSED:
            raise error
        passing = error.status_code in PASSING or error.status_code >= 500  # noqa: PLR2004 - HTTP's
        if not passing or error.code == "insufficient_quota":
            raise WriterError(self._advice(error)) from error

    async def _rest(self, key: str, attempt: int, fault: Exception) -> None:
        """The wait before the next try: the server's own wish, or a growing, jittered one."""
        if isinstance(fault, APIStatusError):
            wish = retry_after(fault.response.headers)
            if wish is not None:
                self._pace.hold(wish)
                return
        jitter = Random(f"{key}:{attempt}").uniform(0.5, 1.5)  # noqa: S311 - guards nothing
        await asyncio.sleep(min(self._pause * 2**attempt, MAX_PAUSE) * jitter)

    def _advice(self, error: Exception) -> str:
        where = f"the model server at {self._base_url}"
        if isinstance(error, GarbageError | APIResponseValidationError):
            return (
                f"{self._base_url} does not answer as an OpenAI-compatible server would:"
                " the base URL mostly ends in /v1 (CASE2CODE_LLM_URL)"
            )
        if isinstance(error, APIConnectionError):
            return (
                f"{where} cannot be reached ({error.__cause__ or error}): start one there, or set"
                " CASE2CODE_LLM_URL to the base URL of one that runs"
            )
        if isinstance(error, RateLimitError):
            return f"{where} keeps refusing for its rate limit or quota: try again later ({error})"
        if isinstance(error, TimeoutError):
            return f"{where} gives no answer within {self._timeout:.0f} s (CASE2CODE_LLM_TIMEOUT)"
        return self._advice_for_status(where, error)

    def _advice_for_status(self, where: str, error: Exception) -> str:
        status = getattr(error, "status_code", None)
        if status in {401, 403}:
            return f"{where} does not accept the key: set CASE2CODE_LLM_KEY ({status})"
        if status == 404:  # noqa: PLR2004 - HTTP's own number
            return (
                f"{where} knows no model {self.model!r} (404): name one that it has, as in"
                " --writer openai:MODEL, and check that CASE2CODE_LLM_URL ends as it should (/v1)"
            )
        return f"{where} keeps failing: {error}"


_EXTRA = frozenset(("continue_final_message", "add_generation_prompt"))


class _AloneError(Exception):
    """A request that kept failing while others were answered."""


@dataclass(frozen=True, slots=True)
class _Asking:
    """A request on its way."""

    client: AsyncOpenAI
    request: Request
    probing: asyncio.Lock


async def _next(stream: AsyncGenerator[list[Reply], None]) -> list[Reply]:
    return await anext(stream, [])
