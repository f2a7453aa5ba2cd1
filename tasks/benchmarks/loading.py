"""Benchmark files as problems: HumanEval, MBPP, their extended versions, and files like them.

Covered: JSON lines or one JSON array, plain or gzip. What a file is follows from the columns of
its first row. A file that is known byte for byte (`pins`) goes by its known name, any other by
its own. Not covered: what the further inputs of an extended benchmark mean; they are kept as text.
"""

import gzip
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from tasks.benchmarks.pins import PINS
from tasks.benchmarks.shapes import problem_of_humaneval, problem_of_mbpp, problem_of_mbpp_plus
from tasks.errors import ConfigError
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
    """The problems of one file.

    Raises:
        ConfigError: It cannot be read, or its rows have the columns of no known benchmark.
    """
    raw = _read(path)
    sha256 = hashlib.sha256(raw).hexdigest()
    pin = PINS.get(sha256)
    name = pin.name if pin else path.name.partition(".")[0].lower()
    rows = _rows(path, raw)
    shape = _shape(path, rows)
    try:
        problems = [shape(name, row) for row in rows]
    except (KeyError, TypeError, ValueError, SyntaxError) as error:
        raise ConfigError(f"{path}: a row is no problem of a benchmark: {error!r}") from error
    return BenchmarkFile(
        name=name, sha256=sha256, pinned=pin is not None, problems=len(problems)
    ), problems


def _read(path: Path) -> bytes:
    try:
        raw = path.read_bytes()
        return gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw
    except (OSError, EOFError) as error:
        raise ConfigError(f"cannot read the benchmark {path}: {error}") from error


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
