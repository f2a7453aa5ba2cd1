"""Paths as they are from everywhere."""

from pathlib import Path

import pytest

from flows.cli.whole_paths import whole, whole_store, with_whole_paths
from tasks.records.base import in_short
from tasks.records.configs import BuildConfig


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "src").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_paths_of_this_machine_become_absolute_and_nothing_else_changes(here: Path) -> None:
    given = ("src", "mine=src", "./src", "src@v1", "src/*.jsonl", "stdlib", "s3://b/src", "numpy")
    config = with_whole_paths(BuildConfig(corpus=given, benchmarks=("installed", "src")))
    absolute = f"{here}/src"
    assert config.corpus == (
        absolute,
        f"mine={absolute}",
        absolute,
        f"{absolute}@v1",
        f"{absolute}/*.jsonl",
        "stdlib",
        "s3://b/src",
        "numpy",
    )
    assert config.benchmarks == ("installed", absolute)


def test_a_store_need_not_be_there_yet(here: Path) -> None:
    assert whole_store("new") == f"{here}/new"
    assert whole_store("s3://bucket/store") == "s3://bucket/store"
    assert whole("/somewhere") == "/somewhere"


def test_a_run_is_called_after_its_corpora() -> None:
    assert BuildConfig(corpus=("stdlib", "/a/src/", "mine=/b/c")).title == "stdlib, src, mine"
    assert in_short(["s3://bucket/x=1/code"]) == "code"
