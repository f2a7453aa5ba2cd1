import re
from xml.etree import ElementTree as ET

import pytest

from tasks.reports import plots

COUNTS = {1: 3, 2: 10, 5: 4, 40: 1}


def drawn() -> dict[str, str]:
    curve = plots.Line("ours", [1, 10], [0.1, 0.2], [0.05, 0.1], [0.2, 0.3])
    return {
        "histogram": plots.histogram("histogram", COUNTS, x="lines <&>"),
        "lines": plots.lines("lines", [curve], x="samples", y="pass@1", log_x=True),
        "intervals": plots.intervals(
            "intervals", [plots.Point("a <b>", 0.3, 0.2, 0.4)], x="pass@1", reference=0.25
        ),
        "empty": plots.histogram("empty", {}, x="lines"),
    }


@pytest.fixture(scope="module")
def svgs() -> dict[str, str]:
    return drawn()


def test_the_same_values_give_the_same_text(svgs: dict[str, str]) -> None:
    assert drawn() == svgs


def test_plots_are_whole_and_follow_the_colours_of_the_page(svgs: dict[str, str]) -> None:
    for svg in svgs.values():
        ET.fromstring(svg.replace("xlink:", ""))  # noqa: S314 - our own
        assert "currentColor" in svg
        assert not re.search(r"#[0-9a-f]{6}", svg), "a colour that is right in one mode only"
        assert "<style" not in svg
        assert "font-family" not in svg
    assert "var(--series-1)" in svgs["lines"]


def test_ids_of_plots_on_one_page_never_meet(svgs: dict[str, str]) -> None:
    found = [re.findall(r'\bid="([^"]*)"', svg) for svg in svgs.values()]
    every = [name for names in found for name in names]
    assert every
    assert len(set(every)) == len(every)
    for svg, names in zip(svgs.values(), found, strict=True):
        assert set(re.findall(r"(?:href=\"|url\()#([^\")]*)", svg)) <= set(names)


def test_few_values_are_a_bar_each_and_a_long_tail_is_one() -> None:
    labels, heights, median = plots.binned({1: 1, 2: 2, 3: 1})
    assert (labels, heights, median) == (["1", "2", "3"], [1, 2, 1], (1, 2))
    labels, heights, _ = plots.binned(dict.fromkeys(range(100), 10) | {9_000: 1})
    assert labels[-1].endswith("+")
    assert sum(heights) == 1_001
    assert len(labels) <= 26
    assert plots._ticks(labels)[-1] == len(labels) - 1, "the tail says that it is one"


def test_bars_begin_and_step_at_round_numbers() -> None:
    labels, _, _ = plots.binned(dict.fromkeys(range(37, 437), 1))
    assert labels[:3] == ["20", "40", "60"]
