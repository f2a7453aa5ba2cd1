"""What a store holds, as it is typed and shown; in this process: it needs no server."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from flows.cli import screen
from flows.cli.main import app
from flows.list_store import list_store
from tasks.records.artifacts import ArtifactRef
from tasks.settings import Settings
from tasks.store.artifacts import ArtifactStore, open_store
from tasks.store.names import name_version

runner = CliRunner()
SCORE = {"benchmark": "HumanEval+", "measure": "pass@1", "value": 0.25, "low": 0.2, "high": 0.3}


def put(store: ArtifactStore, kind: str, file: str, content: Any, **meta: Any) -> ArtifactRef:
    path = store.scratch / file
    path.write_text(json.dumps(content))
    return store.put(kind, {file: path}, rows=7, meta=meta)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A data set in two versions, a mix with it, an adapter trained on it, its scores."""
    where = str(tmp_path / "store")
    with open_store(where, Settings()) as store:
        first, second = (
            put(store, "dataset", "card", text, config={"corpus": ["stdlib", "src"]})
            for text in ("one", "two")
        )
        for ref in (first, second):
            name_version(store, ref, "small")
        part = {"data": f"small@{second.digest}", "share": 0.5}
        mix = put(store, "mix", "card", "m", config={"parts": [part]})
        name_version(store, mix, "mixed")
        curve = [{"step": 1, "held_out_loss": 1.5}, {"step": 9, "held_out_loss": 1.25}]
        account = {"base": "org/base", "data": {"digest": first.digest}, "steps": 9, "curve": curve}
        adapter = put(store, "adapter", "training.json", account)
        score = SCORE | {"model": f"org/base+adapter:{adapter.short}"}
        put(store, "evaluation", "scores.json", {"scores": [score], "training_data": first.digest})
    return where


def told(*words: str) -> dict[str, Any]:
    done = runner.invoke(app, ["ls", *words, "--json"])
    assert done.exit_code == 0, done.output
    result = json.loads(done.stdout)
    assert isinstance(result, dict)
    return result


def test_versions_models_and_scores_are_listed_with_sizes_and_lineage(url: str) -> None:
    found = told("--store", url)
    assert [(row["name"], row["version"], row["latest"]) for row in found["versions"]] == [
        ("small", "1", False),
        ("small", "2", True),
        ("mixed", "1", True),
    ]
    assert found["versions"][0]["made_from"] == ["stdlib", "src"]
    assert found["versions"][2]["made_from"] == [f"0.5 small@{found['versions'][1]['ref'][:12]}"]
    [model] = found["models"]
    assert (model["base"], model["data_name"], model["held_out_loss"]) == (
        "org/base",
        "small@1",
        1.25,
    )
    [score] = found["evaluations"]
    assert (score["score"], score["data_name"]) == (0.25, "small@1")
    rows = found["versions"] + found["models"] + found["evaluations"]
    assert all(row["bytes"] > 0 for row in rows)


def test_a_model_costs_two_requests_and_no_copy(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    with open_store(url, Settings()) as store:
        backend = type(store.backend)
        read = backend.get_bytes
        monkeypatch.setattr(
            backend, "get_bytes", lambda self, key: (asked.append(key), read(self, key))[1]
        )
        monkeypatch.setattr(backend, "local_copy", None)
        listed = list_store(store, ("adapter",))
    [model] = listed.models
    assert sorted(key.rpartition("/")[2] for key in asked if model["ref"] in key) == [
        "manifest.json",
        "training.json",
    ]


def test_a_kind_or_a_name_leaves_the_rest_out(url: str) -> None:
    adapters = told("--store", url, "--kind", "adapter")
    assert (len(adapters["models"]), adapters["versions"], adapters["evaluations"]) == (1, [], [])
    assert [row["name"] for row in told("mixed", "--store", url)["versions"]] == ["mixed"]
    assert told("mixed", "--store", url)["models"] == []


def test_the_tables_say_what_was_made_from_what(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Both, or a terminal that some other test has pretended keeps its 80 columns.
    monkeypatch.setattr(screen.stdout, "_width", 160)
    monkeypatch.setattr(screen.stdout, "_height", 50)
    shown = runner.invoke(app, ["ls", "--store", url]).stdout
    for wanted in ("stdlib, src", "small@1", "org/base", "25.0% (20.0% to 30.0%)", "(latest)"):
        assert wanted in shown


def test_a_version_whose_data_set_is_gone_is_said_so(url: str) -> None:
    with open_store(url, Settings()) as store:
        store.remove(next(store.refs("mix")))
    [row] = told("mixed", "--store", url)["versions"]
    assert (row["built"], row["bytes"]) == ("gone", None)


def test_an_empty_store_and_an_unknown_name_are_said_so(tmp_path: Path) -> None:
    shown = runner.invoke(app, ["ls", "nothing", "--store", str(tmp_path)])
    assert "nothing called nothing" in shown.stdout
