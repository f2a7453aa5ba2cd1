"""Tokens are drawn from the nucleus, by the chance that each row brings."""

import pytest
import torch

from tasks.models import local_sampling
from tasks.models.local_sampling import Draw, choose

pytestmark = pytest.mark.xdist_group("torch")

LOGITS = torch.tensor([0.5, 0.3, 0.15, 0.05]).log()


def drawn(chance: float, top_p: float = 1.0, temperature: float = 1.0) -> int:
    return choose(LOGITS.unsqueeze(0), [Draw(temperature, top_p, chance)])[0]


def test_without_a_temperature_the_likeliest_is_taken() -> None:
    assert drawn(0.99, temperature=0.0) == 0


@pytest.mark.parametrize(
    ("chance", "token"), [(0.0, 0), (0.49, 0), (0.51, 1), (0.79, 1), (0.81, 2), (0.96, 3)]
)
def test_each_token_is_drawn_as_often_as_it_is_likely(chance: float, token: int) -> None:
    assert drawn(chance) == token


@pytest.mark.parametrize(("chance", "token"), [(0.62, 0), (0.63, 1), (0.999, 1)])
def test_of_the_nucleus_alone(chance: float, token: int) -> None:
    """Of the first two, which together have 0.8: 0.625 and 0.375."""
    assert drawn(chance, top_p=0.7) == token


def test_a_high_temperature_evens_out() -> None:
    assert drawn(0.4, temperature=100.0) == 1


def test_rows_are_drawn_each_by_its_own_manner() -> None:
    draws = [Draw(0.0, 1.0, 0.9), Draw(1.0, 1.0, 0.9), Draw(1.0, 0.4, 0.9)]
    assert choose(LOGITS.repeat(3, 1), draws) == [0, 2, 0]


def test_sorting_only_the_head_gives_what_sorting_all_gives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    torch.manual_seed(0)
    logits = torch.randn(64, 500) * 3
    draws = [Draw(0.5 + row / 32, 0.5 + row / 128, row / 64) for row in range(64)]
    draws[-1] = Draw(1.5, 1.0, 0.9999)
    whole = choose(logits, draws)
    monkeypatch.setattr(local_sampling, "HEAD", 3)
    assert choose(logits, draws) == whole
