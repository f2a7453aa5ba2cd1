"""What a step is told besides its inputs, and what it hands on."""

from tasks.records.artifacts import ArtifactRef
from tasks.records.base import Record
from tasks.records.drops import StepCount


class Place(Record):
    """Where a step runs and what it is called there. Never in a cache key, never in an artifact."""

    store: str
    """Address of the store, as `tasks.store.artifacts.open_store` takes it."""
    label: str = "all"
    """What a person reads in the name of the task run: the shard."""
    sources: tuple[str, ...] = ()
    """The corpora as the user named them; only `collect` reads them."""


class StepResult(Record):
    """What one task run leaves behind: two artifacts and its rows of the funnel."""

    kept: ArtifactRef
    drops: ArtifactRef
    counts: tuple[StepCount, ...]
