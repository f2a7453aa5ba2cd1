"""Verdicts into scores and comparisons."""

import pytest

from tasks.evaluation.scoring import comparisons, scores
from tasks.records.evaluations import Graded, Reason
from tasks.records.problems import HiddenCase, Problem

PROBLEM = Problem(benchmark="own", id="0", prompt="", entry="f", solution="", tests="")


def verdicts(*rows: str, **others: bool) -> list[Graded]:
    """A row of + and - for the samples of each problem."""
    return [
        Graded(
            benchmark="own",
            problem=str(number),
            sample=sample,
            passed=sign == "+",
            reason=Reason.PASSED if sign == "+" else Reason.WRONG,
            cases_passed=3 if sign == "+" else 1,
            cases=4,
            **others,
        )
        for number, row in enumerate(rows)
        for sample, sign in enumerate(row)
    ]


def test_pass_at_k_is_averaged_over_problems() -> None:
    rows = verdicts("+----", "++++-")
    found = {one.measure: one for one in scores("m", PROBLEM, rows, frozenset())}
    assert found["pass@1"].value == pytest.approx(0.5)
    assert found["pass@5"].value == 1.0
    assert (found["pass@1"].problems, found["pass@1"].samples) == (2, 5)
    assert found["pass@1"].low <= 0.5 <= found["pass@1"].high


def test_problems_that_nobody_can_answer_are_in_no_score_but_the_papers_own() -> None:
    item = PROBLEM.model_copy(
        update={"printed": True, "hidden": (HiddenCase(arguments="{}", output="1"),)}
    )
    rows = verdicts("+", "-", "-", as_printed=True)
    found = {one.measure: one for one in scores("m", item, rows, frozenset("2"))}
    assert (found["pass@1"].problems, found["pass@1"].value) == (2, 0.5)
    assert found["cases"].value == pytest.approx(0.5)
    assert (found["as printed"].problems, found["as printed"].value) == (3, 1.0)


def test_an_extended_benchmark_has_the_score_of_its_base_too() -> None:
    extended = PROBLEM.model_copy(update={"base_inputs": "[[1]]"})
    rows = verdicts("-", "-", base_passed=True)
    found = {one.measure: one.value for one in scores("m", extended, rows, frozenset())}
    assert (found["pass@1"], found["base pass@1"]) == (0.0, 1.0)


def test_two_models_are_compared_on_the_problems_that_both_tried() -> None:
    both = {"a": verdicts("-", "-", "+", "+"), "b": verdicts("+", "+", "+")}
    [one] = comparisons("own", both, frozenset())
    assert (one.problems, one.first_only, one.second_only) == (3, 0, 2)
    assert one.difference == pytest.approx(2 / 3)
    assert one.p_value == pytest.approx(0.5)
