"""Answers are paid for once: through faults, kills, other limits and budgets, to the same bytes."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.build_dataset import build_dataset
from tasks.records.configs import BuildConfig, InputsConfig
from tasks.records.steps import BuildSummary
from tests.flows.corpus import write_corpus
from tests.tasks.models.serving import ModelServer

pytestmark = pytest.mark.usefixtures("prefect_server", "no_waiting")

IN_FLIGHT = 4


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ModelServer]:
    with ModelServer() as running:
        monkeypatch.setenv("CASE2CODE_LLM_URL", running.url)
        monkeypatch.setenv("CASE2CODE_LLM_CONCURRENCY", str(IN_FLIGHT))
        monkeypatch.setenv("CASE2CODE_HOME", str(tmp_path / "home"))
        yield running


def config(tmp_path: Path, shards: int = 2, **inputs: Any) -> BuildConfig:
    return BuildConfig(
        corpus=(str(write_corpus(tmp_path)),),
        shards=shards,
        inputs=InputsConfig(writers=("search", "openai:tiny"), **({"llm_share": "all"} | inputs)),
    )


def build(tmp_path: Path, store: str = "store", **given: Any) -> BuildSummary:
    return build_dataset(config(tmp_path, **given), store=str(tmp_path / store), workers=2)


def files_of(summary: BuildSummary) -> dict[str, str]:
    folder = Path(summary.path)
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def asked(server: ModelServer) -> list[str]:
    """Which requests for inputs came, probes left out, by a digest of each."""
    bodies = server.stats()["bodies"]
    return [
        hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
        for body in bodies
        if "different example inputs" in body["messages"][-1]["content"]
    ]


def kept(tmp_path: Path, store: str = "store") -> int:
    journals = (tmp_path / store / "answers").rglob("*.jsonl")
    return sum(path.read_bytes().count(b"\n") for path in journals)


KILLED = """
import sys
from flows.build_dataset import build_dataset
from tasks.records.configs import BuildConfig
build_dataset(BuildConfig.model_validate_json(sys.argv[1]), store=sys.argv[2], workers=2)
"""


def test_a_killed_build_asks_for_what_is_missing_and_publishes_the_same_bytes(
    tmp_path: Path, server: ModelServer, prefect_server: str
) -> None:
    whole = files_of(build(tmp_path, "undisturbed", samples=3))
    everything = asked(server)
    server.reset()
    server.control(delay=0.5, faults=["", "429", "half", "", "500", "cut JSON", "", "dropped"])

    text = config(tmp_path, samples=3).model_dump_json()
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, text, str(tmp_path / "store")],
        env=os.environ | {"PREFECT_API_URL": prefect_server},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None and kept(tmp_path) < 2 * IN_FLIGHT:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    saved, paid = kept(tmp_path), len(server.stats()["answered"])

    assert 2 * IN_FLIGHT <= saved < len(everything), "it was killed midway"
    assert paid - saved <= IN_FLIGHT + 1 + 2, "lost: what was in flight; two were probes"
    server.reset()
    again = build(tmp_path, samples=3)

    assert len(asked(server)) == len(everything) - saved
    assert set(asked(server)) <= set(everything)
    assert files_of(again) == whole
    [_, usage] = again.writers
    assert usage.writer == "openai:tiny"
    assert (usage.answers, usage.new_answers) == (len(everything), len(everything) - saved)


def test_a_budget_ends_the_asking_and_a_later_build_goes_on_from_there(
    tmp_path: Path, server: ModelServer, caplog: pytest.LogCaptureFixture
) -> None:
    first = build(tmp_path, llm_share="short", llm_budget="1700", samples=4)

    rows = {row.step: row for row in first.dataset.funnel.steps}
    before = asked(server)
    assert rows["ask"].taken < 4 * rows["inputs"].taken, "what has enough is not asked about"
    assert 0 < len(before) == rows["ask"].kept < rows["ask"].taken
    assert rows["ask"].dropped == {"not_asked": rows["ask"].taken - rows["ask"].kept}
    run = json.loads(Path(f"{first.path}.run.json").read_text())
    assert [one["writer"] for one in run["writers"]] == ["search", "openai:tiny"]
    assert 0 < run["writers"][1]["new_tokens"] <= 1_700
    assert run["writers"][1]["seconds"] > 0

    prices = {"tiny": {"prompt": 1.0, "completion": 2.0}}
    with caplog.at_level("INFO", logger="tasks.notices"):
        second = build(tmp_path, shards=3, prices=prices, samples=4)

    rows = {row.step: row for row in second.dataset.funnel.steps}
    functions = rows["inputs"].taken
    everything = 4 * functions
    assert rows["ask"].kept == len(asked(server)) == len(set(asked(server))) == everything
    assert asked(server)[: len(before)] == before, "another number of shards asks nothing again"
    [said] = [record.message for record in caplog.records if "functions," in record.message]
    assert said.startswith(f"openai:tiny: {functions} functions, {everything - len(before)} calls")
    assert f"{len(before)} answers are kept" in said
    assert " usd" in said
    usage = second.writers[1]
    assert 0 < (usage.new_cost or 0) < (usage.cost or 0)
