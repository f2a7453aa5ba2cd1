"""What counts as equal, by value and by EvalPlus's rules."""

import math
from typing import Any

import pytest

from tasks.evaluation.equality import equal_by_evalplus, loosely_equal, tolerances

NAN = math.nan


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (0.1 + 0.2, 0.3, True),
        (1, 1.0, True),
        (NAN, NAN, True),
        ([NAN, {"a": 0.3}], [NAN, {"a": 0.1 + 0.2}], True),
        ({1, 2}, {2, 1}, True),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ([1, 2], (1, 2), False),
        ([1, 2], [2, 1], False),
        (10**400, 1.0, False),
        (1.0, "1.0", False),
        (0.3, 0.3001, False),
    ],
)
def test_values_are_compared_as_a_person_would(left: Any, right: Any, *, same: bool) -> None:
    assert loosely_equal(left, right) is same


@pytest.mark.parametrize(
    ("entry", "arguments", "answer", "expected", "atol", "right"),
    [
        ("f", (), 1.0000001, 1.0, 1e-6, True),
        ("f", (), 1.1, 1.0, 1e-6, False),
        ("f", (), [1.0, 2.0], (1.0, 2.0), 1e-6, False),
        ("f", (), NAN, NAN, 1e-6, False),
        ("f", (), "a", 1.0, 1e-6, False),
        ("f", (), True, 1, 0, True),
        ("Diff", (), [2, 1, 1], [1, 2], 0, True),
        ("Diff", (), None, [1, 2], 0, False),
        ("check_str", (), "a match", True, 0, True),
        ("check_str", (), None, False, 0, True),
        ("check_str", (), False, True, 0, False),
        ("find_zero", ([-1.0, 1.0],), 1.00001, 0.0, 1e-4, True),
        ("find_zero", ([-1.0, 1.0],), 2.0, 2.0, 1e-4, False),
        ("sum_div", (7,), 0, 1, 0, True),
        ("are_equivalent", (1, 2), "anything", False, 0, True),
        ("digit_distance_nums", (23, 156), 9, 12, 0, False),
    ],
)
def test_evalplus_has_its_own_rules(  # noqa: PLR0913 - a row of the table above
    entry: str, arguments: tuple[Any, ...], answer: Any, expected: Any, atol: float, *, right: bool
) -> None:
    assert equal_by_evalplus(entry, arguments, answer, expected, atol) is right


def test_once_there_was_an_answer_of_floats_there_is_a_tolerance() -> None:
    assert tolerances([1, [0.5], 2], 0) == [0, 1e-6, 1e-6]
    assert tolerances([1, 0.5], 1e-3) == [1e-3, 1e-3]
