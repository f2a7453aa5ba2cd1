"""How hard the samples of a data set are for a model: the share of its answers that are right.

Covered: samples that ask for a program; graded by their hidden cases, or where there are none by
those shown. The others keep what they have. Nothing but `difficulty.solve_rate` changes.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tasks.benchmarks.case2code import is_task, problem_of_sample
from tasks.benchmarks.pins import CASE2CODE
from tasks.evaluation.completing import Asking, Opened, complete
from tasks.evaluation.grading import Answered, grade
from tasks.evaluation.jails import Jails
from tasks.models.keeping import KeptAnswers
from tasks.records.evaluations import AskStyle, GradeConfig, Reference
from tasks.records.problems import Problem

Row = Mapping[str, Any]


def problems_in(rows: Iterable[Row]) -> Iterator[Problem]:
    """What a model is asked, one for each sample that asks for a program."""
    for row in rows:
        if is_task(row):
            yield problem_of_sample(CASE2CODE, {**row, "hidden": row["hidden"] or row["shown"]})


def solve_rates(
    problems: Sequence[Problem], ask: AskStyle, kept: KeptAnswers, opened: Opened, jails: Jails
) -> dict[str, float]:
    """The share of right answers by id of the sample."""
    asking = Asking(problems, ask, None)
    right: dict[str, list[bool]] = defaultdict(list)
    for verdict in grade(_answered(asking, kept, opened), jails, GradeConfig()):
        right[verdict.problem].append(verdict.passed)
    return {name: sum(passed) / len(passed) for name, passed in right.items()}


def _answered(asking: Asking, kept: KeptAnswers, opened: Opened) -> Iterator[Answered]:
    by_id = {problem.id: problem for problem in asking.problems}
    for completion in complete(asking, kept, opened):
        problem = by_id[completion.problem]
        yield completion, Reference(problem=problem), asking.program(problem, completion.text)


def with_rates(source: Path, target: Path, rates: Mapping[str, float]) -> None:
    """A copy of a file of samples in which those that have a rate carry it."""
    with pq.ParquetFile(source) as table:
        schema = table.schema_arrow
        with pq.ParquetWriter(target, schema, compression="zstd") as writer:
            for batch in table.iter_batches(batch_size=1_000):
                rows = [_rated(row, rates) for row in batch.to_pylist()]
                writer.write_table(pa.Table.from_pylist(rows, schema=schema))


def _rated(row: dict[str, Any], rates: Mapping[str, float]) -> dict[str, Any]:
    if row["id"] not in rates:
        return row
    return row | {"difficulty": row["difficulty"] | {"solve_rate": rates[row["id"]]}}
