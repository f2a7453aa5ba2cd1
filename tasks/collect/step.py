"""The steps `discover` and `collect`."""

import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from prefect import task

from tasks.collect.access import Access
from tasks.collect.buckets import Dealer
from tasks.collect.corpora import Corpora, open_corpora
from tasks.collect.opt_out import read_opt_out
from tasks.collect.reading import collect
from tasks.records.artifacts import ArtifactRef
from tasks.records.configs import CollectConfig
from tasks.records.drops import DropReason
from tasks.records.sources import Listing, SourceFile
from tasks.records.steps import Discovered, Place, Shard, StepResult
from tasks.settings import load_settings
from tasks.steps import count_once, forget_counted_once, sift, step, store_at
from tasks.store.artifacts import PART_NAME, ArtifactStore
from tasks.store.tables import RecordWriter, read_records

COLLECT_VERSION = 2


@task(name="discover", task_run_name="discover")
def discover(shards: int, config: CollectConfig, place: Place) -> Discovered:
    """Lists all sources with their digests, a bucket each to an artifact.

    Never cached: this is how a run sees what changed, and everything after it is a hit
    for the buckets in which nothing did. What is opted out stays listed, as unfit, so that
    it is counted and its bucket alone is done again. Raises CorpusError, ConfigError.
    """
    opt_out = read_opt_out(place.opt_out)
    with store_at(place) as store, tempfile.TemporaryDirectory(dir=store.scratch) as folder:
        forget_counted_once(store)
        corpora = _open(place, config, Path(folder))
        labels: dict[str, None] = {}
        dealer = Dealer(shards)
        everything = Path(folder) / "all"
        with RecordWriter(everything, Listing) as writer:
            for listing in map(opt_out.applied, corpora.list()):
                labels[listing.corpus] = None
                dealer.note(listing)
                writer.write(listing)
        paths = [Path(folder) / str(bucket) for bucket in range(shards)]
        with ExitStack() as writers:
            buckets = [writers.enter_context(RecordWriter(path, Listing)) for path in paths]
            for listing in read_records(everything, Listing):
                buckets[dealer.bucket_of(listing)].write(listing)
        return Discovered(
            corpora=tuple(labels),
            opt_out=opt_out.digest,
            shards=tuple(
                _shard(store, number, path, bucket.rows)
                for number, (path, bucket) in enumerate(zip(paths, buckets, strict=True))
                if bucket.rows
            ),
        )


def _open(place: Place, config: CollectConfig, scratch: Path) -> Corpora:
    access = Access(settings=load_settings(), scratch=scratch, columns=config.columns)
    return open_corpora(place.sources, access)


def _shard(store: ArtifactStore, number: int, path: Path, rows: int) -> Shard:
    return Shard(label=f"{number:02d}", ref=store.put("listing", {PART_NAME: path}, rows=rows))


@step("collect", version=COLLECT_VERSION)
def collect_shard(shard: ArtifactRef, config: CollectConfig, place: Place) -> StepResult:
    """Reads the listed files; where one was not what was listed, the result is for this run."""
    with store_at(place) as store:
        result = sift(
            store,
            collect(
                store.read_records(shard, Listing), _open(place, config, store.scratch), config
            ),
            step="collect",
            unit="files",
            kind="files",
            model=SourceFile,
        )
        if _missed(result, store.read_records(shard, Listing)):
            count_once(store)
        return result


def _missed(result: StepResult, listings: Iterable[Listing]) -> bool:
    """Whether a file was another one, or could not be read, that could be when it was listed."""
    [counted] = result.counts
    unfit = sum(one.unfit is DropReason.UNREADABLE for one in listings)
    return (
        DropReason.CHANGED in counted.dropped
        or counted.dropped.get(DropReason.UNREADABLE, 0) > unfit
    )
