"""Which shard a source belongs to.

Files of a project (a repository, an installed package: the first folder of the path) share a shard,
so that a function meets what it imports and where it is called. A shard is one task's work and has
to fit into memory: a project larger than `LARGEST_PROJECT` is dealt out by its folders instead.
"""

from array import array

from tasks.programs.packages import package_key, project_key
from tasks.records.base import digest_of
from tasks.records.sources import Listing

LARGEST_PROJECT = 64_000_000
"""Bytes of code that one task reads in about five seconds."""
_COUNTERS = 1 << 16
"""Projects are counted by hash, in a fixed place: of many millions some share a counter. Then one
of them may be dealt out by its folders for nothing, and by the same ones each time."""


class Dealer:
    """Deals sources into shards, when it has seen them all.

    One file more or less moves no other, but where it makes its project too large. The numbers are
    the same on every machine.
    """

    def __init__(self, shards: int) -> None:
        self._shards = shards
        self._bytes = array("Q", bytes(8 * _COUNTERS))

    def note(self, listing: Listing) -> None:
        """Count a source to its project."""
        self._bytes[_number(*_project(listing)) % _COUNTERS] += listing.size

    def bucket_of(self, listing: Listing) -> int:
        """The shard of a source, from 0 to the number of shards less one."""
        project = _project(listing)
        if self._bytes[_number(*project) % _COUNTERS] > LARGEST_PROJECT:
            return _number(listing.corpus, package_key(listing.path)) % self._shards
        return _number(*project) % self._shards


def _project(listing: Listing) -> tuple[str, str]:
    return listing.corpus, listing.repository or project_key(listing.path)


def _number(*parts: str) -> int:
    return int(digest_of(*parts)[:16], 16)
