"""Killed with -9 at a drawn moment, a refresh goes on to the bytes of an undisturbed one.

What is killed: the process of the flow; the worker with all that runs under it, as when a machine
is lost; the server. (Commands without a worker: `cli/test_kills.py`.)
"""

import json
import os
import random
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun

from flows.build_dataset import build_dataset
from flows.server.places import ServerFiles
from tasks.records.configs import BuildConfig
from tasks.settings import Settings
from tests.flows.cli.conftest import arguments, environment, result_of
from tests.flows.corpus import write_corpus
from tests.flows.migrated import home_with_a_database
from tests.flows.processes import descendants, left_of
from tests.flows.retrying import contents, deployed, press_retry, until_ended, worker

pytestmark = [pytest.mark.usefixtures("prefect_server"), pytest.mark.xdist_group("crashes")]

STEPS = ("collect", "extract", "deduplicate", "search", "execute", "filters", "weigh", "prompts")
SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(1, 11))]


@dataclass(frozen=True)
class Undisturbed:
    """What a build of the small corpus comes to where nothing happens."""

    key: str
    files: dict[str, str]
    """The digest of each."""


class Refresh:
    """A deployed refresh of one small corpus, and its undisturbed twin."""

    def __init__(self, api: str, folder: Path, undisturbed: Undisturbed) -> None:
        self.api = api
        self.folder = folder
        self.store = folder / "disturbed"
        self.config = small_build(folder)
        self.undisturbed = undisturbed

    def scheduled(self) -> FlowRun:
        """A run for the worker to take."""
        parameters = {"config": self.config.model_dump(mode="json"), "store": str(self.store)}
        with get_client(sync_client=True) as client:
            deployment = client.read_deployment_by_name("build-dataset/crashes")
            return client.create_flow_run_from_deployment(deployment.id, parameters=parameters)

    def until(self, moment: random.Random, process: subprocess.Popen[Any]) -> None:
        """Waits until a drawn step has done a drawn number of shards."""
        step, shards = moment.choice(STEPS), moment.randint(1, 2)
        if step == "deduplicate":
            shards = 1  # it sees all at once
        results = self.store / "results" / step
        deadline = time.monotonic() + 600
        while process.poll() is None and sum(one.is_file() for one in results.rglob("*")) < shards:
            assert time.monotonic() < deadline, f"{step} did not get to shard {shards}"
            time.sleep(0.01)
        assert process.poll() is None

    def same_bytes(self) -> bool:
        """Whether what came of it is what an undisturbed build gives."""
        found = contents(str(self.store), Settings(), self.undisturbed.key)
        return bool(found) and found == self.undisturbed.files


def small_build(folder: Path) -> BuildConfig:
    return BuildConfig(corpus=(str(write_corpus(folder)),), shards=4, benchmarks=())


@pytest.fixture(scope="module")
def undisturbed(prefect_server: str, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:  # noqa: ARG001 - is there
    folder = tmp_path_factory.mktemp("undisturbed")
    store = str(folder / "store")
    key = build_dataset(small_build(folder), store=store, workers=2).dataset.ref.key
    return Undisturbed(key, contents(store, Settings(), key))


@pytest.fixture
def refresh(prefect_server: str, tmp_path: Path, undisturbed: Undisturbed) -> Refresh:
    return Refresh(prefect_server, tmp_path, undisturbed)


def until_reported(log: Path) -> None:
    """A worker says twice that a run has crashed: a Retry between the two would be undone."""
    deadline = time.monotonic() + 90
    while "infrastructure exited" not in log.read_text() and time.monotonic() < deadline:
        time.sleep(0.1)


def state_of(run: FlowRun) -> str:
    assert run.state is not None
    return str(run.state.name)


# Two minutes even for one seed; tests/flows/cli/test_kills.py kills a flow process three times.
@pytest.mark.soak
@pytest.mark.parametrize("seed", range(11))
def test_a_killed_flow_process_is_seen_by_its_worker_and_done_again(
    refresh: Refresh, seed: int
) -> None:
    with (
        deployed(build_dataset, "crashes"),
        worker(refresh.api, "crashes", refresh.folder) as process,
    ):
        run = refresh.scheduled()
        refresh.until(random.Random(f"flow:{seed}"), process)
        below = {one for one in descendants(process.pid) if one[0] != process.pid}
        assert below
        for pid, _ in below:
            if b"prefect" in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGKILL)
        assert state_of(until_ended(run)) == "Crashed"
        until_reported(refresh.folder / "worker.log")
        press_retry(refresh.api, run)
        assert state_of(until_ended(run)) == "Completed"
    assert left_of(below) == []
    assert refresh.same_bytes()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_run_whose_worker_is_killed_with_all_below_it_is_done_again_by_another(
    refresh: Refresh, seed: int
) -> None:
    with deployed(build_dataset, "crashes"):
        with worker(refresh.api, "crashes", refresh.folder) as process:
            run = refresh.scheduled()
            refresh.until(random.Random(f"worker:{seed}"), process)
            seen = descendants(process.pid)
            for pid, _ in seen:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        assert left_of(seen) == []
        with get_client(sync_client=True) as client:
            assert state_of(client.read_flow_run(run.id)) == "Running", "nobody could tell"
        press_retry(refresh.api, run)
        with worker(refresh.api, "crashes", refresh.folder):
            assert state_of(until_ended(run)) == "Completed"
    assert refresh.same_bytes()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_command_ends_with_its_server_and_goes_on_with_the_next(
    refresh: Refresh, seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = home_with_a_database(refresh.folder / "home", tmp_path_factory)
    words = ("build", "--corpus", refresh.config.corpus[0], "--store", refresh.store, "--json")
    config = refresh.folder / "config.yaml"
    config.write_text("{shards: 4, benchmarks: []}")
    with subprocess.Popen(
        arguments(*words, "--config", config),
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        refresh.until(random.Random(f"server:{seed}"), process)
        seen = descendants(process.pid)
        os.kill(json.loads(ServerFiles(home).announcement.read_text())["pid"], signal.SIGKILL)
        stdout, stderr = process.communicate(timeout=300)
    assert (process.returncode, stdout) == (1, "")
    assert "the Prefect server has died" in stderr
    assert left_of(seen) == []
    again = subprocess.run(
        arguments(*words, "--config", config),
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert result_of(again)["cached_steps"] > 0
    assert refresh.same_bytes()
