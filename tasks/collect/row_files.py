"""Files of rows: JSON lines (plain, gzip, zstd) and Parquet, in bounded memory.

Both are read forwards: a row that stands before the last one that was asked for is found from
the beginning of the file (JSON lines) or of its row group (Parquet).
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO, Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from tasks.collect.corpus import BadRowError, ChangedError
from tasks.collect.files import decompressed

Row = Mapping[str, Any]
Opened = Callable[[], IO[bytes]]
Projection = Callable[[Sequence[str]], list[str]]
"""Which of a file's columns are read. Raises CorpusError where the one with the text is missing."""

MAX_LINE = 64 << 20
"""Bytes; a longer line is a bad row, and is not held."""

_BATCH = 64
"""Rows of Parquet in memory: with the decoder's own buffers some 100 MB at 100 KB a row."""
_BUFFER = 1 << 20


class RowFile(Protocol):
    """Rows counted from 1."""

    unit: str
    """What a row is called: line, row."""

    def rows(self) -> Iterator[tuple[int, Row | BadRowError]]:
        """Every row with its number."""

    def row(self, number: int) -> Row:
        """One row. Raises BadRowError, or ChangedError where there are not so many."""


def open_rows(name: str, opened: Opened, projection: Projection) -> RowFile:
    """The rows of a file, which `opened` opens anew each time."""
    if name.endswith(".parquet"):
        return ParquetRows(opened, projection)
    return JsonLines(lambda: decompressed(opened(), name))


class JsonLines:
    """A JSON object a line; blank lines are counted but are no rows."""

    unit = "line"

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._lines: Iterator[tuple[int, bytes | None]] = iter(())
        self._last = 0

    def rows(self) -> Iterator[tuple[int, Row | BadRowError]]:
        """See RowFile."""
        for number, line in _lines(self._opened):
            if line is None or line.strip():
                yield number, _tried(line, number)

    def row(self, number: int) -> Row:
        """See RowFile."""
        if number <= self._last or not self._last:
            self._lines = _lines(self._opened)
        for at, line in self._lines:
            self._last = at
            if at == number:
                return _parsed(line, number)
        raise ChangedError


class ParquetRows:
    """The rows of a Parquet file of any size, of which only some columns are read."""

    unit = "row"

    def __init__(self, opened: Opened, projection: Projection) -> None:
        self._opened = opened
        self._projection = projection
        self._file: pq.ParquetFile | None = None
        self._batches: Iterator[tuple[int, pa.RecordBatch]] = iter(())
        self._first = 0
        self._batch: pa.RecordBatch | None = None

    def rows(self) -> Iterator[tuple[int, Row | BadRowError]]:
        """See RowFile."""
        for first, batch in self._from_group(0, 1):
            for index in range(batch.num_rows):
                try:
                    yield first + index, _row_of(batch, index, first + index)
                except BadRowError as error:
                    yield first + index, error

    def row(self, number: int) -> Row:
        """See RowFile."""
        group, first, end = self._group_of(number)
        if not first <= self._first <= number < end:
            self._batches, self._batch = self._from_group(group, first), None
        while self._batch is None or number >= self._first + self._batch.num_rows:
            try:
                self._first, self._batch = next(self._batches)
            except StopIteration:
                raise ChangedError from None
        return _row_of(self._batch, number - self._first, number)

    def _from_group(self, group: int, first: int) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Batches from a row group on, each with the number of its first row."""
        file = self._open()
        groups = range(group, file.metadata.num_row_groups)
        columns = self._projection(file.schema_arrow.names)
        for batch in file.iter_batches(
            batch_size=_BATCH, row_groups=list(groups), columns=columns, use_threads=False
        ):
            yield first, batch
            first += batch.num_rows

    def _group_of(self, number: int) -> tuple[int, int, int]:
        """The row group that a row is in, its first row, and the one after its last."""
        metadata = self._open().metadata
        first = 1
        for group in range(metadata.num_row_groups):
            end = first + metadata.row_group(group).num_rows
            if number < end:
                return group, first, end
            first = end
        raise ChangedError

    def _open(self) -> pq.ParquetFile:
        if self._file is None:
            # Buffering ahead holds a whole row group, which can be the whole file.
            self._file = pq.ParquetFile(self._opened(), buffer_size=_BUFFER, pre_buffer=False)
        return self._file


def _lines(opened: Opened) -> Iterator[tuple[int, bytes | None]]:
    """Lines with their numbers; None for one that is too long to hold."""
    with opened() as stream:
        number = 0
        while line := stream.readline(MAX_LINE):
            number += 1
            whole = len(line) < MAX_LINE or line.endswith(b"\n")
            yield number, line if whole else None
            while not whole:
                rest = stream.readline(_BUFFER)
                whole = len(rest) < _BUFFER or rest.endswith(b"\n")


def _tried(line: bytes | None, number: int) -> Row | BadRowError:
    try:
        return _parsed(line, number)
    except BadRowError as error:
        return error


def _parsed(line: bytes | None, number: int) -> Row:
    if line is None:
        raise BadRowError(f"line {number}: longer than {MAX_LINE:,} bytes")
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadRowError(f"line {number}: not JSON") from error
    if not isinstance(data, dict):
        raise BadRowError(f"line {number}: not a JSON object")
    return data


def _row_of(batch: pa.RecordBatch, index: int, number: int) -> Row:
    try:
        return {
            name: column[index].as_py()
            for name, column in zip(batch.schema.names, batch.columns, strict=True)
        }
    except UnicodeDecodeError as error:
        raise BadRowError(f"row {number}: not UTF-8") from error
