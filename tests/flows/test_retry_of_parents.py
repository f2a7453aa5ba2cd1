"""A flow of flows that failed in its second child goes on there, by the button of the UI."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun
from prefect.flows import Flow

from flows import rerunning
from flows.end_to_end import EndToEndSummary, end_to_end
from flows.study import study
from tasks.errors import StepFailedError, StoreError
from tasks.records.artifacts import ArtifactRef
from tasks.records.configs import BuildConfig, DatasetConfig
from tasks.records.evaluations import AskStyle
from tasks.records.studies import StudySummary
from tasks.records.training import Launch, TrainConfig
from tasks.settings import Settings
from tests.flows.corpus import write_corpus
from tests.flows.retrying import (
    contents,
    deployed,
    press_retry,
    task_runs_below,
    until_ended,
    worker,
)

pytestmark = pytest.mark.usefixtures("prefect_server", "no_waiting")

LOOKS = ["discover", "find benchmarks", "find earlier data sets"]
"""Steps of a build that only look at what there is, and are never cached."""


class Stores:
    """Two stores of the same artifacts, by their names; one of them is disturbed."""

    def __init__(self, folder: Path) -> None:
        self.undisturbed = folder / "undisturbed"
        self.disturbed = folder / "disturbed"

    def in_the_way_of(self, kind: str) -> Path:
        """A file where the other store has the last artifact of a kind: it cannot be written."""
        last = max(
            (self.undisturbed / "artifacts" / kind).iterdir(), key=lambda one: one.stat().st_mtime
        )
        blocked = self.disturbed / last.relative_to(self.undisturbed)
        blocked.parent.mkdir(parents=True)
        blocked.write_text("in the way")
        return blocked

    def have_the_same(self, ref: ArtifactRef) -> bool:
        files = contents(str(self.disturbed), Settings(), ref.key)
        return bool(files) and files == contents(str(self.undisturbed), Settings(), ref.key)


@pytest.fixture
def stores(tmp_path: Path) -> Stores:
    return Stores(tmp_path)


@dataclass(frozen=True)
class Retried:
    """A run that failed and then, after Retry, completed."""

    failed: FlowRun
    children: list[dict[str, list[str]]]
    """Of each child of the second attempt, in order: task runs by the name of their state."""


Retry = Callable[[Flow[..., Any], Callable[[], None], Path], Retried]


@pytest.fixture
def retry(prefect_server: str, tmp_path: Path) -> Retry:
    """Deploys a flow, lets it fail on what is in its way, and has a worker do what Retry asks."""

    def fail_and_retry(flow: Flow[..., Any], fail: Callable[[], None], in_the_way: Path) -> Retried:
        with deployed(flow, "parents"):
            fail()
            in_the_way.unlink()
            with get_client(sync_client=True) as client:
                failed = rerunning.find_run(client, "")
            began = datetime.now(UTC).isoformat()
            press_retry(prefect_server, failed)
            with worker(prefect_server, "parents", tmp_path):
                ended = until_ended(failed)
        assert ended.state is not None
        assert ended.state.is_completed(), (tmp_path / "worker.log").read_text()
        return Retried(failed, task_runs_below(prefect_server, failed, began))

    return fail_and_retry


@pytest.mark.soak  # a minute: that of one flow is retried in every run of the tests
@pytest.mark.timeout(900)  # a loaded machine takes minutes for what takes half of one alone
def test_a_study_whose_second_build_failed_goes_on_in_it(
    stores: Stores, retry: Retry, tmp_path: Path
) -> None:
    path = tmp_path / "mistakes.yaml"
    build = {"corpus": [str(write_corpus(tmp_path))], "shards": 2, "benchmarks": ["none"]}
    cells = {"clean": {}, "mistaken": {"build": {"faults": {"mutated": 1.0}}}}
    path.write_text(yaml.safe_dump({"question": "?", "build": build, "cells": cells}))
    said = ""

    def run(store: Path) -> StudySummary:
        return rerunning.start(study, str(path), build_only=True, store=str(store), workers=2)

    def fail() -> None:
        nonlocal said
        with pytest.raises(StepFailedError, match="weigh failed on shard 0") as raised:
            run(stores.disturbed)
        said = str(raised.value)

    wanted = run(stores.undisturbed).ref
    retried = retry(study, fail, stores.in_the_way_of("weighed"))
    assert retried.failed.name == f"study {path} (smoke)"
    assert f'press Retry on the run "{retried.failed.name}" in the Prefect UI' in said
    assert f"`case2code retry {retried.failed.id}`" in said
    with get_client(sync_client=True) as client:
        assert rerunning.find_run(client, "build corpus").id == retried.failed.id
    clean, mistaken = retried.children
    assert clean["Completed"] == LOOKS
    bad = said.partition("shard ")[2].partition(":")[0]
    done = [name for name in mistaken["Completed"] if not name.startswith("record-asset")]
    again = [f"weigh {bad}", f"prompts {bad}", "dataset all", "report all"]
    assert done == sorted([*LOOKS, *again])
    assert stores.have_the_same(wanted)


@pytest.mark.soak
@pytest.mark.xdist_group("torch")
def test_a_chain_whose_training_failed_goes_on_in_it(
    stores: Stores,
    retry: Retry,
    tmp_path: Path,
    tiny_model: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CASE2CODE_HOME", str(tmp_path / "home"))
    dataset = DatasetConfig(test_share=0.4, validation_share=0.1)
    corpus = str(write_corpus(tmp_path))
    build = BuildConfig(corpus=(corpus,), shards=2, benchmarks=("none",), dataset=dataset)

    def run(store: Path) -> EndToEndSummary:
        return rerunning.start(
            end_to_end,
            str(tiny_model),
            build,
            TrainConfig(steps=1, batch=2, max_length=256),
            Launch(accelerate="cpu", threads=1),
            benchmarks=(),
            limit=2,
            ask=AskStyle(max_tokens=4),
            store=str(store),
            workers=2,
            name="tiny",
        )

    def fail() -> None:
        with pytest.raises(StoreError, match="cannot write to the store"):
            run(stores.disturbed)

    wanted = run(stores.undisturbed)
    retried = retry(end_to_end, fail, stores.in_the_way_of("adapter"))
    assert retried.failed.name == f"end to end on {tiny_model}"
    built, trained, scored = retried.children
    assert built["Completed"] == LOOKS
    assert len(trained["Completed"]) == 2, "the training, and the asset that it made"
    assert "Cached" not in scored
    for ref in (wanted.build.dataset.ref, wanted.train.result.ref, wanted.evaluation.result.ref):
        assert stores.have_the_same(ref)
