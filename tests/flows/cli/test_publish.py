"""Adapters and merged models, published as typed; the Hub is a server of the tests."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli.main import app
from tasks.records.artifacts import ArtifactRef
from tasks.settings import Settings
from tasks.store.artifacts import open_store
from tests.hub_server import Hub, hub_server

runner = CliRunner()
CARD = "---\nbase_model: org/base\nlibrary_name: peft\n---\n\nTrained on `0123`.\n"
FILES = {
    "README.md": CARD,
    "adapter_config.json": '{"base_model_name_or_path": "org/base"}',
    "adapter_model.safetensors": "weights",
    "training.json": "{}",
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CASE2CODE_HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.fixture
def adapter(home: Path) -> ArtifactRef:
    written = write(home / "adapter", FILES)
    with open_store(str(home / "home" / "store"), Settings()) as store:
        return store.put("adapter", written, rows=3)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Hub]]:
    with hub_server(monkeypatch) as server:
        yield server


def write(folder: Path, files: dict[str, str]) -> dict[str, Path]:
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    return {name: folder / name for name in files}


def published(*words: str) -> dict[str, object]:
    done = runner.invoke(app, ["publish", *words, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    result = json.loads(done.stdout)
    assert isinstance(result, dict)
    return result


@pytest.mark.parametrize("start", ["adapter:", ""])
def test_an_adapter_goes_to_a_folder_with_its_card(
    adapter: ArtifactRef, home: Path, start: str
) -> None:
    told = published(f"{start}{adapter.short}", str(home / "out"))
    assert (told["kind"], told["ref"], told["at"]) == ("adapter", adapter.digest, str(home / "out"))
    there = {path.name: path.read_text() for path in (home / "out").iterdir()}
    assert json.loads(there.pop("manifest.json"))["kind"] == "adapter"
    assert there == FILES


def test_an_adapter_goes_to_s3_and_again_over_a_try_that_was_cut_off(
    adapter: ArtifactRef, bucket: str, s3_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASE2CODE_S3_ENDPOINT", str(s3_settings.s3_endpoint))
    monkeypatch.setenv("CASE2CODE_S3_ACCESS_KEY", "test")
    monkeypatch.setenv("CASE2CODE_S3_SECRET_KEY", "test")
    target = f"s3://{bucket}/models/a"
    for _ in range(2):
        assert published(f"adapter:{adapter.short}", target)["at"] == target
        with open_store(target, s3_settings) as store:
            assert store.backend.get_bytes("README.md") == CARD.encode()
            assert set(store.backend.keys("")) == {*FILES, "manifest.json"}
            store.backend.delete("manifest.json")


def test_an_adapter_is_a_model_on_the_hub_in_one_commit(
    adapter: ArtifactRef, hub: type[Hub]
) -> None:
    hub.files["model-00001-of-00002.safetensors"] = b"of a version before"
    hub.files[".gitattributes"] = b"the Hub's own"
    told = published(f"adapter:{adapter.short}", "hf://o/n")
    assert str(told["at"]).endswith("/o/n")
    assert "/datasets/" not in str(told["at"])
    assert hub.commits == [f"adapter {adapter.short}"]
    assert hub.files["README.md"] == CARD.encode()
    assert set(hub.files) == {*FILES, "manifest.json", ".gitattributes"}
    assert all(path.startswith("/api/models/") for path in hub.repository_paths)


def test_a_merged_model_goes_from_its_folder_without_its_pickles(
    home: Path, hub: type[Hub]
) -> None:
    files = {"config.json": "{}", "model.safetensors": "w", "README.md": CARD}
    write(home / "merged", files | {"training_args.bin": "a pickle", "optimizer.pt": "one more"})
    assert published(str(home / "merged"), "--to", "hf://o/n")["kind"] == "model"
    assert set(hub.files) == {*files, "manifest.json"}


def test_a_model_without_a_card_is_not_published(home: Path) -> None:
    write(home / "bare", {"config.json": "{}", "model.safetensors": "w"})
    done = runner.invoke(app, ["publish", str(home / "bare"), str(home / "out")])
    assert "no README.md" in str(done.exception)
    assert not (home / "out").exists()


def test_what_is_nowhere_is_said_so(adapter: ArtifactRef, home: Path) -> None:
    for ref in ("adapter:0123456789ab", "0123456789ab", "no-such-name"):
        done = runner.invoke(app, ["publish", ref, str(home / "out")])
        assert "no " in str(done.exception)
        assert adapter.short not in str(done.exception)
    done = runner.invoke(app, ["publish", f"adapter:{adapter.short}"])
    assert "say where to" in str(done.exception)
