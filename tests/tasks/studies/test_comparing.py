"""Verdicts on models: only what test and interval both bear out, in the right direction."""

import random

from tasks.records.evaluations import Graded, Reason
from tasks.records.studies import AnswerLoss
from tasks.studies.comparing import (
    CASES,
    LOSS,
    PASSED,
    Table,
    differences,
    loss_values,
    put,
    scores,
    values_of,
)

RNG = random.Random(0)
BASE = {str(place): RNG.gauss(2, 1) for place in range(40)}


def better_by(gain: float) -> dict[str, float]:
    return {name: value + gain + RNG.gauss(0, 0.1) for name, value in BASE.items()}


def table(measure: str, cells: dict[str, float]) -> Table:
    found: Table = {}
    put(found, "base", "held-out", {measure: BASE})
    for cell, gain in cells.items():
        put(found, cell, "held-out", {measure: better_by(gain)})
    return found


def verdicts(measure: str) -> dict[str, str]:
    made = table(measure, {"up": 0.5, "down": -0.5, "same": 0.0})
    pairs = [(cell, "base") for cell in ("up", "down", "same")]
    return {one.cell: one.verdict for one in differences(made, pairs)}


def test_more_is_better_but_for_losses() -> None:
    assert verdicts(PASSED) == {"up": "better", "down": "worse", "same": "not told apart"}
    assert verdicts(LOSS) == {"up": "worse", "down": "better", "same": "not told apart"}


def test_many_comparisons_make_each_p_value_larger() -> None:
    cells = {str(number): 0.02 for number in range(8)}
    found = list(differences(table(PASSED, cells), [(cell, "base") for cell in cells]))
    assert all(one.adjusted >= one.p_value for one in found)
    assert sum(one.adjusted < 0.05 for one in found) <= sum(one.p_value < 0.05 for one in found)


def test_a_pair_of_which_one_was_not_measured_is_left_out() -> None:
    assert list(differences(table(PASSED, {}), [("gone", "base")])) == []


def test_seeds_are_gathered_by_cell() -> None:
    made = table(LOSS, {"a": 0.1})
    put(made, "a", "held-out", {LOSS: better_by(0.1)})
    by_cell = {one.cell: one for one in scores(made)}
    assert (by_cell["a"].seeds, by_cell["base"].seeds) == (2, 1)
    assert by_cell["a"].spread is not None
    assert by_cell["base"].spread is None


def graded(problem: str, *, passed: bool, right: int, sample: int = 0) -> Graded:
    return Graded(
        benchmark="b",
        problem=problem,
        sample=sample,
        passed=passed,
        reason=Reason.PASSED if passed else Reason.WRONG,
        cases_passed=right,
        cases=4,
    )


def test_verdicts_become_shares_by_problem() -> None:
    rows = [
        graded("a", passed=True, right=4),
        graded("a", passed=False, right=2, sample=1),
        graded("b", passed=False, right=1),
    ]
    passed, cases = {"a": 0.5, "b": 0.0}, {"a": 0.75, "b": 0.25}
    assert dict(values_of(rows, with_cases=True)) == {PASSED: passed, CASES: cases}
    assert dict(values_of(rows, with_cases=False)) == {PASSED: passed}


def test_a_loss_is_of_a_token() -> None:
    assert loss_values([AnswerLoss(problem="a", nats=6.0, tokens=4)]) == {"a": 1.5}
