"""What is true of a run and not of its result: clocks, places, machines.

It goes to `DIGEST.run.json` and `DIGEST.report.html` beside the data set and to the Prefect UI,
never into the data set, which must be the same bytes wherever and whenever it was built.
"""

import json
import platform
import socket
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from prefect.runtime import flow_run

from flows.chain import tell_published
from flows.shards import Accounts
from flows.story import tell_build
from tasks.dataset.report.step import write_report
from tasks.execute.auditing import differing_functions
from tasks.records.artifacts import ArtifactRef
from tasks.records.steps import BuildSummary, DatasetResult, Place
from tasks.records.versions import NamedVersion
from tasks.settings import load_settings
from tasks.store.artifacts import ArtifactStore, open_store
from tasks.store.names import latest, name_version


class Stopwatch:
    """When a run started, on the wall and for measuring."""

    def __init__(self) -> None:
        self.started_at = datetime.now(UTC)
        self._start = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since the start."""
        return round(time.monotonic() - self._start, 3)


@dataclass(frozen=True)
class Finished:
    """What a run has made, and what it is to be called."""

    dataset: DatasetResult
    report: ArtifactRef
    name: str
    version: str
    """Empty: the next number."""
    corpora: tuple[str, ...] = ()
    """Labels of what it was made from."""
    parents: tuple[ArtifactRef, ...] = ()
    """Data sets whose functions it leaves out."""


def record_run(
    finished: Finished, place: Place, accounts: Accounts, watch: Stopwatch, workers: int
) -> BuildSummary:
    """Writes down how the run went, then its report, and names the data set last."""
    dataset = finished.dataset
    with open_store(place.store, load_settings()) as store:
        summary = BuildSummary(
            dataset=dataset,
            path=store.backend.locate(dataset.ref.key),
            name=finished.name,
            flow_run=str(flow_run.id),
            task_runs=accounts.task_runs,
            cached_steps=accounts.cached,
            seconds=watch.seconds,
            writers=tuple(accounts.usage.values()),
        )
        record = {
            "dataset": dataset.ref.digest,
            "started_at": watch.started_at.isoformat(timespec="seconds"),
            "seconds": summary.seconds,
            "flow_run": {"id": summary.flow_run, "name": flow_run.name},
            "task_runs": accounts.task_runs,
            "cached_steps": accounts.cached,
            "audit": {
                "functions": accounts.audited,
                "mismatches": differing_functions(dataset.funnel),
            },
            "writers": [one.model_dump(exclude_none=True) for one in summary.writers],
            "workers": workers,
            "task_runner": accounts.runner.kind,
            "store": store.url,
            "sources": list(place.sources),
            "host": socket.gethostname(),
            "platform": platform.platform(),
            "python": platform.python_version(),
        }
        store.backend.put_bytes(
            f"{dataset.ref.key}.run.json", (json.dumps(record, indent=2) + "\n").encode()
        )
        page = write_report(store, dataset.ref, finished.report, finished.name, record)
        named = name_and_tell(store, dataset.ref, finished.name, finished.version)
        summary = summary.model_copy(update={"report": page, "version": named.version})
        parents = [(ref.short, store.backend.locate(ref.key)) for ref in finished.parents]
    tell_build(summary, str(named), finished.corpora, parents)
    return summary


def name_and_tell(store: ArtifactStore, ref: ArtifactRef, name: str, version: str) -> NamedVersion:
    """Names a data set, and says so where that changed what its name stands for."""
    before = latest(store, ref.kind, name)
    named = name_version(store, ref, name, version)
    if before is None or before.digest != ref.digest:
        tell_published(named, ref, store.url)
    return named
