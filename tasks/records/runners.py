"""Where the shards of a flow run are worked on."""

from enum import StrEnum
from typing import Self

from pydantic import model_validator

from tasks.records.base import Record


class RunnerKind(StrEnum):
    """Whose processes do the work."""

    THREADS = "threads"
    """The flow's own. The jails that run programs are processes of their own in any case."""
    PROCESSES = "processes"
    """Processes on the same machine, one for each shard that is worked on at once."""
    DASK = "dask"
    RAY = "ray"


class Runner(Record):
    """A task runner. In no cache key and no artifact: each gives the same bytes."""

    kind: RunnerKind = RunnerKind.THREADS
    address: str = ""
    """Of a Dask scheduler (tcp://host:8786) or a Ray head (ray://host:10001) that is up; empty for
    a cluster of one's own on this machine, which ends with the flow."""

    @model_validator(mode="after")
    def _only_clusters_have_addresses(self) -> Self:
        if self.address and self.kind not in {RunnerKind.DASK, RunnerKind.RAY}:
            raise ValueError(f"{self.kind} has no address; dask and ray have")
        return self
