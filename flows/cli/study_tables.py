"""The tables of a study, as they fit on a terminal: one for each test set and measure."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from rich.table import Table

from tasks.records.studies import UNTRAINED, CellScore, Difference, Study
from tasks.studies.comparing import LOSS
from tasks.studies.page import cells_table, changes_table, yields_table
from tasks.studies.wording import moved, p_value, shown

Key = tuple[str, str]
"""A test set and a measure."""


def tables(study: Study) -> Iterator[Table]:
    """What became of the functions, and then of the models."""
    yield _table("Cells", *cells_table(study))
    columns, rows = yields_table(study)
    yield _table("Yield", columns, [[*map(_lines, row)] for row in rows])
    if len(study.yields) > 1:
        yield _table(f"Functions, against {study.plan.baseline}", *changes_table(study))
    for key in dict.fromkeys((one.test, one.measure) for one in study.scores):
        yield _of_measure(study, key)


def _of_measure(study: Study, key: Key) -> Table:
    """The score of each cell, and what it is less the baseline and less the untrained model."""
    scores = [one for one in study.scores if (one.test, one.measure) == key]
    pairs = {
        (one.cell, one.against): one for one in study.differences if (one.test, one.measure) == key
    }
    others = (study.plan.baseline, UNTRAINED)
    rows = [
        [
            one.cell,
            _lines(shown(one.measure, one.figure)),
            *(_difference(pairs.get((one.cell, other))) for other in others),
        ]
        for one in scores
    ]
    columns = ["cell", "score", *(f"less {other}" for other in others)]
    return _table(_title(scores[0]), columns, rows)


def _title(one: CellScore) -> str:
    unit = " in nats a token, less is better" if one.measure == LOSS else ""
    return f"{one.test}, {one.measure}{unit}: {one.problems:,} problems"


def _difference(one: Difference | None) -> str:
    if one is None:
        return ""
    told = "" if one.verdict == "not told apart" else f", p {p_value(one.adjusted)}"
    return f"{_lines(moved(one.measure, one.figure))}\n{one.verdict}{told}"


def _lines(cell: Any) -> Any:
    """A figure over its interval; anything else as it is."""
    return cell.replace(" (", "\n(") if isinstance(cell, str) else cell


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Table:
    table = Table(title=title, title_justify="left", padding=(0, 1, 0, 0))
    for place, column in enumerate(columns):
        numbers = all(isinstance(row[place], int | float) for row in rows)
        justify: Literal["left", "right"] = "right" if numbers and rows else "left"
        whole = not place or column == "share"
        table.add_column(column, justify=justify, overflow="fold", no_wrap=whole)
    for row in rows:
        table.add_row(*(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row))
    return table
