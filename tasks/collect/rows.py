"""Rows of JSONL and Parquet files, each the text of one Python file, or the name of its content.

Covered: files of any size, several of them; rows of one name (`name#2`); rows without code and
files that are broken in the middle, which are listed so that they are counted. What the language
column says is not Python is no source and not listed.

The cost: listing reads every row once, to hash its text. Since a shard takes rows from all over a
file, each shard reads the file once more, without decoding what is not its own.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from tasks.collect.columns import Cells, Columns
from tasks.collect.corpus import BadRowError, ChangedError, sha256_of, unchanged
from tasks.collect.files import Files
from tasks.collect.heritage import Heritage
from tasks.collect.row_files import RowFile, open_rows
from tasks.collect.unique import UniqueNames
from tasks.records.drops import DropReason
from tasks.records.sources import Listing

BROKEN = (OSError, EOFError, zlib.error, pa.ArrowException)
"""What a damaged or truncated file raises."""


class RowCorpus:
    """Files with one source a row, or one repository a row with its files in it."""

    vouched = False

    def __init__(
        self,
        label: str,
        files: Files,
        names: Sequence[str],
        columns: Columns,
        heritage: Heritage | None = None,
    ) -> None:
        """`heritage` is where rows without text find their contents."""
        self.label = label
        self._files = files
        self._names = names
        self._columns = columns
        self._heritage = heritage
        self._open: tuple[str, RowFile] | None = None

    def list(self) -> Iterator[Listing]:
        """Every source, file by file and row by row; a bad row stands under its number."""
        with UniqueNames() as names:
            for listing in self._all():
                path = names.unique(listing.path)
                update = {"path": path, "name": f"{self.label}/{path}"}
                yield listing.model_copy(update=update)

    def at_once(self, listing: Listing) -> int:
        """Rows are read one after the other, contents of the archive many at a time."""
        return self._heritage.at_once if self._heritage and _is_blob(listing) else 1

    def read(self, listing: Listing) -> bytes:
        """The text as UTF-8. Raises as `Corpus.read`."""
        if _is_blob(listing):
            if self._heritage is None:
                raise ChangedError
            return self._heritage.read(listing.at, listing.size)
        place, _, name = listing.at.partition("@")
        number, _, index = place.partition(".")
        rows = self._rows(name)
        row = dict(self._columns.sources(rows.row(int(number)))).get(int(index or 0))
        if row is None:
            raise ChangedError
        return unchanged(self._columns.text(row, f"{rows.unit} {number}"), listing)

    def _all(self) -> Iterator[Listing]:
        for name in self._names:
            try:
                yield from self._of_file(name)
            except BROKEN as error:
                detail = type(error).__name__
                yield self._listing(name, at=detail, unfit=DropReason.UNREADABLE)

    def _of_file(self, name: str) -> Iterator[Listing]:
        rows = open_rows(name, lambda: self._files.open(name), self._columns.projection)
        for number, row in rows.rows():
            if isinstance(row, BadRowError):
                yield self._bad(name, number, row)
                continue
            for index, source in self._columns.sources(row):
                if self._columns.is_python(source):
                    at = f"{number}.{index}@{name}" if index else f"{number}@{name}"
                    yield self._source(source, number, rows.unit, at)

    def _source(self, row: Mapping[str, Any], number: int, unit: str, at: str) -> Listing:
        cells = self._columns.cells(row)
        path = cells.path or f"#{number}"
        if cells.blob and self._heritage:
            return self._blob(path, cells)
        try:
            text = self._columns.text(row, f"{unit} {number}")
        except BadRowError as error:
            return self._listing(f"#{number}", digest=sha256_of(str(error).encode()), at=at)
        digest = sha256_of(text)
        return self._listing(
            path,
            digest=digest,
            size=len(text),
            repository=cells.repository,
            licence=cells.licence,
            revision=cells.revision or digest,
            at=at,
            unfit=_unfit(cells),
        )

    def _blob(self, path: str, cells: Cells) -> Listing:
        return self._listing(
            path,
            digest=f"swh:{cells.blob}",
            size=cells.size,
            repository=cells.repository,
            licence=cells.licence,
            revision=cells.revision or f"swh:{cells.blob}",
            encoding=cells.encoding,
            at=cells.blob,
            unfit=_unfit(cells),
        )

    def _bad(self, name: str, number: int, error: BadRowError) -> Listing:
        digest = sha256_of(str(error).encode())
        return self._listing(f"#{number}", digest=digest, at=f"{number}@{name}")

    def _listing(self, path: str, **facts: Any) -> Listing:
        known = {"digest": "", "size": 0, "revision": "", "encoding": "utf-8"} | facts
        return Listing(name=path, path=path, corpus=self.label, **known)

    def _rows(self, name: str) -> RowFile:
        """The file, open where the last row was read."""
        if self._open is None or self._open[0] != name:
            rows = open_rows(name, lambda: self._files.open(name), self._columns.projection)
            self._open = name, rows
        return self._open[1]


def _is_blob(listing: Listing) -> bool:
    return listing.digest.startswith("swh:")


def _unfit(cells: Cells) -> DropReason | None:
    if cells.vendored:
        return DropReason.VENDORED
    return DropReason.GENERATED if cells.generated else None
