"""The statistics of scores: pass@k, intervals, and whether two runs differ.

Every figure is the same each time: what is drawn is drawn by a fixed seed.
"""

import random
from collections.abc import Sequence
from math import comb, prod

RESAMPLES = 2_000
"""Of a bootstrap: the ends of an interval are then good to a few thousandths."""
LEVEL = 0.95


def pass_at_k(samples: int, correct: int, k: int) -> float:
    """Chance that one of k completions, drawn of the samples of a problem, is right.

    The unbiased estimator of Chen et al., arXiv 2107.03374, equation 1. Raises ValueError where
    there are fewer than k samples.
    """
    if not 0 < k <= samples:
        raise ValueError(f"pass@{k} of {samples} samples")
    wrong = samples - correct
    if wrong < k:
        return 1.0
    return 1.0 - prod(1.0 - k / place for place in range(wrong + 1, samples + 1))


def mean(values: Sequence[float]) -> float:
    """Of no values 0."""
    return sum(values) / len(values) if values else 0.0


def bootstrap(values: Sequence[float]) -> tuple[float, float]:
    """The 95 % interval of a mean over problems, by drawing the problems anew."""
    if not values:
        return 0.0, 0.0
    rng = random.Random(f"bootstrap {len(values)}")  # noqa: S311 - not a secret
    means = sorted(mean(rng.choices(values, k=len(values))) for _ in range(RESAMPLES))
    tail = (1 - LEVEL) / 2
    return means[int(tail * RESAMPLES)], means[int((1 - tail) * RESAMPLES) - 1]


def mcnemar(first_only: int, second_only: int) -> float:
    """The exact two-sided p-value that two runs solve problems equally often.

    Args:
        first_only: Problems that only the first solves.
        second_only: Problems that only the second solves.
    """
    both = first_only + second_only
    tail = sum(comb(both, number) for number in range(min(first_only, second_only) + 1))
    return min(1.0, 2.0 * tail / float(2**both))
