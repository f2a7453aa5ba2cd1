"""Whose code is in a data set: one row a function, in a file of its own.

Promised: a row for every function that a sample shows, and for no other; the same samples in the
same order give the same bytes; memory grows by 16 bytes of a hash a function.
"""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import Field

from tasks.records.base import Record
from tasks.records.samples import Sample
from tasks.store.tables import RecordWriter

ATTRIBUTION_NAME = "attribution.parquet"


class Attribution(Record):
    """Where one function comes from."""

    function_id: str
    source: str
    """Label of the corpus."""
    path: str
    """Of the file inside the corpus; begins with the repository where the corpus has several."""
    revision: str
    """Version, commit, or the content's sha256."""
    licence: str
    """SPDX expression, or an empty string where it is not known."""
    first_line: int = Field(ge=1)
    last_line: int = Field(ge=1)


class AttributionFile(AbstractContextManager["AttributionFile"]):
    """Written while samples go by."""

    def __init__(self, path: Path) -> None:
        self._writer = RecordWriter(path, Attribution)
        self._seen: set[bytes] = set()

    def __enter__(self) -> Self:
        self._writer.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.__exit__(kind, error, trace)

    def noting(self, samples: Iterable[Sample]) -> Iterator[Sample]:
        """The same samples; the first of each function writes its row."""
        for sample in samples:
            key = bytes.fromhex(sample.function_id[:32])
            if key not in self._seen:
                self._seen.add(key)
                self._writer.write(attribution_of(sample))
            yield sample


def attribution_of(sample: Sample) -> Attribution:
    """Where the function of a sample comes from."""
    corpus, _, path = sample.source.partition("/")
    return Attribution(
        function_id=sample.function_id,
        source=corpus,
        path=path,
        revision=sample.revision,
        licence=sample.licence,
        first_line=sample.first_line,
        last_line=sample.last_line,
    )
