"""A flow of flows that failed in its second child goes on there, by the button of the UI."""

from collections.abc import Callable, Iterator
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
from tasks.errors import StepFailedError, StoreRefusedError
from tasks.records.artifacts import ArtifactRef
from tasks.records.configs import BuildConfig, DatasetConfig
from tasks.records.evaluations import AskStyle
from tasks.records.studies import StudySummary
from tasks.records.training import Launch, TrainConfig
from tasks.settings import Settings
from tests.faulty_s3 import FaultyS3, faulty_s3
from tests.flows.corpus import write_corpus
from tests.flows.retrying import (
    contents,
    deployed,
    press_retry,
    s3_environment,
    task_runs_below,
    until_ended,
    worker,
)

# A loaded machine takes minutes for what takes half of one alone.
pytestmark = [pytest.mark.usefixtures("prefect_server", "no_waiting"), pytest.mark.timeout(900)]

LOOKS = ["discover", "find benchmarks", "find earlier data sets"]
"""Steps of a build that only look at what there is, and are never cached."""


@dataclass(frozen=True)
class Stores:
    """Two stores on an S3 server that fails where it is told to."""

    s3: FaultyS3
    bucket: str
    settings: Settings

    def url(self, name: str) -> str:
        return f"s3://{self.bucket}/{name}"

    def refuses_once(self, kind: str, after: int = 0) -> None:
        """One write of an artifact, which no step tries again."""
        refusal = {"times": 1, "status": 403, "code": "AccessDenied", "after": after}
        self.s3.does("answer", "PUT", f"/artifacts/{kind}/", **refusal)

    def have_the_same(self, ref: ArtifactRef) -> bool:
        files = contents(self.url("disturbed"), self.settings, ref.key)
        return bool(files) and files == contents(self.url("undisturbed"), self.settings, ref.key)


@pytest.fixture
def stores(
    s3_endpoint: str, bucket: str, s3_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stores]:
    with faulty_s3(s3_endpoint) as s3:
        for name, value in s3_environment(s3.url).items():
            monkeypatch.setenv(name, value)
        yield Stores(s3, bucket, s3_settings)


@dataclass(frozen=True)
class Retried:
    """A run that failed and then, after Retry, completed."""

    failed: FlowRun
    children: list[dict[str, list[str]]]
    """Of each child of the second attempt, in order: task runs by the name of their state."""


Retry = Callable[[Flow[..., Any], Callable[[], None]], Retried]


@pytest.fixture
def retry(prefect_server: str, stores: Stores, tmp_path: Path) -> Retry:
    """Deploys a flow, lets it fail, presses Retry, and starts the worker that takes the run."""

    def fail_and_retry(flow: Flow[..., Any], fail: Callable[[], None]) -> Retried:
        with deployed(flow, "parents"):
            fail()
            with get_client(sync_client=True) as client:
                failed = rerunning.find_run(client, "")
            began = datetime.now(UTC).isoformat()
            press_retry(prefect_server, failed)
            with worker(prefect_server, "parents", tmp_path, **s3_environment(stores.s3.url)):
                ended = until_ended(failed)
        assert ended.state is not None
        assert ended.state.is_completed(), (tmp_path / "worker.log").read_text()
        return Retried(failed, task_runs_below(prefect_server, failed, began))

    return fail_and_retry


def test_a_study_whose_second_build_failed_goes_on_in_it(
    stores: Stores, retry: Retry, tmp_path: Path
) -> None:
    path = tmp_path / "mistakes.yaml"
    build = {"corpus": [str(write_corpus(tmp_path))], "shards": 2, "benchmarks": ["none"]}
    cells = {"clean": {}, "mistaken": {"build": {"faults": {"mutated": 1.0}}}}
    path.write_text(yaml.safe_dump({"question": "?", "build": build, "cells": cells}))
    said = ""

    def run(name: str) -> StudySummary:
        return rerunning.start(study, str(path), build_only=True, store=stores.url(name), workers=2)

    def fail() -> None:
        nonlocal said
        with pytest.raises(StepFailedError, match="execute failed on shard 0") as raised:
            run("disturbed")
        said = str(raised.value)

    wanted = run("undisturbed").ref
    stores.refuses_once("cases", after=stores.s3.count("PUT", "/artifacts/cases/") // 2)
    retried = retry(study, fail)
    assert retried.failed.name == f"study {path} (smoke)"
    assert f'press Retry on the run "{retried.failed.name}" in the Prefect UI' in said
    assert f"`case2code retry {retried.failed.id}`" in said
    clean, mistaken = retried.children
    assert clean["Completed"] == LOOKS
    bad = said.partition("shard ")[2].partition(":")[0]
    again = [f"{step} {bad}" for step in ("execute", "filters", "group", "prompts", "weigh")]
    done = [name for name in mistaken["Completed"] if not name.startswith("record-asset")]
    assert done == sorted([*LOOKS, *again, "dataset all", "report all"])
    assert stores.have_the_same(wanted)


@pytest.mark.soak
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

    def run(name: str) -> EndToEndSummary:
        return rerunning.start(
            end_to_end,
            str(tiny_model),
            build,
            TrainConfig(steps=1, batch=2, max_length=256),
            Launch(accelerate="cpu", threads=1),
            benchmarks=(),
            limit=2,
            ask=AskStyle(max_tokens=4),
            store=stores.url(name),
            workers=2,
            name="tiny",
        )

    def fail() -> None:
        with pytest.raises(StoreRefusedError, match="AccessDenied"):
            run("disturbed")

    wanted = run("undisturbed")
    stores.refuses_once("adapter")
    retried = retry(end_to_end, fail)
    assert retried.failed.name == f"end to end on {tiny_model}"
    built, trained, scored = retried.children
    assert built["Completed"] == LOOKS
    assert len(trained["Completed"]) == 2, "the training, and the asset that it made"
    assert "Cached" not in scored
    for ref in (wanted.build.dataset.ref, wanted.train.result.ref, wanted.evaluation.result.ref):
        assert stores.have_the_same(ref)
