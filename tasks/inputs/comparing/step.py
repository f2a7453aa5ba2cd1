"""The steps `measure` and `publish-comparison`."""

import tempfile
from pathlib import Path

from tasks.inputs.comparing.measuring import figures, measure
from tasks.inputs.comparing.picture import draw
from tasks.records.artifacts import ArtifactRef
from tasks.records.cases import WeighedFunction
from tasks.records.comparisons import (
    FIGURES,
    PICTURE,
    Comparison,
    ComparisonConfig,
    Measured,
)
from tasks.records.functions import Function
from tasks.records.steps import Place, Shard, StepResult
from tasks.steps import sift, step, store_at

MEASURE_VERSION = 1
PUBLISH_VERSION = 2
KIND = "comparison"


@step("measure", version=MEASURE_VERSION, parses=True)
def measure_shard(
    shard: ArtifactRef, weighed: tuple[ArtifactRef, ...], mutants: int, place: Place
) -> StepResult:
    """What the cases of a writer show of the functions of a shard.

    Args:
        shard: All the functions.
        weighed: Those of them that have cases.
        mutants: How many of each were tried at most.
        place: Of the store.
    """
    with store_at(place) as store:
        found = {
            one.executed.function.id: one
            for ref in weighed
            for one in store.read_records(ref, WeighedFunction)
        }
        result = sift(
            store,
            measure(store.read_records(shard, Function), found, mutants),
            step="measure",
            unit="functions",
            kind="measured",
            model=Measured,
        )
    # Nothing can be dropped here, so the funnel needs no row for it.
    return result.model_copy(update={"counts": ()})


@step("publish-comparison", version=PUBLISH_VERSION)
def publish_comparison(
    writers: tuple[str, ...],
    measured: tuple[tuple[Shard, ...], ...],
    config: ComparisonConfig,
    drawn_with: str,  # noqa: ARG001 - in the cache key: another matplotlib draws otherwise
    place: Place,
) -> ArtifactRef:
    """The figures and the picture of all writers.

    Args:
        writers: Their names, without places.
        measured: For each the shards that `measure` left.
        config: As it is published, without places.
        drawn_with: Name and version of what draws.
        place: Of the store.
    """
    with store_at(place) as store:
        rows = tuple(
            figures(
                name,
                [one for shard in shards for one in store.read_records(shard.ref, Measured)],
            )
            for name, shards in zip(writers, measured, strict=True)
        )
        comparison = Comparison(config=config, writers=rows)
        with tempfile.TemporaryDirectory(dir=store.scratch) as folder:
            files = {FIGURES: Path(folder) / FIGURES, PICTURE: Path(folder) / PICTURE}
            files[FIGURES].write_text(comparison.model_dump_json(indent=2) + "\n")
            files[PICTURE].write_text(draw(writers, rows), encoding="utf-8")
            return store.put(KIND, files, rows=len(rows))
