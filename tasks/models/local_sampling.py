"""The next token of each row: the likeliest one, or one drawn from the nucleus.

Nucleus sampling as in arXiv 1904.09751: of the tokens, sorted by probability, the fewest that
together have at least `top_p`. Each row brings its own random number, so what is drawn for it
depends on its own probabilities alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

HEAD = 1024
"""Tokens that are sorted first: they nearly always hold the nucleus, and sorting a vocabulary of
150,000 for each row takes as long as a small model's forward pass."""


@dataclass(frozen=True, slots=True)
class Draw:
    """How one row chooses."""

    temperature: float
    """0 takes the likeliest token."""
    top_p: float
    chance: float
    """Uniform in [0, 1)."""


def choose(logits: Tensor, draws: Sequence[Draw]) -> list[int]:
    """A token for each row of logits [rows, vocabulary] in float32."""
    tokens: list[int] = logits.argmax(dim=-1).tolist()
    drawn = [row for row, draw in enumerate(draws) if draw.temperature > 0]
    if drawn:
        sampled = _sampled(logits[drawn], [draws[row] for row in drawn])
        for row, token in zip(drawn, sampled, strict=True):
            tokens[row] = token
    return tokens


def _sampled(logits: Tensor, draws: Sequence[Draw]) -> list[int]:
    def column(values: list[float]) -> Tensor:
        return torch.tensor(values, device=logits.device).unsqueeze(1)

    logs = (logits / column([draw.temperature for draw in draws])).log_softmax(dim=-1)
    top_p = column([draw.top_p for draw in draws])
    chance = column([draw.chance for draw in draws])
    width = min(HEAD, logits.shape[-1])
    tokens, is_sure = _from_head(logs, top_p, chance, width)
    unsure = [row for row, sure in enumerate(is_sure.tolist()) if not sure]
    if unsure:
        every = logits.shape[-1]
        tokens[unsure], _ = _from_head(logs[unsure], top_p[unsure], chance[unsure], every)
    found: list[int] = tokens.tolist()
    return found


def _from_head(logs: Tensor, top_p: Tensor, chance: Tensor, width: int) -> tuple[Tensor, Tensor]:
    """Tokens [rows] drawn from the `width` likeliest, and whether these were enough to tell."""
    head = logs.topk(width, dim=-1)
    shares = head.values.exp()
    sums = shares.cumsum(dim=-1)
    inside = sums - shares < top_p
    inside[:, 0] = True
    nucleus = (shares * inside).sum(dim=-1, keepdim=True)
    is_whole = sums[:, -1:] >= top_p
    # Of a nucleus that is all there is, the sum is known without seeing it whole.
    target = chance * torch.where(is_whole | (top_p < 1), nucleus, torch.ones_like(nucleus))
    place = (sums <= target).sum(dim=-1, keepdim=True).clamp(max=width - 1)
    place = torch.minimum(place, inside.sum(dim=-1, keepdim=True) - 1)
    is_sure = is_whole | ((top_p >= 1) & (target < sums[:, -1:]))
    return head.indices.gather(1, place).squeeze(1), is_sure.squeeze(1)
