"""The failure signatures: seen where the figures show them, and not where nothing was measured."""

from typing import Literal

from tasks.records.artifacts import ArtifactRef
from tasks.records.drops import DropReason, Funnel, StepCount
from tasks.records.studies import (
    HELD_OUT,
    UNTRAINED,
    CellScore,
    Difference,
    Figure,
    Trained,
    Yield,
)
from tasks.records.training import Curve, DataCount, TrainResult
from tasks.studies.diagnosis import execution_failures, in_distribution_poor, overfitting
from tasks.studies.statistics import share_with_interval

REF = ArtifactRef(kind="model", digest="0" * 64, size=1, rows=0, schema_version=1)
NO = Figure(value=0.0, low=0.0, high=0.0)


def row(kept: int = 90, killed: float = 0.8) -> Yield:
    return Yield(
        cell="a",
        taken=100,
        functions=kept,
        samples=kept,
        share=share_with_interval(kept, 100),
        cases=8,
        distinct_outputs=6,
        mutants_killed=killed,
    )


def trained(*losses: float) -> Trained:
    counts = DataCount(samples=10, tokens=100, loss_tokens=50)
    result = TrainResult(
        ref=REF,
        base="b",
        base_digest="d",
        data=REF,
        train=counts,
        held_out=counts,
        steps=3,
        curve=tuple(Curve(step=at, held_out_loss=loss) for at, loss in enumerate(losses)),
    )
    return Trained(cell="a", seed=0, model="m", result=result)


def against_base(
    verdict: Literal["better", "worse", "not told apart"], test: str = HELD_OUT
) -> Difference:
    return Difference(
        cell="a",
        against=UNTRAINED,
        test=test,
        measure="cases",
        problems=50,
        seeds=1,
        figure=NO,
        p_value=0.5,
        adjusted=0.5,
        verdict=verdict,
    )


def funnel(**dropped: int) -> dict[str, Funnel]:
    reasons = {DropReason(name): number for name, number in dropped.items()}
    step = StepCount(
        step="filters",
        unit="functions",
        taken=100,
        kept=100 - sum(dropped.values()),
        dropped=reasons,
    )
    return {"a": Funnel(steps=(step,))}


SCORE = CellScore(
    cell="a", test=HELD_OUT, measure="cases", problems=50, seeds=1, figure=NO, spread=None
)


def test_nothing_is_said_of_models_where_none_was_trained() -> None:
    assert in_distribution_poor([row()], [], [], []).seen is None
    assert overfitting([], []).seen is None


def test_a_model_no_better_than_its_base_is_poor_and_the_training_is_named() -> None:
    found = in_distribution_poor(
        [row()], [trained(4.0, 3.9)], [SCORE], [against_base("not told apart")]
    )
    assert found.seen
    assert "a, training" in found.advice
    assert "inputs" not in found.advice


def test_weak_cases_and_a_low_yield_point_at_inputs_and_filter() -> None:
    found = in_distribution_poor(
        [row(kept=20, killed=0.3)], [trained(4.0, 2.0)], [SCORE], [against_base("worse")]
    )
    assert "a, inputs" in found.advice
    assert "a, filter" in found.advice
    assert "training" not in found.advice


def test_a_model_better_by_some_measure_is_not_poor() -> None:
    both = [against_base("not told apart"), against_base("better")]
    some = SCORE.model_copy(update={"figure": Figure(value=0.1, low=0.0, high=0.2)})
    assert in_distribution_poor([row()], [trained(4, 2)], [some], both).seen is False


def test_a_model_that_answers_nothing_is_poor_though_its_loss_fell() -> None:
    found = in_distribution_poor([row()], [trained(4, 2)], [SCORE], [against_base("better")])
    assert found.seen
    assert "nothing is answered yet" in found.advice


def test_too_few_problems_for_the_test_leave_it_open() -> None:
    leaning = against_base("not told apart").model_copy(
        update={"figure": Figure(value=0.2, low=0.1, high=0.3)}
    )
    found = in_distribution_poor([row()], [trained(4, 2)], [SCORE], [leaning])
    assert found.seen is None
    assert "too few problems to tell of a" in found.evidence


def test_a_cell_of_which_nothing_is_left_is_seen() -> None:
    found = execution_failures([row(kept=0)], funnel())
    assert found.seen
    assert "not one of 100 functions is left" in found.evidence


def test_a_rising_held_out_loss_is_overfitting() -> None:
    assert overfitting([trained(4.0, 2.0, 2.5)], []).seen
    assert overfitting([trained(4.0, 2.5, 2.0)], []).seen is None


def test_better_here_and_worse_elsewhere_is_overfitting() -> None:
    worse = [against_base("better"), against_base("worse", "humaneval")]
    unclear = [against_base("better"), against_base("not told apart", "humaneval")]
    assert overfitting([trained(4.0, 2.0)], worse).seen
    found = overfitting([trained(4.0, 2.0)], unclear)
    assert found.seen is False
    assert "not told apart from it there: a" in found.evidence


def test_lost_functions_point_at_the_code_or_at_the_filter() -> None:
    code = execution_failures([row(kept=50)], funnel(never_returns=40, constant=10))
    assert code.seen
    assert "look at the code" in code.advice
    strict = execution_failures([row(kept=50)], funnel(never_returns=10, too_few_outputs=40))
    assert "filter may be too strict" in strict.advice
    assert execution_failures([row(kept=80)], funnel(never_returns=20)).seen is False
