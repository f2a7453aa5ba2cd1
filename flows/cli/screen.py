"""What a person sees: bars while it works, the funnel and samples at the end."""

import json
import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from rich.console import Console, Group
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from tasks.records.drops import Funnel
from tasks.records.samples import Sample, Task

# No markup: what is printed is paths, reasons, code; `case2code[train]` is to be read as it is.
stderr = Console(stderr=True, markup=False)
"""Progress and everything said on the way; standard output is for the result."""
stdout = Console(markup=False)

REASONS_SHOWN = 6
"""Of each step, the most frequent; `show --json` has them all."""


def print_json(result: Mapping[str, Any]) -> None:
    """The one JSON object of a command with --json."""
    sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")


class Bars:
    """A bar for each step of a flow; a line where there is no terminal (`flows.progress`)."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description:<12}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
            console=stderr,
        )
        self._tasks: dict[str, Any] = {}
        self._left: dict[str, int] = {}
        self._cached: dict[str, int] = {}

    def __enter__(self) -> Self:
        if stderr.is_terminal:
            self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def step_started(self, step: str, shards: int) -> None:
        """See flows.progress.Progress."""
        self._cached[step] = 0
        self._left[step] = shards
        self._tasks[step] = self._progress.add_task(step, total=shards, note="")

    def shard_done(self, step: str, *, cached: bool) -> None:
        """See flows.progress.Progress."""
        self._cached[step] += cached
        note = f"{self._cached[step]} cached" if self._cached[step] else ""
        self._progress.update(self._tasks[step], advance=1, note=note)
        self._left[step] -= 1
        if not (self._left[step] or stderr.is_terminal):
            # In a log a line a step says that it goes on, which a bar cannot.
            stderr.print(f"{step} done {note}".rstrip(), highlight=False)

    def said(self, text: str) -> None:
        """See flows.progress.Progress."""
        stderr.print(text, highlight=False, markup=False)


def funnel_table(funnel: Funnel) -> Table:
    """In, out and dropped by reason, a row a step."""
    table = Table(title="Funnel", title_justify="left")
    table.add_column("step")
    table.add_column("unit")
    table.add_column("in", justify="right")
    table.add_column("out", justify="right")
    table.add_column("dropped, by reason")
    for row in funnel.steps:
        table.add_row(row.step, row.unit, f"{row.taken:,}", f"{row.kept:,}", _reasons(row.dropped))
    return table


def _reasons(dropped: Mapping[Any, int]) -> str:
    ranked = sorted(dropped.items(), key=lambda item: (-item[1], item[0]))
    shown = [f"{reason} {number:,}" for reason, number in ranked[:REASONS_SHOWN]]
    rest = sum(number for _, number in ranked[REASONS_SHOWN:])
    return ", ".join([*shown, f"other {rest:,}"] if rest else shown)


def sample_panel(sample: Sample) -> Panel:
    """A sample as a model sees it: the prompt, and the answer."""
    return Panel(
        Group(
            Text(sample.prompt.rstrip()),
            Text("\nanswer:", style="bold"),
            Syntax(sample.completion.rstrip(), "python", background_color="default"),
        ),
        title=Text(f"{sample.name} from {sample.source}:{sample.first_line}"),
        subtitle=Text(
            f"{_what(sample)}{len(sample.shown)} cases shown, {len(sample.hidden)} hidden, "
            f"{sample.split}"
        ),
        title_align="left",
        subtitle_align="left",
    )


def _what(sample: Sample) -> str:
    """What is asked, where that is not the usual: `output prediction, twin, `."""
    task = "" if sample.task is Task.INDUCTION else f"{sample.task.replace('_', ' ')}, "
    return f"{task}twin, " if sample.twin_of else task
