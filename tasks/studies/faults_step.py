"""The steps `mutate`, `disturb` and `shuffle`, which only builds with faults have."""

from collections.abc import Iterable

from pydantic import BaseModel

from tasks.records.artifacts import ArtifactRef
from tasks.records.cases import ExecutedFunction, WeighedFunction, WrittenFunction
from tasks.records.faults import FaultConfig
from tasks.records.steps import Place, StepResult
from tasks.steps import sift, step, store_at
from tasks.store.artifacts import ArtifactStore
from tasks.studies.faults import mutated, noisy, shuffled

FAULTS_VERSION = 1


@step("mutate", version=FAULTS_VERSION, parses=True)
def mutate_shard(shard: ArtifactRef, share: float, seed: int, place: Place) -> StepResult:
    """Puts one small mistake into a share of the functions."""
    with store_at(place) as store:
        changed = mutated(store.read_records(shard, WrittenFunction), share, seed)
        return _through(store, changed, "mutate", "inputs", WrittenFunction)


@step("disturb", version=FAULTS_VERSION)
def disturb_shard(shard: ArtifactRef, faults: FaultConfig, seed: int, place: Place) -> StepResult:
    """Reports calls as an unreliable executor would."""
    with store_at(place) as store:
        changed = noisy(store.read_records(shard, ExecutedFunction), faults, seed)
        return _through(store, changed, "disturb", "cases", ExecutedFunction)


@step("shuffle", version=FAULTS_VERSION)
def shuffle_shard(shard: ArtifactRef, seed: int, place: Place) -> StepResult:
    """Gives every case the output of another one."""
    with store_at(place) as store:
        changed = shuffled(store.read_records(shard, WeighedFunction), seed)
        return _through(store, changed, "shuffle", "weighed", WeighedFunction)


def _through(
    store: ArtifactStore,
    records: Iterable[BaseModel],
    name: str,
    kind: str,
    model: type[BaseModel],
) -> StepResult:
    """Nothing is dropped here, so the funnel needs no row for it."""
    result = sift(store, records, step=name, unit="functions", kind=kind, model=model)
    return result.model_copy(update={"counts": ()})
