"""A study from YAML to page with the tests' tiny model: what noise lets through, and the cache."""

import os
from pathlib import Path

import pytest
import yaml

from flows.study import study
from tasks.errors import ConfigError, CorpusError
from tasks.records.studies import HELD_OUT, UNTRAINED, StudySummary
from tasks.settings import Settings
from tasks.store.artifacts import open_store
from tests.flows.corpus import write_corpus

# A loaded machine takes minutes for what takes half of one alone.
pytestmark = [pytest.mark.xdist_group("torch"), pytest.mark.timeout(900)]

STUDY = {
    "question": "What does noise do?",
    "baseline": "clean",
    "build": {
        "shards": 2,
        "benchmarks": ["none"],
        "dataset": {"test_share": 0.4, "validation_share": 0.0},
    },
    "train": {"method": "full", "steps": 2, "batch": 2, "max_length": 512},
    "cells": {
        "clean": {"note": "none"},
        "proved": {"note": "seen by the proof", "build": {"faults": {"wrong": 0.05}}},
        "checked": {
            "note": "alike",
            "build": {"faults": {"wrong": 0.03, "alike": True}},
        },
        "drowned": {
            "note": "alike, all of it wrong",
            "build": {"faults": {"wrong": 1.0, "alike": True}},
        },
        "trusted": {
            "note": "alike, unchecked",
            "rows": "without_cases",
            "build": {"faults": {"wrong": 0.5, "alike": True, "checked": False}},
        },
    },
    "evaluate": {"limit": 3, "ask": {"max_tokens": 4}},
    "smoke": {"launch": {"accelerate": "cpu", "threads": 1}},
}


def written(tmp_path: Path, **changes: object) -> str:
    path = tmp_path / "noise.yaml"
    build = {**STUDY["build"], "corpus": [str(write_corpus(tmp_path))]}  # type: ignore[dict-item]
    path.write_text(yaml.safe_dump({**STUDY, "build": build, **changes}))
    return str(path)


@pytest.mark.usefixtures("prefect_server", "no_waiting")
def test_noise_reaches_only_what_neither_proof_nor_check_sees(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASE2CODE_HOME", str(tmp_path / "home"))
    done = study(written(tmp_path, train=None), store=str(tmp_path / "store"), workers=1)
    rows = {one.cell: one for one in done.study.yields}
    assert rows["clean"].functions >= 6
    assert rows["proved"].functions < rows["clean"].functions
    assert [rows[cell].wrong_functions for cell in ("proved", "checked")] == [0, 0]
    assert rows["trusted"].wrong_functions > 0
    assert 0.2 < rows["trusted"].wrong_cases < 0.8
    proved = done.study.funnels["proved"]
    assert any("nondeterministic" in step.dropped for step in proved.steps)
    assert any("false_claim" in step.dropped for step in done.study.funnels["checked"].steps)
    assert rows["drowned"].functions == 0
    assert "false_claim" in done.study.empty["drowned"]
    assert not done.study.trainings
    assert done.study.findings[0].seen is None


@pytest.mark.usefixtures("prefect_server", "no_waiting")
def test_what_is_not_there_ends_a_study_before_it_is_taken_for_a_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASE2CODE_HOME", str(tmp_path / "home"))
    store = str(tmp_path / "store")
    with pytest.raises(ConfigError, match="there is no model /no/such/base"):
        study(written(tmp_path), base="/no/such/base", store=store, workers=1)
    benchmarks = written(tmp_path, evaluate={"benchmarks": ["humanevl"]})
    with pytest.raises(ConfigError, match="no benchmark at humanevl"):
        study(benchmarks, store=store, workers=1)
    assert not (tmp_path / "store" / "names").exists()  # nothing was built
    typo = {"clean": {}, "typo": {"build": {"corpus": ["/no/such/corpus"]}}}
    with pytest.raises(CorpusError, match="/no/such/corpus"):
        study(written(tmp_path, cells=typo, train=None), store=store, workers=1)


@pytest.mark.usefixtures("prefect_server", "no_waiting")
def test_a_study_trains_measures_and_does_nothing_twice(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASE2CODE_HOME", str(tmp_path / "home"))
    cells = {name: STUDY["cells"][name] for name in ("clean", "trusted")}  # type: ignore[index]
    path = written(tmp_path, cells=cells)

    def run() -> StudySummary:
        return study(path, base=str(tiny_model), store=str(tmp_path / "store"), workers=1)

    first = run()
    done = first.study
    assert [one.cell for one in done.trainings] == [UNTRAINED, "clean", "trusted"]
    counts = [one.result.train.taken for one in done.trainings if one.result]
    assert counts == [5, 5]  # of 11, those that nobody is tested on
    assert {one.measure for one in done.scores} >= {"pass@1", "answer loss"}
    assert {one.test for one in done.scores} == {HELD_OUT}
    assert {(one.cell, one.against) for one in done.differences} == {
        ("trusted", "clean"),
        ("clean", UNTRAINED),
        ("trusted", UNTRAINED),
    }
    assert str(tmp_path) not in done.model_dump_json()
    with open_store(str(tmp_path / "store"), Settings()) as store:
        for name in ("report.html", "summary.md", "study.svg", "study.json"):
            with store.open(first.ref, name) as file:
                assert os.fspath(tmp_path) not in file.read_text()
                assert "What does noise do?" in file.read_text() or name == "study.json"
        with store.open(first.ref, "report.html") as page:
            assert "&lt;details" not in page.read_text()
    again = run()
    assert again.ref == first.ref
    # What looks at the machine or at names is done each time, and nothing that costs.
    fresh = again.grid_task_runs - again.cached_steps
    assert fresh <= first.grid_task_runs / 3
    assert [one.result for one in again.study.trainings] == [one.result for one in done.trainings]
