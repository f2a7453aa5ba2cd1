"""What a source of code must be able to do, whatever it is."""

import hashlib
from collections.abc import Iterator
from typing import Protocol

from tasks.records.sources import Listing


class BadRowError(Exception):
    """A row that holds no code; the message says which and why."""


class ChangedError(Exception):
    """The content is not the one that was listed, or is no longer there."""


class Corpus(Protocol):
    """A named collection of Python source files."""

    @property
    def label(self) -> str:
        """First part of the name of every file of it; no two corpora of a run share one."""

    @property
    def vouched(self) -> bool:
        """The user names the very files and answers for their licence: no allow-list holds."""

    def list(self) -> Iterator[Listing]:
        """Every source, in an order that is the same each time, with what is known of it.

        What cannot be read is listed with an empty digest, so that it is counted.

        Raises:
            CorpusError, StoreError: The corpus as a whole cannot be read.
        """

    def at_once(self, listing: Listing) -> int:
        """How many sources like this one are worth reading at the same time: 1 on a disk."""

    def read(self, listing: Listing) -> bytes:
        """The bytes of one source, at most one more than were listed.

        Fastest in the order of `list`: what can only be read from its beginning goes on where
        the last source was.

        Raises:
            OSError: It cannot be read.
            BadRowError: It is a row without code.
            ChangedError: It is another one now, or gone.
            UnicodeError, LookupError: It is not in the encoding that the corpus says.
            StoreError: The network failed; it is worth trying again.
        """


def sha256_of(data: bytes) -> str:
    """What `Listing.digest` is where the place itself keeps no other."""
    return hashlib.sha256(data).hexdigest()


def unchanged(data: bytes, listing: Listing) -> bytes:
    """The same bytes. Raises ChangedError where they are not those whose sha256 was listed."""
    if sha256_of(data) != listing.digest:
        raise ChangedError
    return data
