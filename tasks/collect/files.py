"""Files that hold many sources each: where they lie, and how they are opened.

A `Files` is a folder on a disk, a prefix on S3 (`tasks.collect.s3_files`) or a data set of the
Hugging Face Hub (`tasks.collect.hub`).
"""

import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Protocol, cast

import pyarrow as pa

ROW_SUFFIXES = (".parquet", ".jsonl", ".jsonl.gz", ".jsonl.zst")
ARCHIVE_SUFFIXES = (".whl", ".zip", ".tar.gz", ".tgz", ".tar")

_BUFFER = 1 << 20


class Files(Protocol):
    """Files by name: relative paths with forward slashes."""

    def names(self) -> Iterator[str]:
        """Every name, sorted. Raises CorpusError, StoreError."""

    def open(self, name: str) -> IO[bytes]:
        """The bytes of a file, to be read from anywhere. Raises OSError, StoreError."""


class LocalFiles:
    """The files below a folder; hidden ones are left out."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def names(self) -> Iterator[str]:
        """See Files."""
        paths = sorted(path for path in self._root.rglob("*") if path.is_file())
        for path in paths:
            name = path.relative_to(self._root)
            if not any(part.startswith(".") for part in name.parts):
                yield name.as_posix()

    def open(self, name: str) -> IO[bytes]:
        """See Files."""
        return (self._root / name).open("rb")


def holds_rows(name: str) -> bool:
    """Whether a file of that name holds a source a row."""
    return name.endswith(ROW_SUFFIXES)


def is_archive(name: str) -> bool:
    """Whether a file of that name is a source distribution, a wheel, or packed like one."""
    return name.endswith(ARCHIVE_SUFFIXES)


def decompressed(stream: IO[bytes], name: str) -> IO[bytes]:
    """The content of a row file, whatever its name says that it is packed with."""
    if name.endswith(".gz"):
        return cast("IO[bytes]", gzip.GzipFile(fileobj=stream))
    if name.endswith(".zst"):
        unpacking = pa.CompressedInputStream(pa.PythonFile(cast("io.IOBase", stream), "r"), "zstd")
        return io.BufferedReader(cast("io.RawIOBase", unpacking), _BUFFER)
    return stream
