"""Near-duplicates over all shards: who meets in a band, and of those who is really near.

Promised: the answer depends on the sketches alone, not on the order of the shards. Each function
that goes is near one that stays, and no two that stay are near and meet in a band. Memory: for
every function eight bytes a band for a few bands at a time; shingles only of functions that meet
others, `MEMBERS_AT_ONCE` at a time.

Near are two functions whose programs have the share of shingles in common, and whose own code
has it too: neither a helper that both carry nor a thin wrapper round different helpers will do.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tasks.dedup.sketching import BANDS
from tasks.records.sketches import Sketch

BANDS_AT_ONCE = 6
MEMBERS_AT_ONCE = 100_000
_ROWS = 8_192

Wanted = Callable[[int, str], bool]
"""Whether a row counts, by the number of its table and its Sketch.id."""


@dataclass(frozen=True, slots=True)
class Near:
    """What a function is nearly the same as."""

    id: str
    table: int
    """In which table it is."""
    jaccard: float


def near_duplicates(
    tables: Sequence[Path], fixed: int, jaccard: float, wanted: Wanted
) -> dict[str, Near]:
    """The functions that go, each with one that stays.

    Args:
        tables: Parquet files of sketches. The first `fixed` of them are of earlier data sets.
        fixed: Sketches of that many first tables always stay and are never compared.
        jaccard: Share of shingles in common from which on functions are near-duplicates.
        wanted: Other rows are passed over.

    Returns:
        By Sketch.id. Of those that are near each other the one with the smallest id stays.
    """
    found: dict[str, Near] = {}
    for members in _portions(_components(tables, wanted)):
        sketches = _read(tables, members, wanted)
        for component in _by_component(sketches, members):
            found |= _settled(component, fixed, jaccard)
    return found


def _components(tables: Sequence[Path], wanted: Wanted) -> list[list[int]]:
    """Rows that hang together by bands in common; a row is numbered through all tables."""
    parent: dict[int, int] = {}
    for first in range(0, BANDS, BANDS_AT_ONCE):
        columns = _columns(tables, range(first, min(first + BANDS_AT_ONCE, BANDS)), wanted)
        rows = columns.column("row")
        for name in columns.column_names[1:]:
            for one, other in _equal(columns.column(name), rows):
                _unite(parent, one, other)
    components: dict[int, list[int]] = defaultdict(list)
    for row in sorted(parent):
        components[_root(parent, row)].append(row)
    return list(components.values())


def _columns(tables: Sequence[Path], bands: Iterable[int], wanted: Wanted) -> pa.Table:
    """Column `row`, and one for each of the bands."""
    names = ["row", *(f"band {band}" for band in bands)]
    schema = pa.schema([(name, pa.int64()) for name in names])
    batches = []
    for rows, batch in _batches(tables, ["id", "bands"], wanted):
        lists = batch.column("bands")
        picked = [pc.list_element(lists, int(name.split()[1])) for name in names[1:]]
        batches.append(pa.record_batch([pa.array(rows, pa.int64()), *picked], schema=schema))
    return pa.Table.from_batches(batches, schema)


def _batches(
    tables: Sequence[Path], columns: list[str], wanted: Wanted
) -> Iterator[tuple[list[int], pa.RecordBatch]]:
    """The wanted rows of all tables, with their numbers."""
    start = 0
    for number, path in enumerate(tables):
        with pq.ParquetFile(path) as table:
            for batch in table.iter_batches(batch_size=_ROWS, columns=columns):
                ids = [str(one) for one in batch.column("id").to_pylist()]
                places = [at for at, one in enumerate(ids) if wanted(number, one)]
                yield [start + at for at in places], batch.take(pa.array(places, pa.int64()))
                start += batch.num_rows


def _equal(
    values: "pa.ChunkedArray[Any]", rows: "pa.ChunkedArray[Any]"
) -> Iterator[tuple[int, int]]:
    """Pairs of rows with one value: enough pairs to hang all of them together."""
    if len(values) < 2:  # noqa: PLR2004 - a pair
        return
    order = pc.sort_indices(values)
    ordered = values.take(order).combine_chunks()
    same = pc.indices_nonzero(pc.equal(ordered.slice(1), ordered.slice(0, len(ordered) - 1)))
    first, second = order.take(same), order.take(pc.add(same, 1))
    yield from zip(rows.take(first).to_pylist(), rows.take(second).to_pylist(), strict=True)


def _root(parent: dict[int, int], row: int) -> int:
    while parent.setdefault(row, row) != row:
        parent[row] = parent[parent[row]]
        row = parent[row]
    return row


def _unite(parent: dict[int, int], one: int, other: int) -> None:
    first, second = sorted((_root(parent, one), _root(parent, other)))
    parent[second] = first


def _portions(components: Iterable[list[int]]) -> Iterator[dict[int, int]]:
    """Components a portion at a time: number of the component by row."""
    portion: dict[int, int] = {}
    for number, rows in enumerate(components):
        if portion and len(portion) + len(rows) > MEMBERS_AT_ONCE:
            yield portion
            portion = {}
        portion |= dict.fromkeys(rows, number)
    if portion:
        yield portion


@dataclass(slots=True)
class _Member:
    id: str
    table: int
    bands: list[int]
    shingles: frozenset[int]
    own: frozenset[int]


def _read(
    tables: Sequence[Path], members: dict[int, int], wanted: Wanted
) -> Iterator[tuple[int, _Member]]:
    """The sketches of the members, with their rows."""
    owner = _Owner(tables)
    columns = list(Sketch.model_fields)
    columns.remove("identity")
    for rows, batch in _batches(tables, columns, wanted):
        places = [at for at, row in enumerate(rows) if row in members]
        for at, row in zip(
            places, batch.take(pa.array(places, pa.int64())).to_pylist(), strict=True
        ):
            shingles = frozenset(row["shingles"])
            own = frozenset(row["own"]) or shingles
            yield rows[at], _Member(row["id"], owner.of(rows[at]), row["bands"], shingles, own)


class _Owner:
    """Which table a row is in."""

    def __init__(self, tables: Sequence[Path]) -> None:
        self._ends: list[int] = []
        for path in tables:
            before = self._ends[-1] if self._ends else 0
            self._ends.append(before + pq.read_metadata(path).num_rows)

    def of(self, row: int) -> int:
        """The number of the table."""
        return next(number for number, end in enumerate(self._ends) if row < end)


def _by_component(
    sketches: Iterable[tuple[int, _Member]], members: dict[int, int]
) -> Iterable[list[_Member]]:
    components: dict[int, list[_Member]] = defaultdict(list)
    for row, member in sketches:
        components[members[row]].append(member)
    return components.values()


def _settled(component: list[_Member], fixed: int, jaccard: float) -> dict[str, Near]:
    """Who goes, taken in the order of ids: near one that stays means to go."""
    met: dict[tuple[int, int], list[_Member]] = defaultdict(list)
    gone: dict[str, Near] = {}
    for member in sorted(component, key=lambda one: (one.table >= fixed, one.id)):
        bands = list(enumerate(member.bands))
        if member.table >= fixed and (near := _nearest(member, (met[b] for b in bands), jaccard)):
            gone[member.id] = near
            continue
        for band in bands:
            met[band].append(member)
    return gone


def _nearest(member: _Member, met: Iterable[Sequence[_Member]], jaccard: float) -> Near | None:
    """The nearest of those that it meets, if one is near enough."""
    others = {other.id: other for mates in met for other in mates}
    best: Near | None = None
    for other in others.values():
        shared = min(_jaccard(member.shingles, other.shingles), _jaccard(member.own, other.own))
        if shared >= jaccard and (best is None or (-shared, other.id) < (-best.jaccard, best.id)):
            best = Near(other.id, other.table, shared)
    return best


def _jaccard(one: frozenset[int], other: frozenset[int]) -> float:
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)
