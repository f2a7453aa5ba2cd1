"""The page of an evaluation in a real browser: scores, comparison, and every answer as text."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tasks.evaluation.report import page_of
from tasks.records.evaluations import (
    AskStyle,
    Comparison,
    Completion,
    Contamination,
    Evaluation,
    Excluded,
    GradeConfig,
    Graded,
    Reason,
    Score,
)
from tasks.records.problems import BenchmarkFile, Problem
from tests.browser import IN_CHROMIUM, launched, loaded

pytestmark = list(IN_CHROMIUM)

HOSTILE = "</script><script>document.title='taken'</script><!-- <b>é 😀\u2028 &amp; ]]>"
MODELS = ("transformers:small@0123456789ab", "transformers:large@ba9876543210")
PROBLEMS = [
    Problem(
        benchmark="own",
        id=f"own/{number}" if number else HOSTILE,
        prompt=f"def f{number}(x):\n" if number else HOSTILE,
        entry=f"f{number}",
        solution=f"def f{number}(x):\n    return {HOSTILE!r}\n",
        tests="",
    )
    for number in range(4)
]
REASONS = {
    MODELS[0]: (Reason.PASSED, Reason.WRONG, Reason.TIMEOUT, Reason.PASSED),
    MODELS[1]: (Reason.PASSED, Reason.PASSED, Reason.NO_CODE, Reason.PASSED),
}


def graded(model: str) -> list[Graded]:
    rows = zip(PROBLEMS, REASONS[model], strict=True)
    return [
        Graded(
            benchmark="own",
            problem=problem.id,
            sample=0,
            passed=reason is Reason.PASSED,
            reason=reason,
            detail="" if reason is Reason.PASSED else HOSTILE,
            cases_passed=2,
            cases=3,
            program=problem.solution,
        )
        for problem, reason in rows
    ]


def completions(model: str) -> list[Completion]:
    return [
        Completion(
            benchmark="own",
            problem=problem.id,
            sample=0,
            text=f"{HOSTILE} said by {model}",
            cut=problem.entry == "f1",
        )
        for problem in PROBLEMS
    ]


def score(model: str, value: float) -> Score:
    about: dict[str, Any] = {"benchmark": "own", "measure": "pass@1", "problems": 4, "samples": 1}
    return Score(model=model, value=value, low=value - 0.2, high=value + 0.2, **about)


EVALUATION = Evaluation(
    models=MODELS,
    ask=AskStyle(),
    grade=GradeConfig(),
    limit=4,
    benchmarks=(BenchmarkFile(name="own", sha256="c" * 64, pinned=False, problems=5),),
    scores=(score(MODELS[0], 0.5), score(MODELS[1], 0.75)),
    comparisons=(
        Comparison(
            benchmark="own",
            first=MODELS[0],
            second=MODELS[1],
            problems=4,
            difference=0.25,
            low=0.0,
            high=0.75,
            first_only=0,
            second_only=1,
            p_value=1.0,
        ),
    ),
    excluded=(Excluded(benchmark="own", problem=HOSTILE, reason=HOSTILE),),
    contamination=(Contamination(benchmark="own", problems_found=1, problems=5, action="dropped"),),
    training_data="d" * 64,
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as opened:
        yield opened


@pytest.fixture
def page(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    path = tmp_path / "report.html"
    answers = {model: completions(model) for model in MODELS}
    verdicts = {model: graded(model) for model in MODELS}
    path.write_text(page_of(EVALUATION, PROBLEMS, answers, verdicts), encoding="utf-8")
    with loaded(browser, path) as opened:
        yield opened


def test_scores_stand_with_their_intervals_and_what_was_left_out_with_its_reason(
    page: Page,
) -> None:
    section = page.locator("section")
    scores = section.filter(has=page.get_by_role("heading", name="Scores"))
    expect(scores.locator("tbody tr").nth(1)).to_contain_text("75.0%")
    expect(scores.locator("tbody tr").nth(1)).to_contain_text("95.0%")
    expect(scores.locator("svg")).to_be_visible()
    compared = section.filter(has=page.get_by_role("heading", name="Comparison"))
    expect(compared.locator("tbody tr")).to_contain_text("+25.0")
    held = section.filter(has=page.get_by_role("heading", name="Contamination"))
    expect(held.locator("tbody tr")).to_contain_text("dropped")
    left = section.filter(has=page.get_by_role("heading", name="Left out"))
    expect(left.locator("td").last).to_have_text(HOSTILE)
    expect(page.locator("body")).to_contain_text("Only the first 4 problems")


def test_filters_find_the_answers_of_a_model_by_their_verdict(page: Page) -> None:
    count = page.locator(".count")
    expect(count).to_have_text("8 of 8 answers")
    page.get_by_label("model").select_option(MODELS[0])
    page.get_by_label("verdict").select_option("failed")
    expect(count).to_have_text("2 of 8 answers")
    page.get_by_label("reason").select_option("timeout")
    expect(count).to_have_text("1 of 8 answers")
    expect(page.locator(".item h3")).to_have_text("own/2")
    page.get_by_label("reason").select_option("wrong")
    expect(page.locator(".item")).to_contain_text("2 of 3 cases right")
    expect(page.locator(".item")).to_contain_text("its tokens were used up")


def test_whatever_a_model_says_shows_as_text(page: Page) -> None:
    page.get_by_role("searchbox").fill(MODELS[1])
    page.locator(".list li").first.get_by_role("button").click()
    item = page.locator(".item")
    assert item.locator("h3").text_content() == HOSTILE
    texts = item.locator("pre code").all_text_contents()
    assert f"{HOSTILE} said by {MODELS[1]}" in texts
    assert PROBLEMS[0].solution in texts
    assert page.evaluate("document.title") != "taken"
    assert page.locator("script").count() == 2, "the answers and the page's own"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_a_phone(page: Page, scheme: Literal["light", "dark"]) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
