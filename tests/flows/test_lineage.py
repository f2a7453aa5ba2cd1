"""Assets: told once in the life of a store, with what they were made of."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prefect import flow
from prefect.events.worker import EventsWorker

from flows.lineage import asset_named, asset_of, asset_of_model, record_asset
from flows.shards import ShardRun
from tasks.records.artifacts import ArtifactRef
from tasks.records.steps import Place
from tests.flows.retrying import ask

pytestmark = pytest.mark.usefixtures("no_waiting")

ADAPTER = ArtifactRef(kind="adapter", digest="5e" * 32, rows=0, size=7)


@flow
def recording(store: str) -> int:
    with ShardRun(Place(store=store), workers=1) as run:
        record_asset(
            run, ADAPTER, name="adapter of tiny", made_of=[asset_named("base", "a b/tiny")]
        )
        return run.accounts.cached


def told_to(server: str) -> list[dict[str, Any]]:
    wanted = {"event": {"name": ["prefect.asset.materialization.succeeded"]}}
    found = ask(server, "/events/filter", {"filter": wanted})["events"]
    return [one for one in found if one["resource"]["prefect.resource.id"] == asset_of(ADAPTER)]


def wait_until(happened: Callable[[], object], *, timeout: float) -> None:
    end = time.monotonic() + timeout
    while not happened() and time.monotonic() < end:
        time.sleep(0.5)


def test_an_asset_is_told_once_with_its_parents(prefect_server: str, tmp_path: Path) -> None:
    assert [recording(str(tmp_path)), recording(str(tmp_path))] == [0, 1]
    EventsWorker.drain_all(timeout=30)
    # The server writes events down in batches, a while after it was told.
    wait_until(lambda: told_to(prefect_server), timeout=60)
    told = told_to(prefect_server)
    assert len(told) == 1
    assert told[0]["payload"]["digest"] == ADAPTER.digest
    related = [one["prefect.resource.id"] for one in told[0]["related"]]
    assert "case2code://base/a-b-tiny" in related


def test_a_model_of_the_store_is_the_asset_that_its_training_made() -> None:
    assert asset_of_model(f"transformers:Qwen/tiny+adapter:{ADAPTER.digest}") == asset_of(ADAPTER)
    assert asset_of_model("transformers:Qwen/tiny") == asset_named("base", "Qwen/tiny")
