"""Names of writers, as the command line and the config have them, and what they may cost.

`search` needs no model. `openai:MODEL` is a model behind an OpenAI-compatible server, by the name
that the server has for it. `transformers:MODEL` runs in this process: a model id, a folder or a
file, as `tasks.models.local` takes it.
"""

import re
from enum import StrEnum

from pydantic import Field

from tasks.records.base import Record

SEARCH = "search"


class Engine(StrEnum):
    """Who runs a model."""

    OPENAI = "openai"
    TRANSFORMERS = "transformers"


class ModelName(Record):
    """A model and who runs it."""

    engine: Engine
    model: str

    def __str__(self) -> str:
        return f"{self.engine}:{self.model}"


def model_name(writer: str) -> ModelName | None:
    """The model that a writer's name names; None for `search`. Raises ValueError for no name."""
    if writer == SEARCH:
        return None
    engine, colon, model = writer.partition(":")
    if colon and model and engine in set(Engine):
        return ModelName(engine=Engine(engine), model=model)
    raise ValueError(f"{writer!r} is no writer; use search, openai:MODEL or transformers:MODEL")


class Price(Record):
    """What a million tokens cost."""

    prompt: float = Field(ge=0)
    completion: float = Field(ge=0)
    currency: str = "usd"

    def said(self, cost: float) -> str:
        """An amount as a person reads it."""
        return amount_of(cost, self.currency)


class Budget(Record):
    """Where asking ends."""

    amount: float = Field(ge=0)
    currency: str = ""
    """Empty: the amount is in tokens, read and written together."""

    def __str__(self) -> str:
        return amount_of(self.amount, self.currency or "tokens")


_BUDGET = re.compile(
    r"(?P<sign>[$€£])?\s*(?P<number>\d+(\.\d+)?)\s*(?P<factor>[kM])?\s*(?P<unit>usd|eur|gbp|tokens)?",
    re.IGNORECASE,
)
_SIGNS = {"$": "usd", "€": "eur", "£": "gbp"}
_FACTORS = {"": 1.0, "k": 1e3, "m": 1e6}


def budget_of(text: str) -> Budget | None:
    """`200000`, `200k`, `2M tokens` are tokens; `$5`, `5usd`, `4.50 eur` are money; empty is none.

    Raises ValueError for anything else.
    """
    if not text:
        return None
    match = _BUDGET.fullmatch(text.strip().replace("_", "").replace(",", ""))
    unit = (match["unit"] or "").lower() if match else ""
    if match is None or (match["sign"] and unit):
        raise ValueError(f"{text!r} is no budget; write tokens (200000, 200k) or money ($5, 5usd)")
    amount = float(match["number"]) * _FACTORS[(match["factor"] or "").lower()]
    currency = _SIGNS[match["sign"]] if match["sign"] else unit.replace("tokens", "")
    return Budget(amount=amount, currency=currency)


def amount_of(number: float, unit: str) -> str:
    """`1,234,567 tokens`, `12.50 usd`, `0.00042 usd`."""
    if unit == "tokens":
        return f"{number:,.0f} tokens"
    return f"{number:,.2f} {unit}" if number >= 1 or not number else f"{number:.2g} {unit}"
