"""Numbers as people choose them to try a function out: mostly small, round, or from its code."""

from random import Random

from tasks.inputs.chances import chance
from tasks.inputs.facts import Pool
from tasks.inputs.shapes import Shape

_ROUND = (10, 16, 20, 24, 25, 32, 50, 60, 64, 90, 100, 120, 128, 180, 255, 256, 365, 500, 1000)
_LARGE = (1024, 1234, 4096, 9999, 10_000, 12_345, 65_535, 100_000, 1_000_000)
_NUMERALS = frozenset(("digits", "decimal"))


def draw_int(shape: Shape, pool: Pool, rng: Random, scale: float = 1.0) -> int:
    """A whole number for the shape."""
    known = [value for value in shape.constants if type(value) is int]
    if known and rng.random() < (0.9 if "constant" in shape.flavours else 0.3):
        return rng.choice(known) + rng.choice((0, 0, 0, 1, -1))
    if shape.span is not None and chance(rng, 0.85):
        return rng.randint(*shape.span)
    if pool.ints and chance(rng, 0.12):
        return rng.choice(pool.ints) + rng.choice((0, 0, 1, -1))
    return _free(rng, scale)


def _free(rng: Random, scale: float) -> int:
    manner = rng.random() / max(scale, 0.01)
    if manner < 0.42:  # noqa: PLR2004 - shares from here on
        return rng.randint(0, 10)
    if manner < 0.54:  # noqa: PLR2004
        return -rng.randint(1, 10)
    if manner < 0.82:  # noqa: PLR2004
        return rng.randint(11, 100)
    if scale < 1:
        return rng.randint(0, 5)
    if manner < 0.95:  # noqa: PLR2004
        return rng.choice((*_ROUND, rng.randint(100, 999)))
    return rng.choice((*_LARGE, -100, -25, rng.randint(1000, 9999)))


def draw_float(shape: Shape, pool: Pool, rng: Random, scale: float = 1.0) -> float:
    """A number with a point for the shape."""
    known = [float(v) for v in shape.constants if type(v) in {int, float}] + list(pool.floats)
    if known and chance(rng, 0.25):
        return rng.choice(known) + rng.choice((0.0, 0.0, 0.5, -0.5))
    if shape.span is not None and chance(rng, 0.8):
        return round(rng.uniform(*shape.span), 1)
    whole = _free(rng, scale)
    return rng.choice((float(whole), whole + 0.5, round(rng.uniform(0, 1), 2), whole + 0.25))
