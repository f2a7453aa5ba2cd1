"""The models of a study side by side: scores with intervals, and differences that stand or not."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from tasks.records.evaluations import Graded
from tasks.records.studies import AnswerLoss, CellScore, Difference, Figure
from tasks.studies.statistics import (
    difference,
    holm,
    mean_with_interval,
    shared_problems,
    sign_flip,
    spread_of,
)

PASSED, CASES, LOSS = "pass@1", "cases", "answer loss"
"""Measures: the share of problems solved, the share of hidden cases answered rightly, and nats a
token of the right answer."""
LOWER_IS_BETTER = frozenset((LOSS,))
SURE = 0.05
"""What an adjusted p-value must be below."""

Key = tuple[str, str]
"""Test set and measure."""
Values = dict[str, float]
"""By problem."""
Table = dict[Key, dict[str, list[Values]]]
"""By test set and measure, by cell: the values of each seed."""


def values_of(graded: Iterable[Graded], *, with_cases: bool) -> Iterator[tuple[str, Values]]:
    """The measures of one model on one test set, each by problem.

    `with_cases` where any model's answers ran on cases: one without code answers none of them.
    """
    by_problem: dict[str, list[Graded]] = {}
    for one in graded:
        by_problem.setdefault(one.problem, []).append(one)
    yield PASSED, {name: _mean(one.passed for one in own) for name, own in by_problem.items()}
    if with_cases:
        yield (
            CASES,
            {
                name: sum(one.cases_passed for one in own) / max(1, sum(one.cases for one in own))
                for name, own in by_problem.items()
            },
        )


def loss_values(losses: Iterable[AnswerLoss]) -> Values:
    """Nats a token of each answer."""
    return {one.problem: one.nats / one.tokens for one in losses}


def _mean(values: Iterable[bool]) -> float:
    listed = list(values)
    return sum(listed) / len(listed)


def scores(table: Table) -> Iterator[CellScore]:
    """Every cell on every test set."""
    for (test, measure), cells in table.items():
        for cell, seeds in cells.items():
            yield CellScore(
                cell=cell,
                test=test,
                measure=measure,
                problems=len(seeds[0]),
                seeds=len(seeds),
                figure=mean_with_interval(seeds, shares=measure != LOSS),
                spread=spread_of(seeds),
            )


def differences(table: Table, pairs: Sequence[tuple[str, str]]) -> Iterator[Difference]:
    """The pairs of cells, each the one and the one it is compared with, on every test set."""
    for key, cells in table.items():
        known = [(cell, against) for cell, against in pairs if cell in cells and against in cells]
        sides = [(cells[against], cells[cell]) for cell, against in known]
        p_values = [sign_flip(*side) for side in sides]
        for pair, side, p_value, adjusted in zip(
            known, sides, p_values, holm(p_values), strict=True
        ):
            yield _difference(key, pair, side, p_value, adjusted)


def _difference(
    key: Key,
    pair: tuple[str, str],
    side: tuple[Sequence[Values], Sequence[Values]],
    p_value: float,
    adjusted: float,
) -> Difference:
    figure = difference(*side)
    test, measure = key
    return Difference(
        cell=pair[0],
        against=pair[1],
        test=test,
        measure=measure,
        problems=len(shared_problems(*side)),
        seeds=min(map(len, side)),
        figure=figure,
        p_value=p_value,
        adjusted=adjusted,
        verdict=_verdict(measure, figure, adjusted),
    )


def _verdict(
    measure: str, figure: Figure, adjusted: float
) -> Literal["better", "worse", "not told apart"]:
    """Only what both the test and the interval bear out."""
    side = side_of(measure, figure)
    return side if side and adjusted < SURE else "not told apart"


def side_of(measure: str, figure: Figure) -> Literal["better", "worse"] | None:
    """On which side of 0 the whole interval of a difference lies; None where it holds 0."""
    if figure.low <= 0 <= figure.high:
        return None
    return "better" if (figure.low > 0) != (measure in LOWER_IS_BETTER) else "worse"


def put(table: Table, cell: str, test: str, measures: Mapping[str, Values]) -> None:
    """Adds the values of one model to the table."""
    for measure, values in measures.items():
        if values:
            table.setdefault((test, measure), {}).setdefault(cell, []).append(values)
