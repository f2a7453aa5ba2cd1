"""A secret that stands in a block of the server alone: runs get it, and nothing else has it."""

import asyncio
import base64
import subprocess
import sys
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from prefect.blocks.system import Secret
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import LogFilter, LogFilterFlowRunId
from prefect.client.schemas.objects import FlowRun

from flows.server.declared import Declared, declared
from flows.server.deploying import _pools_and_limits
from tests.flows.cli.conftest import environment

SECRET = "sk-planted-in-a-block-3b9d2e7f"  # noqa: S105 - what is searched for
POOL = "of secret runs"


@pytest.fixture
def server() -> Declared:
    """What is declared, on a pool that no other test has runs in."""
    whole = declared()
    return whole.model_copy(update={"pools": {POOL: whole.pools["data"]}})


@pytest.fixture
def block(prefect_server: str, server: Declared) -> Iterator[str]:
    name = server.secrets["CASE2CODE_LLM_KEY"]
    Secret(value=SECRET).save(name)
    yield prefect_server
    Secret.delete(name)


def started(client: SyncPrefectClient, out: Path) -> FlowRun:
    flow = client.create_flow_from_name("key")
    file = Path(__file__).with_name("key_flow.py")
    deployment = client.create_deployment(
        flow,
        "key",
        work_pool_name=POOL,
        entrypoint=f"{file}:show_key",
        pull_steps=[{"prefect.deployments.steps.set_working_directory": {"directory": "."}}],
    )
    return client.create_flow_run_from_deployment(deployment, parameters={"out": str(out)})


def one_look_of_a_worker(api: str, home: Path) -> str:
    """Starts what is due and waits for its end; all that was printed."""
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL, "--run-once"]
    done = subprocess.run(
        command,
        env=environment(home, PREFECT_API_URL=api, PREFECT_LOGGING_LEVEL="DEBUG"),
        capture_output=True,
        text=True,
        timeout=200,
        check=True,
    )
    return done.stdout + done.stderr


def log_of(client: SyncPrefectClient, run: FlowRun) -> list[str]:
    """The lines of one run. The server writes them down later, and has those of other tests too."""
    own = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run.id]))
    for _ in range(300):
        lines = [one.message for one in client.read_logs(own)]
        if any("llm_key" in line for line in lines):
            break
        time.sleep(0.2)
    return lines


def test_a_run_gets_the_secret_of_a_block_and_nothing_written_holds_it(
    block: str, server: Declared, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert asyncio.run(_pools_and_limits(server, "process", tmp_path)) == ["CASE2CODE_LLM_KEY"]
    out = tmp_path / "digest"
    with get_client(sync_client=True) as client:
        run = started(client, out)
        said = one_look_of_a_worker(block, tmp_path / "home")
        assert out.read_text() == sha256(SECRET.encode()).hexdigest(), said
        run = client.read_flow_run(run.id)
        told = [
            run.model_dump_json(),
            client.read_deployment(run.deployment_id).model_dump_json(),
            client.read_work_pool(POOL).model_dump_json(),
            *log_of(client, run),
        ]
    assert run.state is not None
    assert run.state.is_completed()
    assert any("llm_key=SecretStr" in one for one in told), "the log of the run is searched"
    database = [path for path in _files(tmp_path_factory) if path.name.startswith("prefect.db")]
    assert database
    written = [one.encode() for one in (*told, said)]
    written += [path.read_bytes() for path in (*database, *tmp_path.rglob("*")) if path.is_file()]
    forms = (SECRET.encode(), base64.b64encode(SECRET.encode()))
    assert not [one for one in written if any(form in one for form in forms)]


@pytest.mark.usefixtures("prefect_server")
def test_a_block_that_is_not_there_keeps_no_run_from_starting(
    server: Declared, tmp_path: Path
) -> None:
    assert asyncio.run(_pools_and_limits(server, "process", tmp_path)) == []
    with get_client(sync_client=True) as client:
        template = client.read_work_pool(POOL).base_job_template
    assert "prefect.blocks" not in str(template)


def _files(factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Of the server: its folder stands beside those of the tests."""
    for folder in factory.getbasetemp().glob("prefect*"):
        yield from folder.rglob("*")
