"""`case2code up` as a person runs it: a schedule builds, an event trains, the next one evaluates.

One server, pools, workers and deployments for real, on a small corpus and a tiny model.
"""

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import TERMINAL_STATES, FlowRun, StateType
from prefect.client.schemas.schedules import IntervalSchedule
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.server.places import ServerFiles
from tasks.dataset.reading import open_dataset
from tasks.settings import Settings
from tests.flows.cli.conftest import arguments, environment
from tests.flows.corpus import write_corpus
from tests.flows.migrated import home_with_a_database
from tests.flows.processes import Process, descendants, left_of

pytestmark = [pytest.mark.xdist_group("deployments"), pytest.mark.timeout(1500)]

SECONDS = 600
"""For each thing that is waited for; on a quiet machine seconds do."""
NAMES = {"refresh", "train", "evaluate", "end-to-end", "study"}


class Stack:
    """`case2code up` in a process of its own, and everything that was seen under it."""

    def __init__(self, folder: Path, parameters: Path) -> None:
        self.folder = folder
        self.seen: set[Process] = set()
        with (folder / "up.log").open("wb") as log:
            self.process = subprocess.Popen(
                arguments("up", "--parameters", parameters, "--json"),
                env=environment(folder / "home"),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def address(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.logs()
        return dict(json.loads(line))

    def wait_for(self, look: Callable[[], FlowRun | None]) -> FlowRun:
        deadline = time.monotonic() + SECONDS
        while (found := look()) is None:
            self.seen |= descendants(self.process.pid)
            assert self.process.poll() is None, self.logs()
            assert time.monotonic() < deadline, self.logs()
            time.sleep(0.5)
        return found

    def logs(self) -> str:
        files = (self.folder / "up.log", ServerFiles(self.folder / "home").workers_log)
        return "\n".join(path.read_text()[-4000:] for path in files if path.exists())


@pytest.fixture
def parameters(tmp_path: Path, tiny_model: Path) -> Path:
    path = tmp_path / "parameters.yaml"
    build = {
        "corpus": [str(write_corpus(tmp_path))],
        "shards": 2,
        "benchmarks": ["none"],
        "dataset": {"test_share": 0.4, "validation_share": 0.1},
    }
    train = {"steps": 1, "batch": 2, "max_length": 256}
    launched = {"base": str(tiny_model), "launch": {"accelerate": "cpu", "threads": 1}}
    scored = {"benchmarks": [], "limit": 2, "ask": {"max_tokens": 4}}
    smallest = {
        "refresh": {"name": "tiny", "workers": 2, "config": build},
        "train": {"config": train} | launched,
        "evaluate": {"workers": 1, "config": scored},
        "end-to-end": {"name": "tiny", "build": build, "train": train} | launched | scored,
    }
    path.write_text(yaml.safe_dump(smallest))
    return path


@pytest.fixture
def stack(
    tmp_path: Path, parameters: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    home_with_a_database(tmp_path / "home", tmp_path_factory)
    started = Stack(tmp_path, parameters)
    yield started
    started.process.kill()
    started.process.wait()


@contextmanager
def scheduled(client: SyncPrefectClient) -> Iterator[None]:
    """One more schedule for the refresh, due at once, as long as the block runs."""
    refresh = client.read_deployment_by_name("build-dataset/refresh")
    # The scheduler looks every five seconds for what has changed. One run is enough: the next is
    # due when the schedule has gone.
    soon = datetime.now(UTC) + timedelta(seconds=6)
    due = IntervalSchedule(interval=timedelta(seconds=60), anchor_date=soon)
    [made] = client.create_deployment_schedules(refresh.id, [(due, True)])
    yield
    client.delete_deployment_schedule(refresh.id, made.id)


def first(
    client: SyncPrefectClient, flow: str, states: set[StateType]
) -> Callable[[], FlowRun | None]:
    """Looks for a run of the flow in one of the states."""

    def look() -> FlowRun | None:
        found = client.read_flow_runs(
            flow_filter=FlowFilter(name=FlowFilterName(any_=[flow])),
            flow_run_filter=FlowRunFilter(
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[*states]))
            ),
            limit=1,
        )
        return found[0] if found else None

    return look


def test_the_schedule_builds_the_event_trains_the_evaluation_follows_and_nothing_is_left(
    stack: Stack, tmp_path: Path
) -> None:
    address = stack.address()
    assert set(address["deployments"]) >= NAMES
    runs: dict[str, FlowRun] = {}
    with (
        temporary_settings({PREFECT_API_URL: address["api"]}),
        get_client(sync_client=True) as client,
    ):
        with scheduled(client):
            stack.wait_for(first(client, "build-dataset", {StateType.RUNNING, *TERMINAL_STATES}))
        for flow in ("build-dataset", "train-model", "evaluate-model"):
            runs[flow] = stack.wait_for(first(client, flow, TERMINAL_STATES))
        whole = client.read_deployment_by_name("end-to-end/end-to-end")
        client.create_flow_run_from_deployment(whole.id)
        runs["end-to-end"] = stack.wait_for(first(client, "end-to-end", TERMINAL_STATES))
    for run in runs.values():
        assert run.state is not None
        assert run.state.is_completed(), f"{run.state}\n{stack.logs()}"
    assert runs["build-dataset"].auto_scheduled
    assert runs["train-model"].parameters["data"] == "tiny@1"
    config = runs["evaluate-model"].parameters["config"]
    assert config["models"][1].startswith(f"{config['models'][0]}+adapter:")
    assert config["benchmarks"] == ["case2code:tiny@1"]
    assert config["limit"] == 2, "the deployment's own parameters hold in a run by trigger"

    store = tmp_path / "home" / "store"
    with open_dataset("tiny", str(store), Settings()) as dataset:
        assert any(sample.split == "test" for sample in dataset.samples())
    assert len(list(store.glob("artifacts/adapter/*/manifest.json"))) == 1
    # The same chain as one flow, whose subflows found all of it done.
    [scores] = store.glob("artifacts/evaluation/*/scores.json")
    assert len(json.loads(scores.read_text())["models"]) == 2

    stack.process.send_signal(signal.SIGINT)
    assert stack.process.wait(120) == 0, stack.logs()
    assert left_of(stack.seen) == []
    assert "stopping" in (tmp_path / "up.log").read_text()
