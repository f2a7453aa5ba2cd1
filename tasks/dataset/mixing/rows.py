"""Anybody's rows as rows of a mix: known by the names of their columns.

Known, in this order: `prompt` and `completion` (texts, or lists of messages as TRL has them),
`messages` or `conversations`, `instruction` (with `input`) and `output` or `response`, `question`
and `answer`, `text` or `content`. A row that has none of these is not used, and counted.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from io import BufferedReader, TextIOWrapper
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tasks.errors import ConfigError
from tasks.records.base import canonical_json, digest_of
from tasks.records.mixes import MixedRow, Turn

SUFFIXES = (".parquet", ".jsonl", ".jsonl.gz", ".jsonl.zst", ".ndjson")
_BATCH = 256
_TEXTS = (
    ("prompt", "completion"),
    ("instruction", "output"),
    ("instruction", "response"),
    ("question", "answer"),
)
_KEYS = frozenset(
    ("id", "messages", "conversations", "input", "text", "content", *(k for p in _TEXTS for k in p))
)


def rows_of(files: Iterable[Path]) -> Iterator[MixedRow | None]:
    """The rows of Parquet and JSON lines files; None for one that cannot be used.

    Raises ConfigError for a file that is neither.
    """
    for path in files:
        for values in _values(path) if path.name.endswith(".parquet") else _lines(path):
            yield row_of(values)


def rows_of_tables(paths: Iterable[Path]) -> Iterator[MixedRow]:
    """The rows of Parquet files, whatever they are called, that can be used."""
    for path in paths:
        yield from (row for values in _values(path) if (row := row_of(values)))


def row_of(values: Mapping[str, Any]) -> MixedRow | None:
    """The row, or None where it holds nothing that is known."""
    content = _content(values)
    if not content:
        return None
    row = MixedRow(id="", **content)
    if not row.whole.strip():
        return None
    key = values.get("id")
    own = key if isinstance(key, str) and key else digest_of(canonical_json(row))
    return row.model_copy(update={"id": own})


def _content(values: Mapping[str, Any]) -> dict[str, Any]:
    pair = _pair(values)
    if pair:
        return {"prompt": pair[0], "completion": pair[1]}
    turns = _turns(values)
    if turns:
        return {"messages": turns}
    text = values.get("text") or values.get("content")
    return {"text": text} if isinstance(text, str) else {}


def _pair(values: Mapping[str, Any]) -> tuple[str, str] | None:
    for asked, answered in _TEXTS:
        question, answer = values.get(asked), values.get(answered)
        if isinstance(question, str) and isinstance(answer, str):
            more = values.get("input") if asked == "instruction" else None
            return (f"{question}\n\n{more}" if isinstance(more, str) and more else question), answer
    return None


def _turns(values: Mapping[str, Any]) -> tuple[Turn, ...]:
    prompt, completion = values.get("prompt"), values.get("completion")
    if isinstance(prompt, list) and isinstance(completion, list):
        messages: Any = [*prompt, *completion]
    else:
        messages = values.get("messages") or values.get("conversations")
    if not isinstance(messages, list):
        return ()
    turns = [_turn(one) for one in messages]
    return tuple(turn for turn in turns if turn) if all(turns) else ()


def _turn(message: Any) -> Turn | None:
    if not isinstance(message, Mapping):
        return None
    role, content = message.get("role"), message.get("content")
    if role is None:  # as ShareGPT has it
        role = {"human": "user", "gpt": "assistant"}.get(str(message.get("from")), "system")
        content = message.get("value")
    return Turn(role=str(role), content=content) if isinstance(content, str) else None


def _values(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        with pq.ParquetFile(path) as table:
            columns = [name for name in table.schema_arrow.names if name in _KEYS]
            for batch in table.iter_batches(_BATCH, columns=columns):
                yield from batch.to_pylist()
    except pa.ArrowInvalid as error:
        raise ConfigError(f"{path} is no Parquet file: {error}") from error


def _lines(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        # Detects gzip and zstd by the name's ending.
        with pa.input_stream(str(path)) as raw, _text(raw) as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _object(path, number, line)
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text: {error}") from error


def _text(raw: Any) -> TextIOWrapper:
    return TextIOWrapper(BufferedReader(raw), encoding="utf-8", newline="\n")


def _object(path: Path, number: int, line: str) -> Mapping[str, Any]:
    try:
        value = json.loads(line)
    except ValueError as error:
        raise ConfigError(f"{path}, line {number}, is no JSON: {error}") from error
    return value if isinstance(value, dict) else {}
