"""What an evaluation leaves behind: scores, every completion, every verdict, and a page."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tasks.evaluation.report import page_of
from tasks.records.evaluations import Completion, Evaluation, Graded, Reference
from tasks.records.problems import Problem
from tasks.store.tables import write_records

T = TypeVar("T")

SCORES_NAME = "scores.json"
PROBLEMS_NAME = "problems.parquet"
REPORT_NAME = "report.html"
FILES = (SCORES_NAME, PROBLEMS_NAME, "completions.parquet", "verdicts.parquet", REPORT_NAME)


@dataclass(frozen=True)
class Run:
    """All that an evaluation is made of, by model."""

    references: Sequence[Reference]
    completions: Mapping[str, Sequence[Completion]]
    graded: Mapping[str, Sequence[Graded]]


def write(evaluation: Evaluation, run: Run, folder: Path) -> None:
    """Writes `FILES` into the folder. The rows of the models follow each other in their order."""
    text = evaluation.model_dump_json(indent=2)
    (folder / SCORES_NAME).write_text(text + "\n", encoding="utf-8")
    tried = {(one.benchmark, one.problem) for one in _all(run.graded)}
    problems = [
        one.problem for one in run.references if (one.problem.benchmark, one.problem.id) in tried
    ]
    write_records(folder / PROBLEMS_NAME, Problem, problems)
    write_records(folder / "completions.parquet", Completion, _all(run.completions))
    write_records(folder / "verdicts.parquet", Graded, _all(run.graded))
    html = page_of(evaluation, problems, run.completions, run.graded)
    (folder / REPORT_NAME).write_text(html, encoding="utf-8")


def _all(rows: Mapping[str, Iterable[T]]) -> Iterator[T]:
    for own in rows.values():
        yield from own
