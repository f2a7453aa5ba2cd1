"""The tables of a study on a terminal of 80 columns: no word broken, each figure in its place."""

from typing import Literal

from rich.console import Console

from flows.cli.study_tables import tables
from tasks.records.configs import BuildConfig
from tasks.records.studies import (
    HELD_OUT,
    UNTRAINED,
    CellPlan,
    CellScore,
    Difference,
    Figure,
    Study,
    StudyPlan,
)
from tasks.studies.comparing import LOSS

CELLS = ("cases", "without-cases")


def score(cell: str, value: float) -> CellScore:
    figure = Figure(value=value, low=value - 0.1, high=value + 0.1)
    return CellScore(
        cell=cell, test=HELD_OUT, measure=LOSS, problems=47, seeds=1, figure=figure, spread=None
    )


def less(
    cell: str, against: str, value: float, verdict: Literal["better", "not told apart"]
) -> Difference:
    return Difference(
        cell=cell,
        against=against,
        test=HELD_OUT,
        measure=LOSS,
        problems=47,
        seeds=1,
        figure=Figure(value=value, low=value - 0.01, high=value + 0.01),
        p_value=0.0001,
        adjusted=0.0002,
        verdict=verdict,
    )


def printed(study: Study) -> list[str]:
    console = Console(width=80, record=True)
    for table in tables(study):
        console.print(table)
    return console.export_text().splitlines()


def test_a_score_stands_beside_what_it_is_less_the_baseline_and_the_untrained() -> None:
    plan = StudyPlan(
        name="s",
        question="Q?",
        size="cpu",
        baseline="cases",
        cells=tuple(CellPlan(name=name, build=BuildConfig()) for name in CELLS),
    )
    study = Study(
        plan=plan,
        yields=(),
        funnels={},
        scores=(score(UNTRAINED, 2.0), score("cases", 1.7), score("without-cases", 1.69)),
        differences=(
            less("cases", UNTRAINED, -0.3, "better"),
            less("without-cases", UNTRAINED, -0.31, "better"),
            less("without-cases", "cases", -0.01, "not told apart"),
        ),
    )
    lines = printed(study)
    assert max(map(len, lines)) <= 80
    row = max(number for number, line in enumerate(lines) if "without-cases" in line)
    assert "1.690" in lines[row]
    assert "-0.010 nats" in lines[row]
    assert "-0.310 nats" in lines[row]
    assert "not told apart" in lines[row + 2]
    assert "better, p < 0.001" in lines[row + 2]
    assert "less untrained" in "".join(lines)
