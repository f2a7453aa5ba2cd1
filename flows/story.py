"""What a run tells in the Prefect UI: how far it is, what became of it, where things lie.

It is told, not kept: where the server does not take it, the log says so and the run goes on.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from prefect import get_run_logger
from prefect.artifacts import (
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)

from tasks.records.drops import Funnel, StepCount
from tasks.records.steps import BuildSummary

SECONDS_BETWEEN = 5.0
"""Between two words on the progress of a step; one that is done sooner says none."""


@contextmanager
def telling() -> Iterator[None]:
    """Around what only informs: an error of the server is a line of the log."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever it is, the work itself is not hurt
        get_run_logger().warning("the Prefect UI was not told: %s", error)


class StepProgress:
    """A progress artifact of one step, updated as its shards are done."""

    def __init__(self, step: str, shards: int) -> None:
        self._step = step
        self._shards = shards
        self._done = 0
        self._told_at = time.monotonic()
        self._artifact: Any = None
        self._silent = False

    def shard_done(self) -> None:
        """One more; told where the last word is long enough ago, and at the end if any was."""
        self._done += 1
        ended = self._done == self._shards
        if self._silent or (ended and self._artifact is None):
            return
        if ended or time.monotonic() - self._told_at >= SECONDS_BETWEEN:
            self._told_at = time.monotonic()
            self._silent = True  # until the server has taken it: each try takes a minute
            with telling():
                self._tell()
                self._silent = False

    def _tell(self) -> None:
        percent = 100 * self._done / self._shards
        text = f"{self._step}: {self._done:,} of {self._shards:,} shards"
        if self._artifact is None:
            self._artifact = create_progress_artifact(
                percent, key=f"progress-{self._step}", description=text
            )
        else:
            update_progress_artifact(self._artifact, percent, description=text)


def tell_build(
    summary: BuildSummary, name: str, corpora: Sequence[str], parents: Sequence[tuple[str, str]]
) -> None:
    """The funnel as a table, links to what was made and to its parents, and all of it in words.

    Args:
        summary: What the run came to.
        name: `name@version` of the data set.
        corpora: Labels of what it was made from.
        parents: Of data sets whose functions were left out, name and place.
    """
    dataset = summary.dataset
    about = f"Data set {name}, {dataset.ref.short}"
    with telling():
        create_table_artifact(key="funnel", table=_rows(dataset.funnel), description=about)
        _link("dataset", summary.path, f"Data set {name}")
        _link("report", summary.report, f"Report of {name}")
        for parent, path in parents:
            _link(f"parent-{parent}", path, f"Left out what data set {parent} has")
        create_markdown_artifact(
            key="report", markdown=_in_words(summary, name, corpora, parents), description=about
        )


def _link(key: str, place: str, text: str) -> None:
    address = place if "://" in place else Path(place).absolute().as_uri()
    create_link_artifact(link=address, link_text=text, key=f"link-{key}", description=place)


def _in_words(
    summary: BuildSummary, name: str, corpora: Sequence[str], parents: Sequence[tuple[str, str]]
) -> str:
    dataset = summary.dataset
    rows = [
        ("made from", ", ".join(corpora)),
        *((f"without what `{parent}` has", f"`{path}`") for parent, path in parents),
        ("data set", f"`{summary.path}`"),
        ("report", f"`{summary.report}`"),
        ("digest", f"`{dataset.ref.digest}`"),
        ("task runs", f"{summary.task_runs:,}, {summary.cached_steps:,} from the cache"),
        ("seconds", f"{summary.seconds:,.0f}"),
        *(("writer", usage.said) for usage in summary.writers),
    ]
    return (
        f"# {name}\n\n{dataset.samples:,} samples of {dataset.functions:,} functions, "
        f"{dataset.functions_with_8_cases:,} of them with at least 8 verified cases.\n\n"
        "| | |\n| --- | --- |\n" + "".join(f"| {what} | {said} |\n" for what, said in rows)
    )


def _rows(funnel: Funnel) -> list[dict[str, str | int]]:
    return [
        {
            "step": row.step,
            "unit": row.unit,
            "in": row.taken,
            "out": row.kept,
            "dropped": dropped_in_words(row),
        }
        for row in funnel.steps
    ]


def dropped_in_words(row: StepCount) -> str:
    """`duplicate 3, too-long 1`."""
    return ", ".join(f"{reason} {number:,}" for reason, number in row.dropped.items())
