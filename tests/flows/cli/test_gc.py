"""The command as it is typed, on a store of its own, in this process: it needs no server."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli.main import app
from tasks.records.artifacts import ArtifactRef
from tasks.settings import Settings
from tasks.store.artifacts import open_store
from tasks.store.names import name_version

runner = CliRunner()


@pytest.fixture(params=["folder", "s3"])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store with a named data set and one that was never named."""
    where, settings = str(tmp_path / "store"), Settings()
    if request.param == "s3":
        where = f"s3://{request.getfixturevalue('bucket')}/p"
        settings = request.getfixturevalue("s3_settings")
        monkeypatch.setenv("CASE2CODE_S3_ENDPOINT", str(settings.s3_endpoint))
        for name in ("ACCESS_KEY", "SECRET_KEY"):
            monkeypatch.setenv(f"CASE2CODE_S3_{name}", "test")
        monkeypatch.setenv("CASE2CODE_S3_REGION", "us-east-1")
    with open_store(where, settings) as store:
        for text in ("named", "lost"):
            path = store.scratch / "text"
            path.write_text(text * 1_000)
            ref = store.put("dataset", {"text": path}, rows=1)
            if text == "named":
                name_version(store, ref, "corpus")
    return where


def standing(url: str) -> list[ArtifactRef]:
    with open_store(url, Settings()) as store:
        return list(store.refs("dataset"))


def test_garbage_is_listed_and_only_deleted_when_a_person_says_so(url: str) -> None:
    listed = runner.invoke(app, ["gc", "--store", url, "--older-than", "0"])
    assert listed.exit_code == 0
    assert "gc --delete" in listed.stdout
    refused = runner.invoke(app, ["gc", "--store", url, "--older-than", "0", "--delete"], input="n")
    assert refused.exit_code == 1
    assert len(standing(url)) == 2
    done = runner.invoke(app, ["gc", "--store", url, "--older-than", "0", "--delete"], input="y")
    assert done.exit_code == 0
    assert "deleted" in done.stdout
    [left] = standing(url)
    with open_store(url, Settings()) as store:
        assert store.find("dataset", left.digest) == left
    again = runner.invoke(app, ["gc", "--store", url, "--older-than", "0", "--delete"])
    assert "no garbage" in again.stdout


def test_what_is_young_is_no_garbage(url: str) -> None:
    done = runner.invoke(app, ["gc", "--store", url, "--delete", "--yes", "--json"])
    told = json.loads(done.stdout)
    assert told["garbage"] == {}
    assert told["kept"]["dataset"]["number"] == len(standing(url)) == 2


def test_sizes_are_told_by_kind(url: str) -> None:
    done = runner.invoke(app, ["gc", "--store", url, "--older-than", "0", "--json", "-y"])
    told = json.loads(done.stdout)
    assert told["garbage"]["dataset"]["number"] == 1
    assert told["garbage"]["dataset"]["bytes"] > 4_000
    assert not told["deleted"]
    assert len(standing(url)) == 2, "--yes alone deletes nothing"
