"""Samples in the order of their ids, whatever order they come in, in bounded memory.

Ids are hashes, so their first digits cut the samples into buckets of even size: each sample
is written to the file of its split and bucket, and one bucket at a time is read and sorted.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import TextIO

from tasks.records.samples import Sample

_DIGITS = 2
"""Of an id in the name of its bucket: 256 buckets keep a gigabyte of samples to megabytes."""

_OPEN = 320
"""Files kept open at once: those of one large split, and well below the usual limit of 1,024."""


class SortedSplits(AbstractContextManager["SortedSplits"]):
    """Takes samples in any order and gives them back, split by split, in the order of their ids."""

    def __init__(self, folder: Path) -> None:
        self.rows: Counter[str] = Counter()
        """Samples taken, by split."""
        self._folder = folder
        self._stack = ExitStack()
        self._files: dict[Path, TextIO] = {}

    def __exit__(self, *_: object) -> None:
        self._close_files()

    def add(self, sample: Sample) -> None:
        """Takes a sample; its split must be filled."""
        self.rows[sample.split] += 1
        file = self._file(self._folder / f"{sample.split}-{sample.id[:_DIGITS]}.jsonl")
        file.write(sample.model_dump_json() + "\n")

    def split(self, name: str) -> Iterator[Sample]:
        """The samples of a split. No sample may be added any more."""
        self._close_files()
        for path in sorted(self._folder.glob(f"{name}-*.jsonl")):
            with path.open(encoding="utf-8", newline="\n") as lines:
                bucket = [Sample.model_validate_json(line) for line in lines]
            yield from sorted(bucket, key=lambda sample: sample.id)

    def _file(self, path: Path) -> TextIO:
        if path not in self._files:
            if len(self._files) == _OPEN:
                self._close_files()
            file = path.open("a", encoding="utf-8", newline="\n")
            self._files[path] = self._stack.enter_context(file)
        return self._files[path]

    def _close_files(self) -> None:
        self._stack.close()
        self._files.clear()
