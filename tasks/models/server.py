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

from openai import APIStatusError, AsyncOpenAI, RateLimitError

from tasks.errors import WriterError
from tasks.models.estimates import estimated_tokens
from tasks.models.faults import FAULTS, REFUSED, Fault, Where, is_refusal, may_pass
from tasks.models.pace import Pace, retry_after
from tasks.models.probing import PREFILL, SCHEMA, goes_on, is_held_to_schema
from tasks.models.protocol import PLAIN, Abilities, body_of, reply_of
from tasks.models.requests import Reply, Request

Result = TypeVar("Result")

MAX_PAUSE = 30.0
"""Seconds between two tries."""
HOLDING = frozenset((429, 503))
"""Statuses that hold everybody, not only who was told."""
SURE = 2
"""Failures of a request after which an answer to another shows that the server is well."""
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
        self._where = Where(base_url, model, timeout)
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
            base_url=self._where.url, api_key=self._api_key, max_retries=0, timeout=self._timeout
        )

    async def _stream(self, requests: Iterable[Request]) -> AsyncGenerator[list[Reply], None]:
        """Replies as they come.

        After a failure nothing more is sent, but what is in flight, and so is paid for, is handed
        on before the failure is raised.
        """
        left = iter(requests)
        pending: set[asyncio.Task[Reply]] = set()
        failure: BaseException | None = None
        async with self._client() as client:
            probing = asyncio.Lock()
            try:
                while failure is None or pending:
                    free = 0 if failure else self._concurrency - len(pending)
                    for request in islice(left, free):
                        answer = self._answer(_Asking(client, request, probing))
                        pending.add(asyncio.create_task(answer))
                    if not pending:
                        return
                    done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                    errors = [error for task in done if (error := task.exception())]
                    failure = failure or next(iter(errors), None)
                    if replies := [task.result() for task in done if not task.exception()]:
                        yield replies
                if failure:
                    raise failure
            finally:
                for task in pending:
                    task.cancel()
                await asyncio.gather(*pending, return_exceptions=True)

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
            WriterError: Nobody is answered, or no second try would help.
        """
        tries = _Tries(key, self._answered)
        while True:
            try:
                return await ask()
            except FAULTS as fault:
                if is_refusal(fault):
                    raise
                tries.fail(fault, self._answered)
                if not may_pass(fault):
                    raise WriterError(self._where.advice(fault)) from fault
                if tries.failed >= self._tries:
                    if tries.alone:
                        raise _AloneError(str(fault)) from fault
                    raise WriterError(self._where.advice(fault)) from fault
                await self._rest(tries, fault)

    async def _rest(self, tries: "_Tries", fault: Fault) -> None:
        """The wait before the next try: the server's own wish, or a growing, jittered one."""
        pause = min(self._pause * 2 ** (tries.failed - 1), MAX_PAUSE) * tries.jitter
        if isinstance(fault, APIStatusError) and fault.status_code in HOLDING:
            # Nobody else would fare better before that.
            self._pace.hold(retry_after(fault.response.headers) or pause)
        else:
            await asyncio.sleep(pause)


_EXTRA = frozenset(("continue_final_message", "add_generation_prompt"))


class _Tries:
    """How often a request failed, and whether others fared better."""

    def __init__(self, key: str, answered: int) -> None:
        self.failed = 0
        self._key = key
        self._last = self._since = answered

    def fail(self, fault: Fault, answered: int) -> None:
        """Once more. A rate limit that lets others through is a queue, and no failure."""
        waits = isinstance(fault, RateLimitError) and answered > self._last
        self.failed = 1 if waits else self.failed + 1
        if self.failed <= SURE:
            # Those that were on their way when a server died are no sign of its life.
            self._since = answered
        self._last = answered

    @property
    def alone(self) -> bool:
        """Others were answered all the while."""
        return self._last > self._since

    @property
    def jitter(self) -> float:
        """Another for each request and try, the same each time."""
        return Random(f"{self._key}:{self.failed}").uniform(0.5, 1.5)  # noqa: S311 - no secret


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
