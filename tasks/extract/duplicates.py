"""The same function only once, over all shards, in two passes and bounded memory.

The first pass holds two hashes a function; the second rewrites each shard without its
duplicates. A shard that loses nothing new keeps its digest, so what follows is a cache hit.
"""

from collections.abc import Iterable, Iterator

from tasks.records.base import digest_of
from tasks.records.drops import Drop, DropReason
from tasks.records.functions import Function


class Survivors:
    """Which functions stay: the first of each identity, and of those a seeded draw."""

    def __init__(self, functions: Iterable[Function], limit: int | None, seed: int) -> None:
        first: dict[str, str] = {}
        for function in functions:
            known = first.setdefault(function.identity, function.id)
            # The smallest id, so that the order of the shards does not matter.
            first[function.identity] = min(known, function.id)
        self._first = first
        drawn = sorted(first.values(), key=lambda one: digest_of(str(seed), one))
        self._drawn = frozenset(drawn[:limit])

    def sift(self, functions: Iterable[Function]) -> Iterator[Function | Drop]:
        """The functions of one shard that stay, and a drop for each that does not."""
        for function in functions:
            keeper = self._first[function.identity]
            if function.id != keeper:
                yield _drop(function, DropReason.DUPLICATE, f"equals {keeper}")
            elif function.id not in self._drawn:
                yield _drop(function, DropReason.OVER_LIMIT, "")
            else:
                yield function


def _drop(function: Function, reason: DropReason, detail: str) -> Drop:
    return Drop(
        step="deduplicate",
        reason=reason,
        subject=function.id,
        detail=detail,
        record=function.model_dump_json(),
    )
