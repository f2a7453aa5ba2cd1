"""Plots as SVG that lies inside a page and follows its colours, drawn by matplotlib.

Promised: the same values give the same text (with the same matplotlib): no date, ids from the
plot's name; text is text, in the page's font; colours are those of the page (`currentColor` and
its CSS variables), so that a plot is right in light and dark. Names must differ on one page.
"""

import io
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Colours that stand for the page's own: matplotlib takes no `var(--accent)`.
INK = "#010203"
FAINT = "#010204"
SERIES = ("#010211", "#010212", "#010213", "#010214", "#010215", "#010216")

_COLOURS = {INK: "currentColor", FAINT: "var(--line)"} | {
    colour: f"var(--series-{number})" for number, colour in enumerate(SERIES, 1)
}

WIDTH, HEIGHT = 3.6, 2.1
"""Inches at 100 dots each: what a phone shows without shrinking the text."""

_MOST_BARS = 26
_TAIL = 0.99
"""Of the values: what lies beyond is one bar, marked `+`."""

# rcParams are global to the process, and steps draw in threads.
DRAWING = threading.Lock()


@dataclass(frozen=True)
class Line:
    """A curve, with its band of uncertainty where `low` and `high` are given."""

    label: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()


@dataclass(frozen=True)
class Point:
    """A value with its interval, a row of `intervals`."""

    label: str
    value: float
    low: float
    high: float


