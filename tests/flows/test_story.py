"""What the Prefect UI is told of a run."""

import pytest
from prefect import flow

from flows import story
from flows.story import StepProgress, telling
from tests.flows.retrying import ask


@flow
def long_step(name: str, shards: int) -> None:
    progress = StepProgress(name, shards)
    for _ in range(shards):
        progress.shard_done()


def progress_of(api: str, name: str) -> list[float]:
    body = {"artifacts": {"key": {"any_": [f"progress-{name}"]}}}
    return [one["data"] for one in ask(api, "/artifacts/filter", body)]


def test_a_long_step_has_a_progress_artifact_that_ends_whole(
    prefect_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(story, "SECONDS_BETWEEN", 0.0)
    long_step("long", 3)
    assert progress_of(prefect_server, "long") == [100]


def test_a_short_step_leaves_no_progress_behind(prefect_server: str) -> None:
    long_step("short", 3)
    assert progress_of(prefect_server, "short") == []


@flow
def unheard() -> str:
    with telling():
        raise ConnectionError("nobody there")
    return "done"


@pytest.mark.usefixtures("prefect_server")
def test_a_server_that_does_not_listen_does_not_hurt_the_run() -> None:
    assert unheard() == "done"
