"""What a study says: differences that stand are named, all others stay open, limits are told."""

from typing import Literal

from tasks.records.configs import BuildConfig
from tasks.records.drops import DropReason, Funnel, StepCount
from tasks.records.studies import (
    CellPlan,
    CellScore,
    Difference,
    Figure,
    StudyPlan,
    Trained,
    Yield,
)
from tasks.records.training import DataCount, TrainConfig, TrainResult
from tasks.studies.comparing import CASES, LOSS
from tasks.studies.statistics import share_with_interval
from tasks.studies.wording import left_out, moved, p_value, sentences

FIGURE = Figure(value=0.05, low=-0.02, high=0.12)
KEPT = Yield(
    cell="other",
    taken=20,
    functions=12,
    samples=12,
    share=share_with_interval(12, 20),
    cases=8,
    distinct_outputs=5,
)


def plan(*seeds: int) -> StudyPlan:
    cells = tuple(CellPlan(name=name, build=BuildConfig()) for name in ("base", "other"))
    return StudyPlan(
        name="s", question="Q?", size="smoke", baseline="base", cells=cells, seeds=seeds or (0,)
    )


def score(problems: int) -> CellScore:
    return CellScore(
        cell="base", test="held-out", measure=CASES, problems=problems, seeds=1, figure=FIGURE
    )


def pair(verdict: Literal["better", "worse", "not told apart"]) -> Difference:
    return Difference(
        cell="other",
        against="base",
        test="held-out",
        measure=CASES,
        problems=40,
        seeds=1,
        figure=FIGURE,
        p_value=0.01,
        adjusted=0.02,
        verdict=verdict,
    )


def said(verdict: Literal["better", "not told apart"], problems: int = 40, *seeds: int) -> str:
    return " ".join(sentences(plan(*seeds), [], {}, [score(problems)], [pair(verdict)]))


def test_what_is_not_told_apart_stays_open_with_its_interval() -> None:
    text = said("not told apart")
    assert "other less base +5.0 points (-2.0 to +12.0)" in text
    assert "stays open" in text
    assert "better" not in text


def test_an_interval_without_0_that_the_test_does_not_bear_out_is_told_apart_from_others() -> None:
    leaning = pair("not told apart").model_copy(
        update={"figure": Figure(value=0.05, low=0.01, high=0.12), "adjusted": 0.188}
    )
    text = " ".join(sentences(plan(), [], {}, [score(40)], [leaning]))
    assert "an interval without 0 that the test does not bear out: p 0.188 by Holm" in text
    assert "stays open" not in text


def test_a_cell_that_begins_with_other_functions_is_not_compared_by_them() -> None:
    row = KEPT.model_copy(update={"alike": False})
    text = " ".join(sentences(plan(), [row], {}, [], []))
    assert "begins with other functions than base" in text
    assert "McNemar" not in text


def test_what_stands_is_named_with_its_p_value() -> None:
    text = said("better")
    assert "other is better than base there, by +5.0 points" in text
    assert "p 0.020 by Holm" in text


def test_where_no_model_answers_anything_one_sentence_says_so() -> None:
    none = score(40).model_copy(update={"figure": Figure(value=0.0, low=0.0, high=0.09)})
    text, *caveats = sentences(plan(), [], {}, [none], [pair("not told apart")])
    assert text.startswith("held-out, cases: none on 40 problems, by any model (0.0% to 9.0%)")
    assert not any("other less base" in one for one in caveats)


def test_one_seed_and_few_problems_are_admitted() -> None:
    assert "another seed may order them otherwise" in said("better", 40)
    assert "another seed" not in said("better", 40, 0, 1, 2)
    assert "too narrow to lean on" in said("better", 12)
    assert "too narrow to lean on" not in said("better", 40)


def test_a_cell_that_loses_more_says_where() -> None:
    def funnel(constant: int) -> Funnel:
        dropped = {DropReason.CONSTANT: constant}
        steps = (
            StepCount(step="inputs", unit="functions", taken=20, kept=20),
            StepCount(
                step="filters", unit="functions", taken=20, kept=20 - constant, dropped=dropped
            ),
        )
        return Funnel(steps=steps)

    row = KEPT.model_copy(update={"only_baseline": 6, "p_value": 0.03})
    funnels = {"base": funnel(2), "other": funnel(8)}
    text = " ".join(sentences(plan(), [row], funnels, [], []))
    assert "other keeps 12 of 20 functions" in text
    assert "6 the other way round, fewer (McNemar p 0.030)" in text
    assert "Against base, other loses by: filters constant +6." in text


def test_the_setting_that_intervals_hold_for_is_named() -> None:
    train = TrainConfig(steps=30, batch=4, max_length=512)
    cells = tuple(one.model_copy(update={"train": train}) for one in plan().cells)
    told = plan().model_copy(update={"cells": cells, "base": "org/model"})
    *_, text = sentences(told, [], {}, [score(40)], [])
    assert "the corpus stdlib, the base model org/model" in text
    assert "30 steps of 4 sequences of up to 512 tokens" in text


def test_samples_that_no_sequence_holds_are_counted() -> None:
    counts = DataCount(samples=30, tokens=9, loss_tokens=5, dropped={DropReason.OVER_LENGTH: 39})
    result = TrainResult.model_construct(train=counts)
    one = Trained.model_construct(cell="base", seed=0, result=result)
    [text] = left_out([one, one.model_copy(update={"seed": 1})])
    assert text.endswith("not trained on: 39 of 69 samples of base.")
    whole = TrainResult.model_construct(train=counts.model_copy(update={"dropped": {}}))
    assert not list(left_out([one.model_copy(update={"result": whole})]))


def test_units_are_points_or_nats() -> None:
    assert moved(LOSS, FIGURE) == "+0.050 nats (-0.020 to +0.120)"
    assert moved(CASES, FIGURE) == "+5.0 points (-2.0 to +12.0)"
    assert (p_value(0.0004), p_value(0.0312)) == ("< 0.001", "0.031")
