"""The statistics, against figures that are known."""

from itertools import combinations
from statistics import mean

import pytest

from tasks.evaluation.estimates import bootstrap, mcnemar, pass_at_k


@pytest.mark.parametrize(("samples", "correct", "k"), [(5, 2, 1), (5, 2, 3), (6, 0, 2), (4, 4, 2)])
def test_pass_at_k_is_the_share_of_draws_with_a_right_one(
    samples: int, correct: int, k: int
) -> None:
    draws = combinations([number < correct for number in range(samples)], k)
    assert pass_at_k(samples, correct, k) == pytest.approx(mean(float(any(one)) for one in draws))


def test_pass_at_more_than_there_are_is_refused() -> None:
    with pytest.raises(ValueError, match="pass@3 of 2"):
        pass_at_k(2, 1, 3)


def test_an_interval_holds_the_mean_and_is_the_same_each_time() -> None:
    values = [1.0] * 60 + [0.0] * 40
    low, high = bootstrap(values)
    assert 0.49 < low < 0.54
    assert 0.66 < high < 0.71
    assert bootstrap(values) == (low, high)
    assert bootstrap([]) == (0.0, 0.0)


def test_mcnemar_is_the_binomial_test_of_the_problems_that_one_alone_solves() -> None:
    assert mcnemar(0, 0) == 1.0
    assert mcnemar(5, 5) == 1.0
    assert mcnemar(0, 6) == pytest.approx(2 / 64)
    assert mcnemar(1, 9) == pytest.approx(2 * 11 / 1024)
