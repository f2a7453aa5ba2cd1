"""The page in a real browser: it loads, asks nobody for anything, and shows text as text."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tasks.dataset.report.dropped import DropExample
from tasks.dataset.report.figures import figures, item_of
from tasks.dataset.report.measures import Measures
from tasks.dataset.report.page import draw_plots, report_page
from tasks.records.base import digest_of
from tasks.records.drops import DropReason, Funnel, StepCount
from tasks.records.samples import Sample, Shown
from tests.browser import IN_CHROMIUM, launched, loaded

pytestmark = list(IN_CHROMIUM)

HOSTILE = "</script><script>document.title='taken'</script><!-- <b>é 😀\u2028 &amp; ]]>"
META = {
    "counts": {"functions_with_8_cases": 1, "splits": {"train": 40}},
    "config": {"corpus": ["c"], "note": HOSTILE},
    "versions": {"python": "3.11"},
    "benchmarks": [],
}
FUNNEL = Funnel(
    steps=(
        StepCount(step="collect", unit="files", taken=9, kept=9),
        StepCount(
            step="filters", unit="functions", taken=50, kept=40, dropped={DropReason.CONSTANT: 10}
        ),
    )
)


def samples(sample: Sample) -> Iterator[Sample]:
    for number in range(40):
        yield sample.model_copy(
            update={
                "id": digest_of("s", str(number)),
                "function_id": digest_of("f", str(number)),
                "name": f"function_{number:02}",
                "source": f"c/file_{number:02}.py",
                "split": "test" if number % 4 == 0 else "train",
                "shown": tuple(
                    Shown(arguments="{'n': 1}", output=str(n)) for n in range(number + 1)
                ),
            }
        )
    yield sample.model_copy(
        update={
            "id": digest_of("hostile"),
            "name": "hostile",
            "source": f"c/{HOSTILE}",
            "prompt": HOSTILE,
            "completion": f"def hostile():\n    return {HOSTILE!r}  # {HOSTILE}\n",
            "shown": (Shown(arguments=f"{{'n': {HOSTILE!r}}}", output=repr(HOSTILE)),),
            "licence": HOSTILE,
        }
    )


def html_of(sample: Sample, run: dict[str, Any]) -> str:
    measures = Measures()
    for one in samples(sample):
        measures.add(one)
    example = DropExample(subject=HOSTILE, detail=HOSTILE, code=f"# {HOSTILE}")
    writers = {
        "cases": {"search": 30, HOSTILE: 1},
        "models": {"m/x": {"answers": 3, "prompt_tokens": 1_500, "completion_tokens": 90}},
    }
    told = figures(measures, FUNNEL, {("filters", "constant"): example}, writers, META)
    told["contaminated"] = [
        {"name": HOSTILE, "source": "c/a", "problem": "P/1", "evidence": "syntax", "detail": ""}
    ]
    items = [item_of(one) for one in measures.shown]
    return report_page(HOSTILE, told, draw_plots(told["distributions"]), items, run)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as opened:
        yield opened


@pytest.fixture
def page(browser: Browser, sample: Sample, tmp_path: Path) -> Iterator[Page]:
    """The page, loaded; fails at the end if it had an error or asked for anything else."""
    path = tmp_path / "report.html"
    asked = {"writer": "openai:m/x", "answers": 4, "prompt_tokens": 1_500, "completion_tokens": 90}
    writers = [{"writer": "search", "answers": 0}, asked | {"cost": 0.25}]
    run = {"writers": writers, "host": HOSTILE}
    path.write_text(html_of(sample, run), encoding="utf-8")
    with loaded(browser, path) as opened:
        yield opened


def test_search_and_filters_find_samples_and_clearing_brings_all_back(page: Page) -> None:
    count, rows = page.locator(".count"), page.locator(".list li")
    expect(count).to_have_text("41 of 41 samples")
    page.get_by_role("searchbox").fill("FUNCTION_07 return")
    expect(count).to_have_text("1 of 41 samples")
    expect(page.locator(".item h3")).to_have_text("function_07")
    page.get_by_role("searchbox").fill("")
    page.get_by_label("split").select_option("test")
    expect(count).to_have_text("10 of 41 samples")
    page.get_by_role("searchbox").fill("nothing at all")
    expect(rows).to_have_count(0)
    expect(page.locator(".item")).to_contain_text("Nothing fits")
    page.get_by_role("searchbox").fill("")
    page.get_by_label("split").select_option("")
    rows.filter(has_text="function_03").get_by_role("button").click()
    expect(page.locator(".item h3")).to_have_text("function_03")
    expect(page.locator(".item tbody").first.locator("tr")).to_have_count(5)


def test_html_and_script_ends_in_a_sample_show_as_text(page: Page) -> None:
    page.get_by_role("searchbox").fill("hostile")
    item = page.locator(".item")
    expect(item.locator("h3")).to_have_text("hostile")
    codes = item.locator("pre code").all_text_contents()
    assert codes[0] == HOSTILE
    assert codes[1] == f"def hostile():\n    return {HOSTILE!r}  # {HOSTILE}\n"
    assert repr(HOSTILE) in item.locator("td code").all_text_contents()
    assert page.locator("h1").text_content() == HOSTILE
    assert page.title().startswith("</script>")
    assert page.evaluate("document.title") != "taken"
    assert page.locator("script").count() == 2, "the samples and the page's own"


def test_a_stage_opens_on_its_reasons_with_an_example(page: Page) -> None:
    page.locator(".funnel summary", has_text="filters").click()
    reason = page.locator(".reasons article")
    expect(reason).to_be_visible()
    expect(reason).to_contain_text("Every call returned the same value.")
    assert reason.locator("pre code").text_content() == f"# {HOSTILE}"


def test_the_cost_of_a_writer_is_that_of_the_run(page: Page) -> None:
    cells = page.locator("#writers td").all_text_contents()
    assert cells[-5:] == ["openai:m/x", "4", "1,500", "90", "0.25"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_a_phone_in_either_mode(
    page: Page, scheme: Literal["light", "dark"]
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    ink = page.evaluate("getComputedStyle(document.body).color")
    assert ink == {"light": "rgb(31, 29, 26)", "dark": "rgb(235, 231, 222)"}[scheme]
    tick = page.locator(".plot text").first
    assert tick.evaluate("node => getComputedStyle(node).fill") == ink, "plots follow the page"


def test_a_page_without_a_run_names_no_place(sample: Sample) -> None:
    html = html_of(sample, {})
    assert "This run" not in html
    assert html == html_of(sample, {})
    assert "no price given" in html
