"""What answers cost: prices, a budget that is never passed, and the meter between them.

Before a request is sent, the most that it may cost is set aside; when its answer is there, what
it did cost is booked instead. So the budget holds as far as the estimate of the prompt does
(`tasks.models.estimates`), whatever is in flight.
"""

from collections.abc import Callable, Iterator, Sequence

from tasks.models.estimates import prompt_tokens, used
from tasks.models.requests import Generate, Reply, Request
from tasks.records.writers import Budget, Price

PER = 1_000_000
"""Tokens that a price is for."""


def money(price: Price | None, prompt: int, completion: int) -> float:
    """What tokens cost, in the currency of the price."""
    if price is None:
        return 0.0
    return (prompt * price.prompt + completion * price.completion) / PER


class Meter:
    """What was spent, what is set aside, and what may still be."""

    def __init__(self, budget: Budget | None, price: Price | None) -> None:
        self._budget = budget
        self._price = price
        self._spent = 0.0
        self._aside: dict[str, float] = {}
        self._set_aside = 0.0

    def allows(self, request: Request) -> bool:
        """Sets aside what the request may cost, and says whether there is as much."""
        most = self._cost(prompt_tokens(request), request.max_tokens)
        if self._budget and self._spent + self._set_aside + most > self._budget.amount:
            return False
        self._aside[request.key] = most
        self._set_aside += most
        return True

    def book(self, request: Request, reply: Reply) -> None:
        """Counts what an answer did cost."""
        self._set_aside -= self._aside.pop(request.key, 0.0)
        self._spent += self._cost(*used(request, reply))

    def _cost(self, prompt: int, completion: int) -> float:
        if self._budget is None or not self._budget.currency:
            return prompt + completion
        return money(self._price, prompt, completion)


def within_budget(
    requests: Sequence[Request],
    generate: Generate,
    meter: Meter,
    keep: Callable[[Request, Reply], None],
) -> Iterator[Reply]:
    """Replies to as many of the requests, in order, as the budget has room for.

    `keep` is called with each answer before anybody else sees it. Where what was set aside for
    those in flight held the next one back, it is asked once they have cost less than that.
    """
    by_key = {request.key: request for request in requests}
    left = list(reversed(requests))

    def allowed() -> Iterator[Request]:
        while left and meter.allows(left[-1]):
            yield left.pop()

    while left:
        before = len(left)
        for reply in generate(allowed()):
            keep(by_key[reply.key], reply)
            meter.book(by_key[reply.key], reply)
            yield reply
        if len(left) == before:
            return
