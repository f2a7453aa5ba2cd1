"""The sequences of a training, tokenized once: written beside their accounts, found again.

The accounts are written last, so that they stand only beside a whole file. A training that
goes on after a kill reads the very sequences it began with.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tasks.errors import TrainingError
from tasks.records.drops import DropReason
from tasks.records.training import DataCount, Way
from tasks.training.rows import read_rows
from tasks.training.tokens import Tokenize, Tokens

SCHEMA = pa.schema([("input_ids", pa.list_(pa.int32())), ("labels", pa.list_(pa.int32()))])
_BATCH_ROWS = 512


def prepare(  # noqa: PLR0913 - a split, how it is read, and where it goes
    name: str,
    files: Iterable[str],
    way: Way,
    tokenize: Tokenize,
    folder: Path,
    *,
    max_samples: int | None = None,
) -> tuple[Path, DataCount]:
    """One split's sequences (`input_ids`, `labels`) as a Parquet file; what became of its rows.

    Raises TrainingError where nothing is left to train on.
    """
    path, accounts = folder / f"{name}.parquet", folder / f"{name}.json"
    if accounts.is_file() and path.is_file():
        return path, DataCount.model_validate_json(accounts.read_bytes())
    folder.mkdir(parents=True, exist_ok=True)
    tally = _Tally()
    rows = read_rows([Path(file) for file in files], way)
    with pq.ParquetWriter(path, SCHEMA, compression="zstd") as writer:
        for batch in _batches(_kept(rows, tokenize, tally, max_samples)):
            writer.write_table(_table(batch))
    count = tally.count
    if name == "train" and not count.samples:
        raise TrainingError(
            f"not one of {count.taken} rows can be trained on: "
            + ", ".join(f"{reason} {number}" for reason, number in count.dropped.items())
            + ". Raise max_length, or look at the data"
        )
    accounts.write_text(count.model_dump_json(), encoding="utf-8")
    return path, count


class _Tally:
    def __init__(self) -> None:
        self.samples = self.tokens = self.loss_tokens = 0
        self.dropped: Counter[DropReason] = Counter()

    def keep(self, tokens: Tokens) -> None:
        self.samples += 1
        self.tokens += len(tokens.input_ids)
        self.loss_tokens += tokens.loss_tokens

    @property
    def count(self) -> DataCount:
        return DataCount(
            samples=self.samples,
            tokens=self.tokens,
            loss_tokens=self.loss_tokens,
            dropped=dict(sorted(self.dropped.items())),
        )


def _kept(
    rows: Iterable[Any], tokenize: Tokenize, tally: _Tally, max_samples: int | None
) -> Iterator[Tokens]:
    for row in rows:
        if row is None:
            tally.dropped[DropReason.NO_ROW] += 1
            continue
        if max_samples is not None and tally.samples >= max_samples:
            tally.dropped[DropReason.OVER_BUDGET] += 1
            continue
        for one in tokenize(row):
            if isinstance(one, DropReason):
                tally.dropped[one] += 1
            else:
                tally.keep(one)
                yield one


def _batches(tokens: Iterator[Tokens]) -> Iterator[list[Tokens]]:
    batch: list[Tokens] = []
    for one in tokens:
        batch.append(one)
        if len(batch) == _BATCH_ROWS:
            yield batch
            batch = []
    if batch:
        yield batch


def _table(batch: list[Tokens]) -> pa.Table:
    columns = [[one.input_ids for one in batch], [one.labels for one in batch]]
    return pa.table([pa.array(column, SCHEMA.types[0]) for column in columns], schema=SCHEMA)
