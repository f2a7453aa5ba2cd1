"""Records in Parquet: the schema is read off the record, so each kind is described once.

Covered: str, int, float, bool, string enums, nested records, tuples of these, and None
for any of them. What is written depends on the records alone: same records, same bytes
(with the same pyarrow). Both ways stream, a row group at a time.
"""

import types
from collections.abc import Iterable, Iterator
from enum import Enum
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel

ROWS_PER_GROUP = 1_000
"""Small enough that a group of large functions stays a few megabytes."""

_PLAIN = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}

R = TypeVar("R", bound=BaseModel)


@cache
def arrow_schema(model: type[BaseModel]) -> pa.Schema:
    """The Parquet schema of a record; raises TypeError for a field of another type."""
    return pa.schema(_fields(model))


def write_records(path: Path, model: type[R], records: Iterable[R]) -> int:
    """Writes the records to one Parquet file and returns how many there were."""
    schema = arrow_schema(model)
    rows = 0
    stream = iter(records)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while batch := [record.model_dump(mode="json") for record in islice(stream, ROWS_PER_GROUP)]:
            writer.write_table(pa.Table.from_pylist(batch, schema=schema))
            rows += len(batch)
    return rows


def read_records(path: Path, model: type[R]) -> Iterator[R]:
    """Streams the records of one Parquet file."""
    with pq.ParquetFile(path) as table:
        for batch in table.iter_batches(batch_size=ROWS_PER_GROUP):
            for row in batch.to_pylist():
                yield model.model_validate(row)


def _fields(model: type[BaseModel]) -> list[pa.Field]:
    return [
        _field(name, field.annotation, model) for name, field in model.model_fields.items()
    ]


def _field(name: str, annotation: Any, model: type[BaseModel]) -> pa.Field:
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
