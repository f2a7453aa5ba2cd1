"""Rows of a JSONL file, each the text of one Python file.

Covered: the usual column names; rows without code, which are listed so that they are counted.
One pass over the file notes where each row stands (some 300 bytes a row are kept, no text).
Not covered: compressed files.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.collect.corpus import BadRowError
from tasks.records.sources import Listing

# First match wins. Names as in The Stack, StarCoderData, GitHub Code and CodeSearchNet.
TEXT_COLUMNS = ("content", "code", "text")
ID_COLUMNS = ("id", "path", "hexsha")
LICENCE_COLUMNS = (
    "license",
    "licence",
    "licenses",
    "max_stars_repo_licenses",
    "detected_licenses",
)
REVISION_COLUMNS = ("revision", "commit", "max_stars_repo_head_hexsha", "revision_id")


@dataclass(frozen=True, slots=True)
class _Row:
    offset: int
    length: int
    number: int
    sha256: str
    size: int
    licence: str = ""
    revision: str = ""


class RowCorpus:
    """A `.jsonl` file with one source file a row, in a column `content`, `code` or `text`."""

    encoding = "utf-8"

    def __init__(self, label: str, path: Path) -> None:
        self.label = label
        self._path = path
        self._index: dict[str, _Row] | None = None

    def list(self) -> Iterator[Listing]:
        """Every row that is not blank, sorted by id; a bad one stands under its line number."""
        for path, row in sorted(self._rows().items()):
            yield Listing(
                name=f"{self.label}/{path}",
                path=path,
                corpus=self.label,
                sha256=row.sha256,
                size=row.size,
            )

    def read(self, listing: Listing) -> bytes:
        """The text of a row as UTF-8. Raises BadRowError, KeyError and OSError as `Corpus.read`."""
        row = self._rows()[listing.path]
        with self._path.open("rb") as file:
            file.seek(row.offset)
            line = file.read(row.length)
        return _text_of(_parse(line, row.number), row.number)

    def licence(self, listing: Listing) -> str:
        """What the row says."""
        return self._rows()[listing.path].licence

    def revision(self, listing: Listing) -> str:
        """What the row says, or the text's sha256."""
        return self._rows()[listing.path].revision or listing.sha256

    def _rows(self) -> dict[str, _Row]:
        if self._index is None:
            self._index = dict(self._scan())
        return self._index

    def _scan(self) -> Iterator[tuple[str, _Row]]:
        seen: set[str] = set()
        offset = 0
        with self._path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    path, row = _describe(line, offset, number)
                    unique = path if path not in seen else f"{path}#{number}"
                    seen.add(unique)
                    yield unique, row
                offset += len(line)


def _describe(line: bytes, offset: int, number: int) -> tuple[str, _Row]:
    try:
        data = _parse(line, number)
        text = _text_of(data, number)
    except BadRowError:
        digest = hashlib.sha256(line).hexdigest()
        return f"#{number}", _Row(offset, len(line), number, digest, len(line))
    row = _Row(
        offset,
        len(line),
        number,
        hashlib.sha256(text).hexdigest(),
        len(text),
        _joined(_first(data, LICENCE_COLUMNS)),
        _joined(_first(data, REVISION_COLUMNS)),
    )
    return _joined(_first(data, ID_COLUMNS)) or f"#{number}", row


def _parse(line: bytes, number: int) -> Mapping[str, Any]:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadRowError(f"line {number}: not JSON") from error
    if not isinstance(data, dict):
        raise BadRowError(f"line {number}: not a JSON object")
    return data


def _text_of(data: Mapping[str, Any], number: int) -> bytes:
    text = _first(data, TEXT_COLUMNS)
    if not isinstance(text, str):
        raise BadRowError(f"line {number}: no text in {', '.join(TEXT_COLUMNS)}")
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise BadRowError(f"line {number}: the text holds a lone surrogate") from error


def _first(data: Mapping[str, Any], columns: tuple[str, ...]) -> Any:
    return next((data[column] for column in columns if data.get(column) is not None), None)


def _joined(value: Any) -> str:
    """One text of a cell; several licences of one file all hold."""
    if isinstance(value, list):
        return " AND ".join(_joined(item) for item in value)
    if not isinstance(value, str | int):
        return ""
    return str(value).encode("utf-8", "backslashreplace").decode()
