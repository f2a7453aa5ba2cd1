"""Which shard a source belongs to."""

from tasks.programs.packages import package_key
from tasks.records.base import digest_of
from tasks.records.sources import Listing


def bucket_of(listing: Listing, shards: int) -> int:
    """The shard of a source, from 0 to `shards` - 1.

    It depends on corpus and package alone: files of a package share a shard, so that a function
    meets its call sites, and one file more or less moves no other.
    """
    key = digest_of(listing.corpus, package_key(listing.path))
    return int(key[:16], 16) % shards
