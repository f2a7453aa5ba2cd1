"""Which functions stay, over all shards: one of each identity, and of near-duplicates one.

A shard that loses nothing new keeps its digest, so what follows is a cache hit. Promised: the
order of the shards does not matter. In memory: two hashes a function.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from tasks.dedup.near import Near, near_duplicates
from tasks.records.base import digest_of
from tasks.records.drops import Drop, DropReason
from tasks.records.functions import Function


class Survivors:
    """Which functions stay.

    Args:
        seen: Identity and id of every function.
        earlier: Identities in earlier data sets, each with what a drop says of it.
        limit: Draw at most this many of those that stay otherwise.
        seed: Of the draw.
    """

    def __init__(
        self,
        seen: Iterable[tuple[str, str]],
        limit: int | None,
        seed: int,
        earlier: Mapping[str, str] | None = None,
    ) -> None:
        self._earlier = earlier or {}
        self._limit, self._seed = limit, seed
        self._near: dict[str, str] = {}
        first: dict[str, str] = {}
        for identity, function in seen:
            known = first.setdefault(identity, function)
            # The smallest id, so that the order of the shards does not matter.
            first[identity] = min(known, function)
        self._first = first
        self._draw()

    def drop_near(
        self, sketches: Sequence[Path], earlier: Sequence[tuple[Path, str]], jaccard: float
    ) -> None:
        """Lets near-duplicates go.

        Args:
            sketches: Tables of all functions.
            earlier: Tables of earlier data sets, each with its short name.
            jaccard: Share of shingles in common from which on functions are near-duplicates.
        """
        first = {id_ for identity, id_ in self._first.items() if identity not in self._earlier}
        fixed = len(earlier)
        near = near_duplicates(
            [*(path for path, _ in earlier), *sketches],
            fixed,
            jaccard,
            lambda table, one: table < fixed or one in first,
        )
        names = [name for _, name in earlier]
        self._near = {gone: _said(one, names) for gone, one in near.items()}
        self._draw()

    def _draw(self) -> None:
        staying = (
            one
            for identity, one in self._first.items()
            if identity not in self._earlier and one not in self._near
        )
        drawn = sorted(staying, key=lambda one: digest_of(str(self._seed), one))
        self._drawn = frozenset(drawn[: self._limit])

    def sift(self, functions: Iterable[Function]) -> Iterator[Function | Drop]:
        """The functions of one shard that stay, and a drop for each that does not."""
        for function in functions:
            keeper = self._first[function.identity]
            if function.identity in self._earlier:
                yield _drop(function, DropReason.DUPLICATE, self._earlier[function.identity])
            elif function.id != keeper:
                yield _drop(function, DropReason.DUPLICATE, f"equals {keeper}")
            elif function.id in self._near:
                yield _drop(function, DropReason.NEAR_DUPLICATE, self._near[function.id])
            elif function.id not in self._drawn:
                yield _drop(function, DropReason.OVER_LIMIT, "")
            else:
                yield function


def _said(near: Near, earlier: Sequence[str]) -> str:
    place = f" of data set {earlier[near.table]}" if near.table < len(earlier) else ""
    return f"equals {near.id}{place} in {near.jaccard:.0%} of its shingles"


def _drop(function: Function, reason: DropReason, detail: str) -> Drop:
    return Drop(
        step="deduplicate",
        reason=reason,
        subject=function.id,
        detail=detail,
        record=function.model_dump_json(),
    )
