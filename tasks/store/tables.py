"""Records in Parquet: the schema is read off the record, so each kind is described once.

Covered: str, int, float, bool, string enums, nested records, tuples of these, and None
for any of them. What is written depends on the records alone: same records, same bytes
(with the same pyarrow). Both ways stream, a row group at a time.
"""

import types
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from enum import Enum
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, TypeVar, Union, get_args, get_origin

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel

ROWS_PER_GROUP = 1_000
"""Small enough that a group of large functions stays a few megabytes."""

_PLAIN: dict[Any, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
}

R = TypeVar("R", bound=BaseModel)


@cache
def arrow_schema(model: type[BaseModel]) -> pa.Schema:
    """The Parquet schema of a record; raises TypeError for a field of another type."""
    return pa.schema(_fields(model))


class RecordWriter(AbstractContextManager["RecordWriter[R]"], Generic[R]):
    """One Parquet file in the making, a row group in memory at a time."""

    def __init__(self, path: Path, model: type[R]) -> None:
        self.rows = 0
        self._schema = arrow_schema(model)
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd")
        self._pending: list[dict[str, Any]] = []

    def write(self, record: R) -> None:
        """Adds a record."""
        self.rows += 1
        self._pending.append(record.model_dump(mode="json"))
        if len(self._pending) == ROWS_PER_GROUP:
            self._flush()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._pending:
            self._writer.write_table(pa.Table.from_pylist(self._pending, schema=self._schema))
            self._pending.clear()


def write_records(path: Path, model: type[R], records: Iterable[R]) -> int:
    """Writes the records to one Parquet file and returns how many there were."""
    with RecordWriter(path, model) as writer:
        for record in records:
            writer.write(record)
    return writer.rows


def read_records(path: Path, model: type[R]) -> Iterator[R]:
    """Streams the records of one Parquet file."""
    with pq.ParquetFile(path) as table:
        for batch in table.iter_batches(batch_size=ROWS_PER_GROUP):
            for row in batch.to_pylist():
                yield model.model_validate(row)


def _fields(model: type[BaseModel]) -> "list[pa.Field[Any]]":
    return [_field(name, field.annotation, model) for name, field in model.model_fields.items()]


def _field(name: str, annotation: Any, model: type[BaseModel]) -> "pa.Field[Any]":
    inner, nullable = _without_none(annotation)
    try:
        return pa.field(name, _arrow_type(inner), nullable=nullable)
    except TypeError as error:
        raise TypeError(f"{model.__name__}.{name}: no Parquet type for {annotation}") from error


def _without_none(annotation: Any) -> tuple[Any, bool]:
    if get_origin(annotation) in (Union, types.UnionType):
        rest = [part for part in get_args(annotation) if part is not type(None)]
        if len(rest) == 1:
            return rest[0], True
    return annotation, False


def _arrow_type(annotation: Any) -> pa.DataType:
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    if get_origin(annotation) is tuple:
        return pa.list_(pa.field("item", _arrow_type(_only_item(annotation)), nullable=False))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return pa.string()
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return pa.struct(_fields(annotation))
    raise TypeError(annotation)


def _only_item(annotation: Any) -> Any:
    """The one item type of `tuple[X, ...]` or `tuple[X, X]`."""
    kinds = {part for part in get_args(annotation) if part is not Ellipsis}
    if len(kinds) != 1:
        raise TypeError(annotation)
    return kinds.pop()
