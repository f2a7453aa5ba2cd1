"""Rows of Parquet files as what is trained on: an answer to a prompt, a chat, or plain text.

A row is known by its columns: `prompt` and `completion` (strings, or lists of turns as TRL has
them), `messages`, or `text`. One file may hold some of each, as a mix does.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tasks.errors import ConfigError
from tasks.records.training import Way

_COLUMNS = ("prompt", "completion", "messages", "text")
_BATCH_ROWS = 256


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a chat."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A prompt and its completion; the loss is the completion's."""

    prompt: str
    completion: str


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat; the loss is the assistant's."""

    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """Plain text; the loss is all of it."""

    text: str


Row = Answer | Chat | Text


def read_rows(files: Iterable[Path], way: Way) -> Iterator[Row | None]:
    """The rows of all files in their order; None for one that has nothing to learn from.

    Raises ConfigError for a file without the columns of any kind of row.
    """
    for path in files:
        for values in _read(path):
            row = _row(values)
            yield None if row is None else _as_trained(row, way)


def _read(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        with pq.ParquetFile(path) as file:
            columns = [name for name in _COLUMNS if name in file.schema_arrow.names]
            if not {"text", "messages"} & set(columns) and not {"prompt", "completion"} <= set(
                columns
            ):
                raise ConfigError(
                    f"{path.name} has the columns {', '.join(file.schema_arrow.names)}: a training "
                    "needs prompt and completion, or messages, or text"
                )
            for batch in file.iter_batches(_BATCH_ROWS, columns=columns):
                yield from batch.to_pylist()
    except pa.ArrowInvalid as error:
        raise ConfigError(f"{path.name} is no Parquet file: {error}") from error


def _row(values: Mapping[str, Any]) -> Row | None:
    prompt, completion = values.get("prompt"), values.get("completion")
    if isinstance(prompt, str) and isinstance(completion, str):
        return Answer(prompt, completion)
    if isinstance(prompt, list) and isinstance(completion, list):
        return Chat(_turns([*prompt, *completion]))
    if values.get("messages"):
        return Chat(_turns(values["messages"]))
    text = values.get("text")
    return Text(text) if isinstance(text, str) and text.strip() else None


def _turns(messages: Iterable[Mapping[str, Any]]) -> tuple[Turn, ...]:
    return tuple(Turn(str(one["role"]), str(one["content"])) for one in messages)


def _as_trained(row: Row, way: Way) -> Row:
    """The row as a way of training sees it."""
    match way, row:
        case "pretraining", Answer(prompt, completion):
            return Text(f"{prompt.rstrip()}\n\n{completion}")
        case "pretraining", Chat(turns):
            return Text("\n\n".join(turn.content for turn in turns))
        case "instruction", Answer(prompt, completion):
            return Chat((Turn("user", prompt), Turn("assistant", completion)))
        case _:
            return row
