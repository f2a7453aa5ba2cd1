"""The picture of a comparison: for each measure a bar a writer, as SVG."""

from collections.abc import Sequence
from io import StringIO
from typing import TYPE_CHECKING

from tasks.records.comparisons import STACKED, WriterFigures
from tasks.records.writers import Engine

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MEASURES = {
    "valid_3": "functions with 3 valid inputs",
    "valid_8": "functions with 8 valid inputs",
    "varied": "functions with varied outputs",
    "branch_coverage": "branch exits taken",
    "mutants_killed": "mutants told apart",
}
_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00")
"""Colours that the colour-blind tell apart. Source: Okabe and Ito, 2008."""
_LONGEST = 34
"""Of a writer's name, in characters."""


def draw(names: Sequence[str], rows: Sequence[WriterFigures]) -> str:
    """An SVG: the same figures give the same text, with the same matplotlib.

    Args:
        names: What to call the writers.
        rows: Their figures, in the same order.
    """
    # A second of imports, paid only where something is drawn. No pyplot: it keeps figures alive.
    import matplotlib as mpl  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    # Ids drawn from this, and no date: the text has neither chance nor clock.
    with mpl.rc_context({"svg.hashsalt": "comparison", "svg.fonttype": "none"}):
        height = 1.1 + len(MEASURES) * (0.35 + 0.24 * len(rows))
        figure = Figure(figsize=(8.4, height), layout="constrained")
        parts = figure.subplots(len(MEASURES), 1, sharex=True)
        for axes, (measure, title) in zip(parts, MEASURES.items(), strict=True):
            _bars(axes, title, names, [getattr(row, measure) for row in rows])
        parts[-1].set_xlim(0, 1.09)
        text = StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()


def _bars(axes: "Axes", title: str, names: Sequence[str], values: Sequence[float]) -> None:
    colours = [_COLOURS[place % len(_COLOURS)] for place in range(len(names))]
    bars = axes.barh(range(len(names)), values, color=colours)
    axes.bar_label(bars, fmt="%.3f", padding=3, fontsize=8)
    axes.set_yticks(range(len(names)), [_short(name) for name in names], fontsize=8)
    axes.invert_yaxis()
    axes.set_title(title, loc="left", fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)


def _short(name: str) -> str:
    """Without the engines, and of what is still too long the end, which tells more."""
    plain = name.replace(f"{Engine.TRANSFORMERS}:", "").replace(f"{Engine.OPENAI}:", "")
    plain = plain.replace(STACKED, " + ")
    return plain if len(plain) <= _LONGEST else f"…{plain[-_LONGEST:]}"
