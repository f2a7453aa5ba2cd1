"""The steps `sketch`, `deduplicate` and `group`, and those that read earlier data sets."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import chain
from pathlib import Path

import pyarrow.parquet as pq
from prefect import task
from pydantic import ValidationError

from sandbox import Sandbox
from tasks.dedup.earlier import sketches_of
from tasks.dedup.groups import LIMITS, group
from tasks.dedup.sketching import sketch
from tasks.dedup.survivors import Survivors
from tasks.errors import ArtifactNotFoundError
from tasks.records.artifacts import MANIFEST_NAME, ArtifactRef, Manifest
from tasks.records.cases import ExecutedFunction
from tasks.records.functions import Function
from tasks.records.sketches import Sketch
from tasks.records.steps import Place, Shard, ShardsResult, StepResult
from tasks.steps import sift, step, store_at
from tasks.store.artifacts import ArtifactStore
from tasks.store.names import resolve

SKETCH_VERSION = 1
DEDUPLICATE_VERSION = 2
GROUP_VERSION = 1

_DATASET = "dataset"
"""The kind of artifact that a data set is."""


@task(name="find-earlier", task_run_name="find earlier data sets")
def find_earlier(against: tuple[str, ...], place: Place) -> tuple[Shard, ...]:
    """The data sets that are meant, by folder, name or digest. Raises StoreError.

    Never cached: a name, or the start of a digest, may mean another data set tomorrow.
    """
    with store_at(place) as store:
        refs = [_earlier(store, one) for one in against]
    return tuple(Shard(label=ref.short, ref=ref) for ref in refs)


def _earlier(store: ArtifactStore, one: str) -> ArtifactRef:
    folder = Path(one).expanduser()
    if not folder.is_dir():
        return resolve(store, _DATASET, one)
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST_NAME).read_bytes())
    except (OSError, ValidationError) as error:
        raise ArtifactNotFoundError(f"{one} is no data set: it has no {MANIFEST_NAME}") from error
    files = {file.name: folder / file.name for file in manifest.files}
    # Into the store: from here on its digest says what it is, not where it lay.
    return store.put(manifest.kind, files, rows=manifest.rows, meta=manifest.meta)


@step("sketch-earlier", version=SKETCH_VERSION)
def sketch_earlier(
    shard: ArtifactRef,
    minhash: str,  # noqa: ARG001 - in the cache key, see sketch_shard
    place: Place,
) -> StepResult:
    """Sketches the functions of one earlier data set."""
    with store_at(place) as store, ExitStack() as files:
        names = [file.name for file in store.manifest(shard).files if _is_table(file.name)]
        paths = [files.enter_context(store.open(shard, name)) for name in names]
        return _sketched(store, sketches_of(paths))


def _is_table(name: str) -> bool:
    return name.startswith("data/") and name.endswith(".parquet")


@step("sketch", version=SKETCH_VERSION)
def sketch_shard(
    shard: ArtifactRef,
    minhash: str,  # noqa: ARG001 - in the cache key: sketches of two versions never meet
    place: Place,
) -> StepResult:
    """Sketches the functions of one shard; `minhash` is `sketching.minhash_version()`."""
    with store_at(place) as store:
        return _sketched(store, sketch(store.read_records(shard, Function)))


def _sketched(store: ArtifactStore, sketches: Iterable[Sketch]) -> StepResult:
    result = sift(store, sketches, step="sketch", unit="functions", kind="sketches", model=Sketch)
    # Nothing falls by the way: no row of the funnel.
    return result.model_copy(update={"counts": ()})


@step("deduplicate", version=DEDUPLICATE_VERSION)
def deduplicate(  # noqa: PLR0913, PLR0917 - all of it decides who stays
    shards: tuple[Shard, ...],
    sketches: tuple[Shard, ...],
    earlier: tuple[Shard, ...],
    jaccard: float,
    limit: int | None,
    seed: int,
    place: Place,
) -> ShardsResult:
    """Keeps one function of each identity, one of near-duplicates, of these at most `limit`.

    Args:
        shards: Functions.
        sketches: Of the functions of each shard.
        earlier: Sketches of data sets whose functions do not come again.
        jaccard: Share of shingles in common from which on functions are near-duplicates.
        limit: None for no limit.
        seed: Of the draw.
        place: Of the store.
    """
    with store_at(place) as store, ExitStack() as files:
        tables = [files.enter_context(store.open(one.ref)) for one in sketches]
        before = [(files.enter_context(store.open(one.ref)), one.label) for one in earlier]
        known = {
            identity: f"equals {key} of data set {label}"
            for path, label in before
            for identity, key in _seen(path)
        }
        survivors = Survivors(chain.from_iterable(map(_seen, tables)), limit, seed, known)
        if jaccard < 1:
            survivors.drop_near(tables, before, jaccard)
        return _sifted(store, shards, survivors)


def _seen(path: Path) -> Iterator[tuple[str, str]]:
    """Identity and id of every sketch in a table."""
    with pq.ParquetFile(path) as table:
        for batch in table.iter_batches(columns=["identity", "id"]):
            rows = batch.to_pydict()
            yield from zip(rows["identity"], rows["id"], strict=True)


def _sifted(store: ArtifactStore, shards: tuple[Shard, ...], survivors: Survivors) -> ShardsResult:
    results = {
        shard.label: sift(
            store,
            survivors.sift(store.read_records(shard.ref, Function)),
            step="deduplicate",
            unit="functions",
            kind="functions",
            model=Function,
        )
        for shard in shards
    }
    return ShardsResult(
        kept=tuple(Shard(label=label, ref=done.kept) for label, done in results.items()),
        drops=tuple(done.drops for done in results.values()),
        counts=tuple(row for done in results.values() for row in done.counts),
    )


@step("group", version=GROUP_VERSION, executes=True)
def group_shard(shard: ArtifactRef, battery: int, behaviour: bool, place: Place) -> StepResult:  # noqa: ARG001 - the battery's version is in the cache key
    """Finds out for each function which others would behave like it."""
    with store_at(place) as store:
        executed = store.read_records(shard, ExecutedFunction)
        if not behaviour:
            return _grouped(store, executed)
        with Sandbox(limits=LIMITS) as sandbox:
            return _grouped(store, group(executed, sandbox.run))


def _grouped(store: ArtifactStore, executed: Iterable[ExecutedFunction]) -> StepResult:
    result = sift(
        store, executed, step="group", unit="functions", kind="cases", model=ExecutedFunction
    )
    return result.model_copy(update={"counts": ()})
