"""What figures say, and how surely: means over problems and seeds, differences, their intervals.

Every figure is the same each time: what is drawn is drawn by a fixed seed. Covered: problems that
differ in how hard they are (paired), trainings that differ by their seed (drawn anew as well),
several comparisons at once (Holm). Not covered: another corpus, another base model.
"""

import random
from collections.abc import Mapping, Sequence
from statistics import stdev

from tasks.evaluation.estimates import LEVEL, RESAMPLES, bootstrap, mean
from tasks.records.studies import Figure

FLIPS = 10_000
"""Draws of the sign-flip test: its smallest p-value is one in so many."""
EXACT = 12
"""Up to so many problems all flips are gone through instead."""
NOISE = 1e-12
"""What rounding alone makes of two equal sums."""

Values = Mapping[str, float]
"""By problem."""


def averaged(seeds: Sequence[Values]) -> dict[str, float]:
    """Each problem that all seeds have, with its mean over them."""
    shared = [problem for problem in seeds[0] if all(problem in one for one in seeds)]
    return {problem: mean([one[problem] for one in seeds]) for problem in shared}


def mean_with_interval(seeds: Sequence[Values], *, shares: bool = False) -> Figure:
    """The mean over problems and seeds; the interval is by a bootstrap over problems.

    Args:
        seeds: The values of each seed.
        shares: They lie between 0 and 1. Where all are 0, or all 1, no draw differs, and the
            interval is Wilson's.
    """
    values = list(averaged(seeds).values())
    if shares and len(set(values)) == 1 and values[0] in {0.0, 1.0}:
        return share_with_interval(round(sum(values)), len(values))
    low, high = bootstrap(values)
    return Figure(value=mean(values), low=low, high=high)


def share_with_interval(part: int, whole: int) -> Figure:
    """A share with its 95 % interval, by Wilson (1927): right at 0 and 1 too."""
    if not whole:
        return Figure(value=0.0, low=0.0, high=1.0)
    z, share = 1.96, part / whole
    middle = (share + z * z / (2 * whole)) / (1 + z * z / whole)
    spread = share * (1 - share) / whole + z * z / (4 * whole * whole)
    half = z * spread**0.5 / (1 + z * z / whole)
    return Figure(value=share, low=max(0.0, middle - half), high=min(1.0, middle + half))


def spread_of(seeds: Sequence[Values]) -> float | None:
    """Standard deviation of the means of the seeds."""
    return stdev(mean(list(one.values())) for one in seeds) if len(seeds) > 1 else None


def difference(first: Sequence[Values], second: Sequence[Values]) -> Figure:
    """Second less first, paired by problem; problems and, of each side, seeds are drawn anew."""
    problems = shared_problems(first, second)
    gain = _gains(problems, first, second)
    if not problems:
        return Figure(value=0.0, low=0.0, high=0.0)
    rng = random.Random(f"difference {len(problems)}")  # noqa: S311 - not a secret
    drawn = sorted(_drawn(problems, first, second, rng) for _ in range(RESAMPLES))
    tail = (1 - LEVEL) / 2
    low, high = drawn[int(tail * RESAMPLES)], drawn[int((1 - tail) * RESAMPLES) - 1]
    return Figure(value=mean(gain), low=low, high=high)


def shared_problems(first: Sequence[Values], second: Sequence[Values]) -> list[str]:
    """The problems that all models of both sides were measured on."""
    both = [*first, *second]
    return [problem for problem in both[0] if all(problem in one for one in both)]


def _gains(
    problems: Sequence[str], first: Sequence[Values], second: Sequence[Values]
) -> list[float]:
    before, after = averaged(first), averaged(second)
    return [after[problem] - before[problem] for problem in problems]


def _drawn(
    problems: Sequence[str],
    first: Sequence[Values],
    second: Sequence[Values],
    rng: random.Random,
) -> float:
    own = rng.choices(problems, k=len(problems))
    sides = [rng.choices(side, k=len(side)) for side in (first, second)]
    sums = [sum(one[problem] for one in side for problem in own) / len(side) for side in sides]
    return (sums[1] - sums[0]) / len(own)


def sign_flip(first: Sequence[Values], second: Sequence[Values]) -> float:
    """The two-sided p-value that each problem's difference could as well have the other sign.

    A paired permutation test on the means over seeds; the exact one for few problems.
    """
    gains = _gains(shared_problems(first, second), first, second)
    moved = [gain for gain in gains if abs(gain) > NOISE]
    if not moved:
        return 1.0
    seen = abs(sum(moved)) - NOISE
    if len(moved) <= EXACT:
        sums = [0.0]
        for gain in moved:
            sums = [total + sign * gain for total in sums for sign in (1, -1)]
        return sum(abs(total) >= seen for total in sums) / len(sums)
    rng = random.Random(f"flips {len(moved)}")  # noqa: S311 - not a secret
    extreme = sum(abs(_flipped(moved, rng)) >= seen for _ in range(FLIPS))
    # What was seen is one of the draws, so that no p-value is zero.
    return (extreme + 1) / (FLIPS + 1)


def _flipped(gains: Sequence[float], rng: random.Random) -> float:
    signs = rng.getrandbits(len(gains))
    return sum(gain if signs >> place & 1 else -gain for place, gain in enumerate(gains))


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values, adjusted so that the chance of any false alarm among them stays what it is.

    Source: Holm, "A simple sequentially rejective multiple test procedure" (1979).
    """
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    adjusted = [1.0] * len(p_values)
    reached = 0.0
    for rank, place in enumerate(order):
        reached = max(reached, min(1.0, p_values[place] * (len(order) - rank)))
        adjusted[place] = reached
    return adjusted
