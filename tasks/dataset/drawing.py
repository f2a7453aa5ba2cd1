"""A look into a data set: samples drawn from its files."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from random import Random

import pyarrow.parquet as pq

from tasks.records.samples import Sample

RowGroup = tuple[Path, int, int]
"""File, number of the row group in it, rows."""


def draw(folder: Path, n: int, seed: int) -> list[Sample]:
    """At most `n` different samples of all splits, in the order in which they were drawn.

    `folder` is a data set as `assemble` writes it. Of its files only the row groups that were
    hit are read.
    """
    groups = list(_row_groups(folder))
    starts = list(accumulate((rows for _, _, rows in groups), initial=0))
    rng = Random(f"draw:{seed}")  # noqa: S311  not for secrets
    places = rng.sample(range(starts[-1]), min(n, starts[-1]))
    return [_sample(groups, starts, place) for place in places]


def _row_groups(folder: Path) -> Iterator[RowGroup]:
    for path in sorted((folder / "data").glob("*.parquet")):
        metadata = pq.read_metadata(path)
        for index in range(metadata.num_row_groups):
            yield path, index, metadata.row_group(index).num_rows


def _sample(groups: Sequence[RowGroup], starts: Sequence[int], place: int) -> Sample:
    """The sample that stands at that place of all files together."""
    group = bisect_right(starts, place) - 1
    path, index, _ = groups[group]
    with pq.ParquetFile(path) as file:
        [row] = file.read_row_group(index).slice(place - starts[group], 1).to_pylist()
    return Sample.model_validate(row)
