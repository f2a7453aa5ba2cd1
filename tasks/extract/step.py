"""The step `extract`."""

from collections import Counter
from collections.abc import Iterable, Iterator

from tasks.extract.extract import extract
from tasks.records.artifacts import ArtifactRef
from tasks.records.configs import ExtractConfig
from tasks.records.drops import Drop, DropReason
from tasks.records.functions import Function
from tasks.records.sources import SourceFile
from tasks.records.steps import Place, StepResult
from tasks.steps import count, sift, step, store_at

EXTRACT_VERSION = 3


@step("extract", version=EXTRACT_VERSION, parses=True)
def extract_shard(shard: ArtifactRef, config: ExtractConfig, place: Place) -> StepResult:
    """Takes the functions out of the files, project by project."""
    unparsed: Counter[DropReason] = Counter()

    def items(files: Iterable[SourceFile]) -> Iterator[Function | Drop]:
        for item in extract(list(files), config):
            if isinstance(item, Drop) and item.step == "parse":
                unparsed[item.reason] += 1
            yield item

    with store_at(place) as store:
        result = sift(
            store,
            items(store.read_records(shard, SourceFile)),
            step="extract",
            unit="functions",
            kind="functions",
            model=Function,
        )
    parsed = count("parse", "files", shard.rows - unparsed.total(), unparsed)
    return result.model_copy(update={"counts": (parsed, *result.counts)})
