"""The step `filters`."""

from tasks.filters.keep import keep
from tasks.records.artifacts import ArtifactRef
from tasks.records.cases import ExecutedFunction
from tasks.records.configs import FilterConfig
from tasks.records.steps import Place, StepResult
from tasks.steps import sift, step, store_at

FILTERS_VERSION = 3


@step("filters", version=FILTERS_VERSION)
def filter_shard(shard: ArtifactRef, config: FilterConfig, place: Place) -> StepResult:
    """Keeps the functions whose cases say enough."""
    with store_at(place) as store:
        return sift(
            store,
            (keep(executed, config) for executed in store.read_records(shard, ExecutedFunction)),
            step="filters",
            unit="functions",
            kind="cases",
            model=ExecutedFunction,
        )
