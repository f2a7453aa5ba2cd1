"""The statistics of studies against what is known: coverage, exact values, false alarms."""

import random
from statistics import fmean

import pytest

from tasks.studies.statistics import (
    averaged,
    difference,
    holm,
    mean_with_interval,
    share_with_interval,
    sign_flip,
    spread_of,
)


def drawn(
    rng: random.Random, problems: int, shift: float, seeds: int = 1
) -> list[dict[str, float]]:
    return [{str(place): rng.gauss(shift, 1) for place in range(problems)} for _ in range(seeds)]


def test_only_problems_that_all_seeds_have_are_averaged() -> None:
    assert averaged([{"a": 0.0, "b": 1.0}, {"b": 0.0, "c": 1.0}]) == {"b": 0.5}


def test_the_mean_lies_in_its_interval() -> None:
    figure = mean_with_interval(drawn(random.Random(1), 50, 3.0, seeds=2))
    assert figure.low < figure.value < figure.high


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    # As R's binom::binom.wilson gives them.
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662)],
)
def test_shares_have_wilsons_interval(part: int, whole: int, low: float, high: float) -> None:
    figure = share_with_interval(part, whole)
    assert (figure.low, figure.high) == pytest.approx((low, high), abs=5e-4)


def test_a_share_of_nothing_may_be_anything() -> None:
    assert (share_with_interval(0, 0).low, share_with_interval(0, 0).high) == (0.0, 1.0)


def test_a_share_that_is_0_on_every_problem_is_not_known_to_be_0() -> None:
    nothing = [{f"p{n}": 0.0 for n in range(18)}]
    assert mean_with_interval(nothing, shares=True) == share_with_interval(0, 18)
    assert mean_with_interval(nothing, shares=True).high > 0.1
    assert mean_with_interval(nothing).high == 0  # nats, which may be the same for all


def test_spread_needs_two_seeds() -> None:
    assert spread_of([{"a": 1.0}]) is None
    assert spread_of([{"a": 1.0}, {"a": 3.0}]) == pytest.approx(2**0.5)


def test_pairing_sees_a_difference_that_is_small_beside_the_problems() -> None:
    rng = random.Random(2)
    first = {str(place): rng.gauss(0, 10) for place in range(40)}
    second = {name: value + rng.gauss(0.5, 0.2) for name, value in first.items()}
    figure = difference([first], [second])
    assert 0 < figure.low < figure.value < figure.high
    assert sign_flip([first], [second]) < 0.001


def test_seeds_that_disagree_widen_the_interval() -> None:
    names = [str(place) for place in range(40)]
    steady = [dict.fromkeys(names, 1.0)] * 3
    torn = [dict.fromkeys(names, value) for value in (0.0, 1.0, 2.0)]
    zero = [dict.fromkeys(names, 0.0)]
    narrow, wide = difference(zero, steady), difference(zero, torn)
    assert narrow.value == wide.value == 1.0
    assert narrow.high - narrow.low < 1e-9 < wide.high - wide.low


def test_the_interval_of_a_difference_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = random.Random(3)
    covered = 0
    for _ in range(60):
        figure = difference(drawn(rng, 40, 0.0), drawn(rng, 40, 0.3))
        covered += figure.low <= 0.3 <= figure.high
    assert covered >= 52


def test_few_problems_get_the_exact_p_value() -> None:
    zero = dict.fromkeys("abcde", 0.0)
    assert sign_flip([zero], [dict.fromkeys("abcde", 1.0)]) == 2 / 2**5
    assert sign_flip([zero], [zero]) == 1.0


def test_equal_models_raise_few_false_alarms() -> None:
    rng = random.Random(4)
    alarms = [sign_flip(drawn(rng, 10, 0.0), drawn(rng, 10, 0.0)) < 0.05 for _ in range(200)]
    assert fmean(alarms) < 0.09


def test_the_order_of_the_sides_changes_the_sign_alone() -> None:
    rng = random.Random(5)
    first, second = drawn(rng, 30, 0.0, 2), drawn(rng, 30, 0.4, 3)
    there, back = difference(first, second), difference(second, first)
    assert there.value == pytest.approx(-back.value)
    assert sign_flip(first, second) == pytest.approx(sign_flip(second, first), abs=0.01)


def test_holm_adjusts_as_in_its_paper() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []
    assert holm([0.9, 0.8]) == [1.0, 1.0]
