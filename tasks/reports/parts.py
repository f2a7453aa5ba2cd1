"""What a section is made of. Every function returns HTML for `Section.body`, its texts escaped."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from tasks.reports.page import macro

Cell = str | int | float | None


@dataclass(frozen=True)
class Bar:
    """A row of a ranking."""

    label: str
    value: float
    note: str = ""
    """Behind the value, small: a share, an interval."""


@dataclass(frozen=True)
class Reason:
    """Why a stage lost some of what went in."""

    name: str
    number: int
    meaning: str = ""
    example: str = ""
    """What is to be seen of one of them: where it stood, and the detail."""
    code: str = ""
    """Its source, where that was kept."""


@dataclass(frozen=True)
class Stage:
    """A row of a funnel."""

    name: str
    unit: str
    taken: int
    kept: int
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Block:
    """One thing to be seen of an item: a text, or the rows of a small table."""

    label: str
    text: str = ""
    language: str = ""
    """`python` is coloured."""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Item:
    """One entry of a browser: a sample, a problem that a model tried."""

    title: str
    subtitle: str = ""
    facets: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    """What it can be filtered by: value, or values, by the name of the filter."""
    blocks: tuple[Block, ...] = ()


def prose(text: str) -> str:
    """Paragraphs: a blank line begins the next."""
    return macro("prose", [part for part in text.split("\n\n") if part.strip()])


def note(text: str) -> str:
    """A small remark under something."""
    return macro("note", text)


def table(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """A table; numbers stand to the right with thousands separated, None is a dash."""
    return macro("table", columns, rows)


def pairs(title: str, rows: Sequence[tuple[str, str]]) -> str:
    """Names and what they stand for, however long."""
    return macro("pairs", title, rows)


def bars(rows: Sequence[Bar], *, title: str = "", unit: str = "") -> str:
    """A ranking: label, bar, value."""
    most = max((row.value for row in rows), default=0) or 1
    return macro("bars", rows, most, title, unit)


def figures(drawn: Sequence[tuple[str, str]]) -> str:
    """Plots side by side where there is room: pairs of caption and SVG."""
    return macro("figures", drawn)


def code(text: str, *, language: str = "") -> str:
    """A block of source or of output."""
    return macro("code", text, language)


def details(summary: str, body: str) -> str:
    """A part that opens on a click."""
    return macro("details", summary, body)


def heading(text: str) -> str:
    """A heading inside a section."""
    return macro("heading", text)


def together(*parts: str) -> str:
    """Parts one below the other."""
    return macro("together", parts)


def columns(*parts: str) -> str:
    """Parts side by side where there is room, in rows."""
    return macro("columns", parts)


def flow(*parts: str) -> str:
    """Many small parts of unlike height, in columns that fill one after the other."""
    return macro("flow", parts)


def funnel(stages: Sequence[Stage]) -> str:
    """The picture of what went in, came out and fell by the way; each stage opens on its reasons.

    Stages of one unit that follow each other are drawn to one scale.
    """
    return macro("funnel", _scaled(stages))


def browser(items: Sequence[Item], *, noun: str = "samples") -> str:
    """A list with a search over all texts, a filter for each facet, and the item that is chosen."""
    return macro("browser", json_for_script([asdict(item) for item in items]), noun)


def json_for_script(value: Any) -> str:
    """JSON that ends no script element and begins no comment, whatever its strings hold."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    # A lone surrogate is no text: it would keep the page from being written as UTF-8.
    return text.encode("utf-8", "backslashreplace").decode()


def _scaled(stages: Sequence[Stage]) -> list[list[tuple[Stage, float, float]]]:
    """Runs of stages on one scale, each stage with its widths in per cent at the top and the end.

    A stage that takes all that the one before it kept goes on at that width, whatever its unit.
    """
    runs: list[list[Stage]] = []
    for stage in stages:
        if runs and (runs[-1][-1].unit == stage.unit or runs[-1][-1].kept == stage.taken):
            runs[-1].append(stage)
        else:
            runs.append([stage])
    return [_widths(run) for run in runs]


def _widths(run: Sequence[Stage]) -> list[tuple[Stage, float, float]]:
    most = max(stage.taken for stage in run) or 1
    return [
        (stage, round(100 * stage.taken / most, 2), round(100 * stage.kept / most, 2))
        for stage in run
    ]
