"""Data sets that were published before, as sketches of the functions in them."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow.parquet as pq

from sandbox.parsing import parse_module
from tasks.dedup.sketching import sketch
from tasks.programs.identity import identity
from tasks.records.functions import Function
from tasks.records.sketches import Sketch

_COLUMNS = ("function_id", "completion", "name", "program")
"""All that is asked of a data set, so that one with other columns beside them is read as well.
The last may be missing: it is the program where that is not the completion."""


def sketches_of(files: Iterable[Path]) -> Iterator[Sketch]:
    """A sketch of every function in the Parquet files of a data set, each once."""
    yield from sketch(_functions(files))


def _functions(files: Iterable[Path]) -> Iterator[Function]:
    seen: set[str] = set()
    for path in files:
        with pq.ParquetFile(path) as table:
            columns = [name for name in _COLUMNS if name in table.schema_arrow.names]
            for batch in table.iter_batches(columns=columns):
                for row in batch.to_pylist():
                    if row["function_id"] not in seen:
                        seen.add(row["function_id"])
                        program = row.get("program") or row["completion"]
                        yield function_of(row["function_id"], program, row["name"])


def function_of(key: str, program: str, name: str) -> Function:
    """As much of a function as its program tells. Raises SyntaxError, KeyError."""
    nodes = parse_module(program).body
    code = next(
        (
            ast.get_source_segment(program, node) or program
            for node in nodes
            if isinstance(node, ast.FunctionDef) and node.name == name
        ),
        program,
    )
    return Function(
        id=key,
        name=name,
        program=program,
        code=code,
        parameters=(),
        identity=identity(program, name),
        operations=0,
        branches=0,
        source="",
        path="",
        corpus="",
        first_line=1,
        last_line=1,
    )
