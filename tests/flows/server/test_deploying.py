"""Notifications and leftovers, on a real Prefect server."""

import asyncio
import fcntl
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from prefect import flow, tags
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.states import Running

from flows.rerunning import FROM_A_COMMAND
from flows.server.declared import PoolType, declared
from flows.server.deploying import _make_pool, _notify, job_template
from flows.server.leftovers import give_up_leftovers
from flows.server.places import ServerFiles, lock
from flows.server.stack import only_one
from tasks.errors import ServerError

TYPES: tuple[PoolType, ...] = ("process", "docker", "kubernetes")


@pytest.fixture
def posts() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A URL, and what was posted to it."""
    received: list[dict[str, str]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", received
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.usefixtures("prefect_server")
def test_who_has_a_block_is_told_of_a_failed_run(
    posts: tuple[str, list[dict[str, str]]],
) -> None:
    url, received = posts
    wanted = declared().notify_on_failure
    assert not asyncio.run(_notify(wanted)), "off, as long as there is no block"
    block = CustomWebhookNotificationBlock(
        name="here", url=url, json_data={"subject": "{{subject}}", "body": "{{body}}"}
    )
    block.save(wanted.block)
    for _ in range(2):
        assert asyncio.run(_notify(wanted))
    with get_client(sync_client=True) as client:
        [_] = client.read_automations_by_name(wanted.name)

    @flow(flow_run_name="refresh of tonight")
    def fails() -> None:
        raise ValueError("the disk is full")

    try:
        with tags("case2code"):
            fails(return_state=True)
        deadline = time.monotonic() + 60
        while not received:
            assert time.monotonic() < deadline
            time.sleep(0.2)
    finally:
        block.delete(wanted.block)
    assert received[0]["subject"] == "case2code: refresh of tonight Failed"
    assert "the disk is full" in received[0]["body"]


@pytest.mark.usefixtures("prefect_server")
def test_the_server_takes_every_job_template_and_a_pool_keeps_its_type(tmp_path: Path) -> None:
    async def make() -> None:
        async with get_client() as client:
            for name, pool in declared().pools.items():
                for kind in TYPES:
                    template = await job_template(kind, name, tmp_path)
                    for _ in range(2):
                        await _make_pool(client, f"test {kind} {name}", pool, kind, template)
                    made = await client.read_work_pool(f"test {kind} {name}")
                    assert made.base_job_template == template
                    assert made.concurrency_limit == pool.concurrency_limit
            with pytest.raises(ServerError, match="is of type docker, not process"):
                await _make_pool(client, "test docker data", pool, "process", template)

    asyncio.run(make())


@pytest.mark.usefixtures("prefect_server")
def test_runs_whose_worker_was_killed_are_given_up_but_not_those_of_a_command() -> None:
    with get_client(sync_client=True) as client:
        client.create_work_pool(WorkPoolCreate(name="left", type="process"), overwrite=True)
        deployment = client.create_deployment(
            client.create_flow_from_name("left"), "left", work_pool_name="left"
        )
        runs = {}
        for name, own in (("a worker's", []), ("a command's", [FROM_A_COMMAND])):
            runs[name] = client.create_flow_run_from_deployment(deployment, name=name, tags=own)
            client.set_flow_run_state(runs[name].id, Running(), force=True)
        assert give_up_leftovers(client, ["left"]) == ["a worker's"]
        states = {name: client.read_flow_run(run.id).state for name, run in runs.items()}
        crashed, running = states["a worker's"], states["a command's"]
    assert crashed is not None
    assert crashed.is_crashed()
    assert "Retry" in str(crashed.message)
    assert running is not None
    assert running.is_running()


def test_a_data_folder_is_up_once(tmp_path: Path) -> None:
    files = ServerFiles(tmp_path)
    files.announce("http://127.0.0.1:1/api", 1)
    held = lock(files.stack_lock, fcntl.LOCK_EX)
    assert held is not None
    with held, pytest.raises(ServerError, match=r"up already.*127.0.0.1:1"), only_one(files):
        pass
    with only_one(files):
        pass