def histogram(name: str, counts: Mapping[int, int], *, x: str, series: int = 0) -> str:
    """How often each whole number came; the median is marked.

    Args:
        name: Of the plot, unlike any other on the page.
        counts: Number of times by value.
        x: What the values are.
        series: Which of the page's colours.
    """
    figure, axes = _empty()
    labels, heights, median = binned(counts)
    colours = [SERIES[series]] * len(heights)
    axes.bar(range(len(heights)), heights, width=0.82, color=colours, linewidth=0)
    ticks = _ticks(labels)
    axes.set_xticks(ticks, [labels[place] for place in ticks])
    if counts:
        place, value = median
        axes.axvline(place, color=INK, linewidth=0.8, linestyle=(0, (2, 2)), alpha=0.6)
        axes.annotate(
            f"median {value}",
            (place, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(4, -2) if place < len(labels) / 2 else (-4, -2),
            textcoords="offset points",
            ha="left" if place < len(labels) / 2 else "right",
            va="bottom",
            color=INK,
            fontsize=8,
        )
    axes.set_xlabel(x)
    return _svg(figure, name, f"Histogram of {x}")


def lines(name: str, curves: Sequence[Line], *, x: str, y: str, log_x: bool = False) -> str:
    """Curves over one axis, for example a score over the size of the data."""
    figure, axes = _empty()
    for number, curve in enumerate(curves):
        colour = SERIES[number % len(SERIES)]
        axes.plot(curve.x, curve.y, color=colour, linewidth=1.6, marker="o", markersize=3)
        if curve.low:
            axes.fill_between(curve.x, curve.low, curve.high, color=colour, alpha=0.16, linewidth=0)
        axes.annotate(
            curve.label,
            (curve.x[-1], curve.y[-1]),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            fontsize=8,
        )
    if log_x:
        axes.set_xscale("log")
        axes.minorticks_off()
    axes.margins(x=0.12)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    return _svg(figure, name, f"{y} over {x}")


def intervals(name: str, points: Sequence[Point], *, x: str, reference: float | None = None) -> str:
    """A row for each value with its interval; `reference` draws a line to compare with."""
    figure, axes = _empty(height=0.55 + 0.26 * len(points))
    for row, point in enumerate(points):
        axes.plot([point.low, point.high], [row, row], color=SERIES[0], linewidth=1.4, alpha=0.5)
        axes.plot([point.value], [row], color=SERIES[0], marker="o", markersize=5)
    if reference is not None:
        axes.axvline(reference, color=INK, linewidth=0.8, linestyle=(0, (2, 2)), alpha=0.6)
    axes.set_yticks(range(len(points)), [point.label for point in points])
    axes.set_ylim(len(points) - 0.5, -0.5)
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x", color=FAINT, linewidth=0.8)
    axes.set_xlabel(x)
    return _svg(figure, name, x)


def binned(counts: Mapping[int, int]) -> tuple[list[str], list[int], tuple[float, int]]:
    """Labels and heights of the bars, and where the median stands: its place and its value."""
    if not counts:
        return [], [], (0.0, 0)
    low, high = min(counts), _quantile(counts, _TAIL)
    step = _nice(-(-(high - low + 1) // _MOST_BARS))
    low -= low % step
    bars = (high - low) // step + 1
    heights = [0] * bars
    for value, number in counts.items():
        heights[min((value - low) // step, bars - 1)] += number
    labels = [str(low + step * bar) for bar in range(bars)]
    if max(counts) >= low + step * bars:
        labels[-1] += "+"
    median = _quantile(counts, 0.5)
    return labels, heights, ((median - low) // step, median)


def _ticks(labels: Sequence[str]) -> list[int]:
    """Which bars are labelled: some eight, the one that holds the tail among them."""
    every = max(1, -(-len(labels) // 8))
    ticks = list(range(0, len(labels), every))
    if labels and labels[-1].endswith("+") and ticks[-1] != len(labels) - 1:
        if len(labels) - 1 - ticks[-1] < every:
            ticks.pop()
        ticks.append(len(labels) - 1)
    return ticks


def _quantile(counts: Mapping[int, int], share: float) -> int:
    """The smallest value that at least that share of all values do not exceed."""
    total, seen = sum(counts.values()), 0
    for value in sorted(counts):
        seen += counts[value]
        if seen >= share * total:
            return value
    return max(counts)


def _nice(step: int) -> int:
    """The next of 1, 2, 5, 10, 20 and so on."""
    size = 1
    while True:
        for nice in (size, 2 * size, 5 * size):
            if nice >= step:
                return nice
        size *= 10


def _empty(height: float = HEIGHT) -> "tuple[Figure, Axes]":
    # Half a second, which only those pay who draw.
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(WIDTH, height), dpi=100, layout="constrained")
    figure.patch.set_alpha(0)
    axes = figure.subplots()
    axes.patch.set_alpha(0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(FAINT)
    axes.tick_params(length=0, labelsize=8, colors=INK)
    axes.xaxis.label.set(color=INK, fontsize=8, alpha=0.75)
    axes.yaxis.label.set(color=INK, fontsize=8, alpha=0.75)
    axes.grid(visible=True, axis="y", color=FAINT, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.locator_params(axis="y", nbins=4)
    return figure, axes


def _svg(figure: "Figure", name: str, label: str) -> str:
    import matplotlib as mpl  # noqa: PLC0415 - see _empty

    sink = io.StringIO()
    # Of any type: that of the parameter lists every setting of one version of matplotlib.
    settings: Any = {"svg.fonttype": "none", "svg.hashsalt": name, "svg.id": name}
    with DRAWING, mpl.rc_context(settings):
        figure.savefig(sink, format="svg", metadata={"Date": None, "Creator": None})
    return _inlined(sink.getvalue(), name, label)


def _inlined(svg: str, name: str, label: str) -> str:
    """The SVG as a part of a page: no prolog, no style of its own, ids that are its alone."""
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>|<style[^>]*>.*?</style>", "", body, flags=re.DOTALL)
    head, _, rest = body.partition(">")
    box = re.search(r'viewBox="[^"]*"', head)
    rest = re.sub(r'\bid="([^"]*)"', rf'id="{name}-\1"', rest)
    rest = re.sub(r'(href="|url\()#', rf"\1#{name}-", rest)
    rest = re.sub(r"font-family: [^;\"]*; ", "", rest)
    for colour, css in _COLOURS.items():
        rest = rest.replace(colour, css)
    rest = re.sub(r"\s*\n\s*", "\n", rest)
    opening = f'<svg class="plot" role="img" aria-label="{_attribute(label)}"'
    return f"{opening} {box[0] if box else ''}>{rest}".rstrip()


def _attribute(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
