"""The one coin of the search."""

from random import Random


def chance(rng: Random, share: float) -> bool:
    """True in that share of the draws."""
    return rng.random() < share
