"""Examples of inputs and outputs, from the file that a person has them in.

- `.json`: a list of `{"input": ..., "output": ...}`. A dict is arguments by name, a list arguments
  by position, anything else the only argument.
- `.csv`: a column for each parameter, and `output`. Cells are Python literals, or else text.
- `.py`: `assert f(1, 2) == 3`, one for each example. Nothing in it is run.
"""

import ast
import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox import Call, encode
from sandbox.assertions import take_apart
from sandbox.parsing import parse_module
from tasks.errors import ConfigError

NAME = "solve"
"""Of the function, where the file names none."""
OUTPUT = "output"


@dataclass(frozen=True, slots=True)
class Cases:
    """What a function shall do."""

    name: str
    calls: tuple[Call, ...]
    outputs: tuple[Any, ...]

    def shown(self) -> list[str]:
        """Each example as a doctest has it."""
        return [
            f">>> {call_text(self.name, call)}\n{encode(output)}"
            for call, output in zip(self.calls, self.outputs, strict=True)
        ]


def call_text(name: str, call: Call) -> str:
    """The call as source."""
    named = (f"{key}={encode(value)}" for key, value in call.kwargs.items())
    return f"{name}({', '.join([*map(encode, call.args), *named])})"


def read_cases(path: Path, name: str = "") -> Cases:
    """The examples in a file.

    Args:
        path: It ends in .json, .csv or .py.
        name: What the function shall be called; empty for what the file says.

    Raises:
        ConfigError: It cannot be read, or holds no example.
    """
    if path.suffix not in _READERS:
        raise ConfigError(f"{path}: examples are read from {', '.join(_READERS)} files")
    try:
        return cases_in(path.read_text(encoding="utf-8"), path.suffix, name)
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot read the examples in {path}: {error}") from error


def cases_in(text: str, suffix: str, name: str = "") -> Cases:
    """The examples in the text of a file that ends so. Raises ValueError where it holds none."""
    try:
        cases = _READERS[suffix](text)
        cases.shown()
    except (TypeError, KeyError, SyntaxError, csv.Error) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error
    if not cases.calls:
        raise ValueError("it holds no example")
    return Cases(name or cases.name, cases.calls, cases.outputs)


def _from_json(text: str) -> Cases:
    rows = json.loads(text)
    if not isinstance(rows, list):
        raise TypeError('write a list of {"input": ..., "output": ...}')
    calls = tuple(_call(row["input"]) for row in rows)
    return Cases(NAME, calls, tuple(row[OUTPUT] for row in rows))


def _call(value: Any) -> Call:
    if isinstance(value, Mapping):
        return Call((), dict(value))
    return Call(tuple(value) if isinstance(value, list) else (value,))


def _from_csv(text: str) -> Cases:
    rows = list(csv.DictReader(text.splitlines()))
    if rows and OUTPUT not in rows[0]:
        raise ValueError(f"no column is called {OUTPUT}")
    read = [{key: _cell(cell) for key, cell in row.items() if key} for row in rows]
    outputs = tuple(row.pop(OUTPUT) for row in read)
    return Cases(NAME, tuple(Call((), row) for row in read), outputs)


def _cell(text: str | None) -> Any:
    try:
        return ast.literal_eval((text or "").strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text or ""


def _from_asserts(text: str) -> Cases:
    names = list(_called(text))
    if not names:
        return Cases(NAME, (), ())
    found = [one for one in take_apart(text, names[0]).expectations if one.kind == "equals"]
    if len(found) != len(names) or len(set(names)) > 1:
        raise ValueError(f"write every example as `assert {names[0]}(...) == ...`, with literals")
    return Cases(names[0], tuple(one.call for one in found), tuple(one.value for one in found))


def _called(text: str) -> Iterator[str]:
    for node in parse_module(text).body:
        match node:
            case ast.Assert(test=ast.Compare(left=ast.Call(func=ast.Name(id=name)))):
                yield name
            case _:
                raise ValueError(f"line {node.lineno} is no `assert f(...) == ...`")


_READERS = {".json": _from_json, ".csv": _from_csv, ".py": _from_asserts}


def fails(cases: Cases, results: Sequence[str]) -> str:
    """What went wrong, a line each, for a model that shall mend it."""
    lines = zip(cases.calls, cases.outputs, results, strict=True)
    return "\n".join(
        f"{call_text(cases.name, call)} {result}, it should return {encode(output)}"
        for call, output, result in lines
        if result
    )
