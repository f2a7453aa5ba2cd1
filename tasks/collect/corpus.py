"""What a source of code must be able to do, whatever it is."""

from collections.abc import Iterator
from typing import Protocol

from tasks.records.sources import Listing


class BadRowError(Exception):
    """A row that holds no code; the message says which and why."""


class Corpus(Protocol):
    """A named collection of Python source files."""

    @property
    def label(self) -> str:
        """First part of the name of every file of it; no two corpora of a run share one."""

    @property
    def encoding(self) -> str | None:
        """Encoding of all its bytes, or None where every file declares its own (PEP 263)."""

    def list(self) -> Iterator[Listing]:
        """Every source, sorted by path. What cannot be read is listed with an empty sha256."""

    def read(self, listing: Listing) -> bytes:
        """The bytes of one source, at most one more than were listed.

        Raises:
            OSError: It cannot be read.
            BadRowError: It is a row without code.
            KeyError: It is no longer there.
        """

    def licence(self, listing: Listing) -> str:
        """SPDX expression, or an empty string where it is not known."""

    def revision(self, listing: Listing) -> str:
        """What fixes the content: a version, a commit, or the content's sha256."""
