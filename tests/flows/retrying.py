"""Builds that fail in a known way, and a worker that takes them up again."""

import hashlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import FlowRun
from prefect.deployments.runner import EntrypointType
from prefect.flows import Flow

from flows import rerunning
from flows.build_dataset import build_dataset
from tasks.errors import StepFailedError
from tasks.records.configs import BuildConfig
from tasks.records.steps import BuildSummary
from tasks.settings import Settings
from tasks.store.artifacts import open_store
from tests.faulty_s3 import FaultyS3
from tests.flows.corpus import write_corpus

ROOT = Path(__file__).parents[2]


def s3_environment(endpoint: str) -> dict[str, str]:
    """What a process needs to reach the S3 server of the tests."""
    return {
        "CASE2CODE_S3_ENDPOINT": endpoint,
        "CASE2CODE_S3_REGION": "us-east-1",
        "CASE2CODE_S3_ACCESS_KEY": "test",
        "CASE2CODE_S3_SECRET_KEY": "test",
    }


def poison_a_shard(s3: FaultyS3) -> None:
    """Once, the store says no to the cases of a shard: that shard fails, and is mended with it."""
    s3.does("answer", "PUT", "/artifacts/cases/", times=1, status=403, code="AccessDenied")


def small_build(folder: Path, store: str) -> BuildSummary:
    """Builds a small corpus, which is written into the folder."""
    config = BuildConfig(corpus=(str(write_corpus(folder)),), shards=2, benchmarks=())
    return rerunning.start(build_dataset, config, store=store, workers=2, name="small")


class Builds:
    """Builds of one small corpus on S3, over a server that fails where it is told to."""

    def __init__(self, folder: Path, s3: FaultyS3, bucket: str) -> None:
        self.folder = folder
        self.s3 = s3
        self.store = f"s3://{bucket}/store"

    def fail(self) -> tuple[FlowRun, str]:
        """Runs with one bad shard; the failed run and what it said."""
        poison_a_shard(self.s3)
        with pytest.raises(StepFailedError) as raised:
            small_build(self.folder, self.store)
        with get_client(sync_client=True) as client:
            run = rerunning.find_run(client, "")
        assert run.state is not None
        assert run.state.is_failed()
        return run, str(raised.value)


def contents(store: str, settings: Settings, key: str) -> dict[str, str]:
    """The digest of every file of an artifact."""
    with open_store(store, settings) as opened:
        found = {}
        for name in sorted(opened.backend.keys(f"{key}/")):
            raw = opened.backend.get_bytes(name)
            assert raw is not None
            found[name] = hashlib.sha256(raw).hexdigest()
        return found


@contextmanager
def deployed(flow: Flow[..., Any], pool: str) -> Iterator[None]:
    """A deployment of the flow on a pool of processes; both are gone after the block."""
    with get_client(sync_client=True) as client:
        client.create_work_pool(WorkPoolCreate(name=pool, type="process"))
        made: Any = flow.to_deployment(
            name=pool, work_pool_name=pool, entrypoint_type=EntrypointType.MODULE_PATH
        )
        deployment = made.apply()
        try:
            yield
        finally:
            client.delete_deployment(deployment)
            client.delete_work_pool(pool)


@contextmanager
def worker(api: str, pool: str, folder: Path, **others: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker in a process of its own, whose log is in the folder."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")}
    environment |= {
        "PREFECT_API_URL": api,
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "PREFECT_WORKER_WEBSERVER_PORT": "0",
        "PYTHONPATH": str(ROOT),
    } | others
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", pool]
    with (folder / "worker.log").open("ab") as log:
        process = subprocess.Popen(
            [*command, "--type", "process"],
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        # It does not end on a signal that asks (notes on Prefect in flows/server).
        process.kill()
        process.wait()


def until_ended(run: FlowRun, seconds: float = 600) -> FlowRun:
    """The run when it has ended, however; fails where it takes too long."""
    deadline = time.monotonic() + seconds
    with get_client(sync_client=True) as client:
        while time.monotonic() < deadline:
            found = client.read_flow_run(run.id)
            if found.state is not None and found.state.is_final():
                return found
            time.sleep(0.5)
    raise AssertionError(f"{run.name} did not end: {found.state}")


def ask(api: str, path: str, body: dict[str, Any]) -> Any:
    """What the server answers to a POST."""
    request = urllib.request.Request(
        f"{api}{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        content = answer.read()
        return json.loads(content) if content else None


def press_retry(api: str, run: FlowRun) -> None:
    """What the button Retry sends."""
    state = {"type": "SCHEDULED", "name": "AwaitingRetry", "message": "Retry from the UI"}
    ask(api, f"/flow_runs/{run.id}/set_state", {"state": state, "force": True})


def task_runs_since(api: str, run: FlowRun, moment: str) -> dict[str, list[str]]:
    """Names of the task runs that began after a moment, by the name of their state."""
    return _task_runs(api, [str(run.id)], moment)


def task_runs_below(api: str, parent: FlowRun, moment: str) -> list[dict[str, list[str]]]:
    """Of each flow run inside the parent that began after a moment, in order, as above."""
    body = {
        "flow_runs": {
            "parent_flow_run_id": {"any_": [str(parent.id)]},
            "expected_start_time": {"after_": moment},
        },
        "sort": "START_TIME_ASC",
    }
    children = ask(api, "/flow_runs/filter", body)
    return [_task_runs(api, [child["id"]], moment) for child in children]


def _task_runs(api: str, flow_runs: list[str], moment: str) -> dict[str, list[str]]:
    body = {
        "flow_runs": {"id": {"any_": flow_runs}},
        "task_runs": {"expected_start_time": {"after_": moment}},
        "limit": 200,
    }
    found: dict[str, list[str]] = {}
    for one in ask(api, "/task_runs/filter", body):
        found.setdefault(one["state"]["name"], []).append(one["name"])
    return {state: sorted(names) for state, names in sorted(found.items())}
