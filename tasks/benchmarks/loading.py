"""Benchmark files as problems: HumanEval, MBPP, their extended versions, and files like them.

Covered: JSON lines, one JSON array, plain or gzip, Parquet, and the folder of a data set of ours,
whose test split is meant. What a file is follows from the columns of its first row. A file that is
known byte for byte (`pins`) goes by its known name, any other by its own. A new benchmark is a
function from a row to a `Problem`, and a line in `_SHAPES`.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from tasks.benchmarks.case2code import (
    PAPER_COLUMNS,
    SAMPLE_COLUMNS,
    is_task,
    problem_of_paper,
    problem_of_sample,
)
from tasks.benchmarks.pins import CASE2CODE, PINS
from tasks.benchmarks.raw import content_hash, read
from tasks.benchmarks.shapes import problem_of_humaneval, problem_of_mbpp, problem_of_mbpp_plus
from tasks.errors import ConfigError
from tasks.records.artifacts import MANIFEST_NAME
from tasks.records.problems import BenchmarkFile, Problem

Row = Mapping[str, Any]
Shape = Callable[[str, Row], Problem]

_SHAPES: tuple[tuple[frozenset[str], Shape], ...] = (
    (
        frozenset(("task_id", "prompt", "entry_point", "canonical_solution", "test")),
        problem_of_humaneval,
    ),
    (
        frozenset(("task_id", "prompt", "entry_point", "canonical_solution", "assertion")),
        problem_of_mbpp_plus,
    ),
    (frozenset(("task_id", "code", "test_list")), problem_of_mbpp),
    (PAPER_COLUMNS, problem_of_paper),
    (SAMPLE_COLUMNS, problem_of_sample),
)


def load_all(paths: Iterable[Path]) -> tuple[tuple[BenchmarkFile, ...], list[Problem]]:
    """What was read, and the problems of all files.

    Raises:
        ConfigError: as `load`; or two files have one name.
    """
    files: list[BenchmarkFile] = []
    problems: list[Problem] = []
    for path in paths:
        file, found = load(path)
        if any(file.name == other.name for other in files):
            raise ConfigError(f"{path}: two benchmarks are called {file.name}; rename one")
        files.append(file)
        problems += found
    return tuple(files), problems


def load(path: Path) -> tuple[BenchmarkFile, list[Problem]]:
    """The problems of one file, or of the test split of a data set.

    Raises:
        ConfigError: It cannot be read, or its rows have the columns of no known benchmark.
    """
    if path.is_dir():
        name, sha256, rows = CASE2CODE, content_hash(path / MANIFEST_NAME), _test_split(path)
    elif path.suffix == ".parquet":
        name, sha256, rows = _own_name(path), content_hash(path), _table(path)
    else:
        raw = read(path)
        name, sha256, rows = _own_name(path), hashlib.sha256(raw).hexdigest(), _rows(path, raw)
    pin = PINS.get(sha256)
    problems = _problems(path, pin.name if pin else name, rows)
    return BenchmarkFile(
        name=pin.name if pin else name,
        sha256=sha256,
        pinned=pin is not None,
        problems=len(problems),
    ), problems


def _problems(path: Path, name: str, rows: list[Row]) -> list[Problem]:
    shape = _shape(path, rows)
    try:
        return [shape(name, row) for row in rows if is_task(row)]
    except (KeyError, TypeError, ValueError, SyntaxError) as error:
        raise ConfigError(f"{path}: a row is no problem of a benchmark: {error!r}") from error


def _own_name(path: Path) -> str:
    return path.name.partition(".")[0].lower()


def _test_split(folder: Path) -> list[Row]:
    """The rows of the files that a data set holds out."""
    rows = [row for path in sorted(folder.glob("data/test-*.parquet")) for row in _table(path)]
    if not rows:
        raise ConfigError(
            f"{folder} holds no test split: build it with more functions, or a larger test_share"
        )
    return rows


def _table(path: Path) -> list[Row]:
    try:
        rows: list[Row] = list(pq.read_table(path).to_pylist())
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot read the benchmark {path}: {error}") from error
    return rows


def _rows(path: Path, raw: bytes) -> list[Row]:
    try:
        text = raw.decode()
        if text.lstrip().startswith("["):
            rows = json.loads(text)
        else:
            rows = [json.loads(line) for line in text.split("\n") if line.strip()]
    except ValueError as error:
        raise ConfigError(f"the benchmark {path} is no JSON: {error}") from error
    if not rows or not all(isinstance(row, dict) for row in rows):
        raise ConfigError(f"the benchmark {path} holds no rows")
    return list(rows)


def _shape(path: Path, rows: list[Row]) -> Shape:
    columns = rows[0].keys()
    for needed, shape in _SHAPES:
        if needed <= columns:
            return shape
    known = "; ".join(", ".join(sorted(needed)) for needed, _ in _SHAPES)
    raise ConfigError(f"{path} is no benchmark of a known shape: its rows need one of {known}")
