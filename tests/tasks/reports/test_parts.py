import json
from html.parser import HTMLParser

import pytest

from tasks.reports import parts
from tasks.reports.page import Fact, Section, page, thousands

HOSTILE = "</script><!-- <b>&amp;\u2028'\" 😀 ünï"


def items() -> list[parts.Item]:
    block = parts.Block("code", HOSTILE, language="python")
    return [parts.Item(HOSTILE, facets={"split": "train"}, blocks=(block,))]


def hostile_page() -> str:
    stage = parts.Stage(
        HOSTILE, "files", 5, 3, (parts.Reason("empty", 2, HOSTILE, HOSTILE, HOSTILE),)
    )
    body = parts.together(
        parts.funnel([stage]),
        parts.table([HOSTILE], [[HOSTILE], [12_345], [None]]),
        parts.bars([parts.Bar(HOSTILE, 3, HOSTILE)], title=HOSTILE),
        parts.code(HOSTILE, language="python"),
        parts.details(HOSTILE, parts.prose(HOSTILE)),
        parts.columns(parts.heading(HOSTILE), HOSTILE),
        parts.flow(parts.note(HOSTILE), parts.pairs(HOSTILE, [(HOSTILE, HOSTILE)])),
        parts.browser(items()),
    )
    section = Section(HOSTILE, body, lead=HOSTILE)
    return page(HOSTILE, [section], lead=HOSTILE, facts=[Fact(HOSTILE, HOSTILE)], footer=HOSTILE)


class Elements(HTMLParser):
    """Names of the elements and what the JSON scripts hold."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.data: list[str] = []
        self._is_json = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self._is_json = ("type", "application/json") in attrs

    def handle_data(self, data: str) -> None:
        if self._is_json:
            self.data.append(data)

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the interface of the parser
        self._is_json = False


def test_no_text_becomes_an_element_wherever_it_is_passed_in() -> None:
    elements = Elements()
    elements.feed(hostile_page())
    assert "b" in elements.names, "the funnel's own"
    assert elements.names.count("b") == 2, "one in the flow, one in the reason, none of the text's"
    assert elements.names.count("script") == 2
    [item] = json.loads("".join(elements.data))
    assert item["title"] == item["blocks"][0]["text"] == HOSTILE


def test_the_same_page_twice_is_the_same_text() -> None:
    assert hostile_page() == hostile_page()


def test_a_page_names_no_address_but_its_own_anchors() -> None:
    html = page("t", [Section("One & two", parts.prose("text"))])
    assert 'href="#one-two"' in html
    assert 'id="one-two"' in html
    assert "http://" not in html
    assert "https://" not in html


def test_lone_surrogates_can_be_written() -> None:
    text = parts.browser([parts.Item("\ud800 end")])
    text.encode()
    assert "\\ud800 end" in text


def test_stages_that_follow_from_each_other_share_a_scale() -> None:
    stages = [
        parts.Stage("collect", "files", 10, 5),
        parts.Stage("extract", "functions", 200, 100),
        parts.Stage("filters", "functions", 100, 50),
        parts.Stage("prompts", "samples", 50, 50),
    ]
    widths = [[(top, end) for _, top, end in run] for run in parts._scaled(stages)]
    assert widths == [[(100, 50)], [(100, 50), (50, 25), (25, 25)]]


def test_an_empty_stage_has_no_width_and_no_error() -> None:
    assert parts._scaled([parts.Stage("collect", "files", 0, 0)])[0][0][1:] == (0, 0)


@pytest.mark.parametrize(
    ("number", "text"), [(12_345, "12,345"), (0.7123, "0.71"), (2.0, "2"), (0, "0")]
)
def test_numbers_are_written_as_people_read_them(number: float, text: str) -> None:
    assert thousands(number) == text
