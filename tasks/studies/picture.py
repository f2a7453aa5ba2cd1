"""The picture of a study: a panel for the yields and one for each measure, as SVG."""

from collections.abc import Sequence
from io import StringIO
from typing import TYPE_CHECKING

from tasks.records.studies import CellScore, Figure, Yield
from tasks.reports.plots import DRAWING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00")
"""Colours that the colour-blind tell apart. Source: Okabe and Ito, 2008."""

Row = tuple[str, Figure]


def draw(title: str, yields: Sequence[Yield], scores: Sequence[CellScore]) -> str:
    """An SVG: the same figures give the same text, with the same matplotlib.

    Args:
        title: The study's question.
        yields: The share of functions that each cell keeps.
        scores: What its models come to.
    """
    # A second of imports, paid only where something is drawn. No pyplot: it keeps figures alive.
    import matplotlib as mpl  # noqa: PLC0415
    from matplotlib.figure import Figure as Canvas  # noqa: PLC0415

    panels = [("share of functions kept", [(one.cell, one.share) for one in yields])]
    for key in dict.fromkeys((one.test, one.measure) for one in scores):
        own = [(one.cell, one.figure) for one in scores if (one.test, one.measure) == key]
        panels.append((f"{key[0]}: {key[1]}", own))
    heights = [0.6 + 0.26 * len(rows) for _, rows in panels]
    # Ids drawn from this, and no date: the text has neither chance nor clock.
    with DRAWING, mpl.rc_context({"svg.hashsalt": "study", "svg.fonttype": "none"}):
        canvas = Canvas(figsize=(8.4, 0.5 + sum(heights)), layout="constrained")
        canvas.suptitle(title, fontsize=10, parse_math=False)
        parts = canvas.subplots(len(panels), 1, height_ratios=heights, squeeze=False)
        for axes, (name, rows) in zip(parts[:, 0], panels, strict=True):
            _panel(axes, name, rows)
        text = StringIO()
        canvas.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()


def _panel(axes: "Axes", title: str, rows: Sequence[Row]) -> None:
    for place, (_, figure) in enumerate(rows):
        colour = _COLOURS[place % len(_COLOURS)]
        axes.plot([figure.low, figure.high], [place, place], color=colour, linewidth=2, alpha=0.5)
        axes.plot([figure.value], [place], color=colour, marker="o", markersize=5)
    axes.set_yticks(range(len(rows)), [cell for cell, _ in rows], fontsize=8, parse_math=False)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.tick_params(axis="x", labelsize=8)
    axes.grid(visible=True, axis="x", linewidth=0.5, alpha=0.5)
    axes.set_title(title, loc="left", fontsize=9, parse_math=False)
    axes.spines[["top", "right"]].set_visible(False)
