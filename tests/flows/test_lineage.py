"""Assets: told once in the life of a store, with what they were made of."""

from pathlib import Path

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


def test_an_asset_is_told_once_with_its_parents(prefect_server: str, tmp_path: Path) -> None:
    assert [recording(str(tmp_path)), recording(str(tmp_path))] == [0, 1]
    EventsWorker.drain_all(timeout=30)
    wanted = {"event": {"name": ["prefect.asset.materialization.succeeded"]}}
    told = [
        event
        for event in ask(prefect_server, "/events/filter", {"filter": wanted})["events"]
        if event["resource"]["prefect.resource.id"] == asset_of(ADAPTER)
    ]
    assert len(told) == 1
    assert told[0]["payload"]["digest"] == ADAPTER.digest
    related = [one["prefect.resource.id"] for one in told[0]["related"]]
    assert "case2code://base/a-b-tiny" in related


def test_a_model_of_the_store_is_the_asset_that_its_training_made() -> None:
    assert asset_of_model(f"transformers:Qwen/tiny+adapter:{ADAPTER.digest}") == asset_of(ADAPTER)
    assert asset_of_model("transformers:Qwen/tiny") == asset_named("base", "Qwen/tiny")
