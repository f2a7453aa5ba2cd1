"""A budget is kept to, whatever is in flight, and used up as far as it goes."""

from collections.abc import Iterable, Iterator
from itertools import islice

import pytest

from tasks.models.requests import Message, Reply, Request
from tasks.models.spending import Meter, money, within_budget
from tasks.records.writers import Budget, Price, budget_of


def requests(count: int) -> list[Request]:
    return [
        Request(str(i), (Message("user", "x" * 343),), temperature=0.5, max_tokens=100, seed=1)
        for i in range(count)
    ]  # 105 tokens to read, by the estimate


class Model:
    """Takes four at a time, and spends 105 and 20 tokens on each."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, requests: Iterable[Request]) -> Iterator[Reply]:
        left = iter(requests)
        while flight := list(islice(left, 4)):
            self.asked += [request.key for request in flight]
            yield from (Reply(request.key, "x", 105, 20) for request in flight)


def asked(budget: Budget | None, price: Price | None = None, count: int = 40) -> int:
    model = Model()
    kept: list[str] = []
    found = list(
        within_budget(
            requests(count), model, Meter(budget, price), lambda one, _: kept.append(one.key)
        )
    )
    assert [reply.key for reply in found] == model.asked == kept
    return len(found)


def test_without_a_budget_all_is_asked() -> None:
    assert asked(None) == 40


def test_tokens_are_never_passed_and_nearly_used_up() -> None:
    assert asked(Budget(amount=1300, currency="")) == 9
    assert 9 * 125 <= 1300 < 9 * 125 + 205


def test_money_ends_it_too() -> None:
    price = Price(prompt=1.0, completion=2.0)
    each = money(price, 105, 20)

    assert asked(Budget(amount=10 * each, currency="usd"), price) in {8, 9}


def test_a_budget_that_holds_nothing_asks_nothing() -> None:
    assert asked(Budget(amount=0, currency="")) == 0


@pytest.mark.parametrize(
    ("text", "amount", "currency", "said"),
    [
        ("200000", 200_000, "", "200,000 tokens"),
        ("200k", 200_000, "", "200,000 tokens"),
        ("2M tokens", 2_000_000, "", "2,000,000 tokens"),
        ("1,500", 1500, "", "1,500 tokens"),
        ("$5", 5, "usd", "5.00 usd"),
        ("5usd", 5, "usd", "5.00 usd"),
        ("4.50 EUR", 4.5, "eur", "4.50 eur"),
        ("£0.002", 0.002, "gbp", "0.002 gbp"),
    ],
)
def test_budgets_are_read_and_said(text: str, amount: float, currency: str, said: str) -> None:
    budget = budget_of(text)

    assert budget == Budget(amount=amount, currency=currency)
    assert str(budget) == said


@pytest.mark.parametrize("text", ["five", "$", "5 apples", "-5", "$5 tokens"])
def test_what_is_no_budget_is_said_so(text: str) -> None:
    with pytest.raises(ValueError, match="is no budget"):
        budget_of(text)


def test_no_budget_is_none() -> None:
    assert budget_of("") is None
