"""Asks for what was never answered, within the budget, and says what it does as it goes.

What was kept is used first and counts towards the budget: a build never costs more than that
altogether, however often it was killed and started again.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from tasks.models.estimates import prompt_tokens, used
from tasks.models.keeping import KeptAnswers, key_of
from tasks.models.requests import Generate, Reply, Request
from tasks.models.spending import Meter, money, within_budget
from tasks.notices import notice
from tasks.records.configs import AskConfig
from tasks.records.steps import WriterUsage

NOTICE_SECONDS = 15.0
EXPECTED_ANSWER_TOKENS = 300
"""Ten rows of arguments. Source: answers of Qwen2.5-Coder-0.5B-Instruct, mean 250 to 300."""


@dataclass
class Plan:
    """What will be asked, before anything is."""

    functions: int = 0
    requests: int = 0
    kept: int = 0
    prompt_tokens: int = 0
    """Of the requests that were never answered; an estimate, as the next one is."""
    completion_tokens: int = 0

    def add(self, request: Request, *, kept: bool) -> None:
        """One more request."""
        self.requests += 1
        self.functions += request.sample == 0
        self.kept += kept
        if not kept:
            self.prompt_tokens += prompt_tokens(request)
            self.completion_tokens += min(EXPECTED_ANSWER_TOKENS, request.max_tokens)

    def said(self, config: AskConfig) -> str:
        """One line for the person who pays."""
        calls = self.requests - self.kept
        text = f"{config.name}: {self.functions:,} functions, {calls:,} calls"
        if self.kept:
            text += f" ({self.kept:,} answers are kept from before)"
        text += (
            f", some {self.prompt_tokens:,} tokens to read and {self.completion_tokens:,} to write"
        )
        if config.price:
            cost = money(config.price, self.prompt_tokens, self.completion_tokens)
            text += f", some {config.price.said(cost)}"
        if config.budget:
            text += f"; the budget ends it at {config.budget}"
        return text


@dataclass
class Asking:
    """Asking one model for one run: what it answered before, and what it may still cost."""

    config: AskConfig
    kept: KeptAnswers
    open: Callable[[], Generate]
    """Called before the first request that is sent: a model takes seconds to load."""
    plan: Plan = field(default_factory=Plan)
    _foreseen: set[str] = field(default_factory=set)
    _new: int = 0
    _refused: int = 0
    _tokens: tuple[int, int] = (0, 0)
    _new_tokens: tuple[int, int] = (0, 0)
    _generate: Generate | None = None
    _began: float = 0.0
    _said: float = 0.0

    def __post_init__(self) -> None:
        self._meter = Meter(self.config.budget, self.config.price)
        self._began = self._said = time.monotonic()

    def foresee(self, requests: Iterable[Request]) -> None:
        """Counts what these will take; what was kept is charged to the budget at once."""
        for request in requests:
            reply = self.kept.reply(request)
            key = key_of(self.kept.model, request)
            self.plan.add(request, kept=reply is not None or key in self._foreseen)
            self._foreseen.add(key)
            if reply is not None:
                self._meter.book(request, reply)

    def announce(self) -> None:
        """Says what will be asked."""
        notice(self.plan.said(self.config))

    def replies(self, requests: Sequence[Request]) -> dict[str, Reply]:
        """The reply to each request that was answered, now or before, by its key.

        Requests that ask the same are asked once.
        """
        found: dict[str, Reply] = {}
        missing: dict[str, Request] = {}
        for request in requests:
            if reply := self.kept.reply(request):
                found[request.key] = reply
                self._count(request, reply)
            else:
                missing.setdefault(key_of(self.kept.model, request), request)
        if missing:
            found |= self._ask([*missing.values()])
        for request in requests:
            twin = missing.get(key_of(self.kept.model, request), request)
            if twin.key in found:
                found[request.key] = replace(found[twin.key], key=request.key)
        return found

    def _ask(self, requests: Sequence[Request]) -> dict[str, Reply]:
        if self._generate is None:
            self._generate = self.open()
        asked = within_budget(requests, self._generate, self._meter, self._keep)
        return {reply.key: reply for reply in asked}

    def _keep(self, request: Request, reply: Reply) -> None:
        self.kept.add(request, reply)
        self._new += not reply.error
        self._refused += bool(reply.error)
        self._new_tokens = _sum(self._new_tokens, used(request, reply))
        self._count(request, reply)
        if time.monotonic() - self._said >= NOTICE_SECONDS:
            self._said = time.monotonic()
            missing = self.plan.requests - self.plan.kept
            tokens = sum(self._new_tokens)
            notice(f"{self.config.name}: {self._new:,} of {missing:,} answers, {tokens:,} tokens")

    def _count(self, request: Request, reply: Reply) -> None:
        self._tokens = _sum(self._tokens, used(request, reply))

    @property
    def usage(self) -> WriterUsage:
        """What it came to."""
        price = self.config.price
        return WriterUsage(
            writer=str(self.config.name),
            functions=self.plan.functions,
            answers=self.plan.kept + self._new,
            refused=self._refused,
            prompt_tokens=self._tokens[0],
            completion_tokens=self._tokens[1],
            cost=money(price, *self._tokens) if price else None,
            currency=price.currency if price else "",
            new_answers=self._new,
            new_tokens=sum(self._new_tokens),
            new_cost=money(price, *self._new_tokens) if price else None,
            seconds=round(time.monotonic() - self._began, 3),
        )


def _sum(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return one[0] + other[0], one[1] + other[1]
