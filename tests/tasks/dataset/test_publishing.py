"""Published to real places: a folder, an S3 server, and a server that speaks the Hub's protocol."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tasks.dataset.publishing import publish_to
from tasks.dataset.reading import open_dataset
from tasks.errors import ConfigError, StoreError
from tasks.records.artifacts import ArtifactFile, Manifest
from tasks.settings import Settings
from tasks.store.artifacts import open_store, sha256_of
from tests.hub_server import Hub, hub_server


def data_set(folder: Path, **contents: str) -> tuple[dict[str, Path], Manifest]:
    """Files of a version, and its manifest; two underscores stand for a slash."""
    folder.mkdir(exist_ok=True)
    files = {}
    for key, text in contents.items():
        name = key.replace("__", "/")
        files[name] = folder / key
        files[name].write_text(text)
    described = tuple(
        ArtifactFile(name=name, size=path.stat().st_size, sha256=sha256_of(path))
        for name, path in sorted(files.items())
    )
    return files, Manifest(kind="dataset", rows=1, files=described)


@pytest.fixture
def versions(tmp_path: Path) -> list[tuple[dict[str, Path], Manifest]]:
    first = data_set(tmp_path / "1", data__a="one", data__b="two", card="first")
    return [first, data_set(tmp_path / "2", data__a="another", card="second")]


@pytest.fixture(params=["folder", "s3"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Settings]:
    if request.param == "folder":
        return str(tmp_path / "out"), Settings()
    bucket = request.getfixturevalue("bucket")
    return f"s3://{bucket}/public/set", request.getfixturevalue("s3_settings")


def standing(target: tuple[str, Settings]) -> dict[str, bytes | None]:
    with open_store(*target) as store:
        keys = [key for key in store.backend.keys("") if key != "manifest.json"]
        return {key: store.backend.get_bytes(key) for key in keys}


def test_the_next_version_takes_the_place_of_the_one_before(
    target: tuple[str, Settings], versions: list[tuple[dict[str, Path], Manifest]]
) -> None:
    place, settings = target
    for files, manifest in [versions[0], versions[0], versions[1]]:
        publish_to(place, files, manifest, settings, "t")
        wanted = {name: path.read_bytes() for name, path in files.items()}
        assert standing(target) == wanted
    if not place.startswith("s3://"):
        with open_dataset(place + "/", "", settings) as dataset:
            assert dataset.ref == versions[1][1].ref


def test_while_it_is_replaced_no_manifest_stands(
    target: tuple[str, Settings],
    versions: list[tuple[dict[str, Path], Manifest]],
    tmp_path: Path,
) -> None:
    place, settings = target
    publish_to(place, *versions[0], settings, "t")
    files, manifest = versions[1]
    with pytest.raises(OSError, match="gone"):
        publish_to(place, files | {"data/z": tmp_path / "gone"}, manifest, settings, "t")
    with open_store(place, settings) as store:
        assert store.backend.get_bytes("manifest.json") is None


def test_a_place_with_other_things_in_it_is_refused_and_kept(
    target: tuple[str, Settings], versions: list[tuple[dict[str, Path], Manifest]]
) -> None:
    place, settings = target
    with open_store(place, settings) as store:
        store.backend.put_bytes("thesis.tex", b"years of work")
    with pytest.raises(ConfigError, match=r"thesis\.tex"):
        publish_to(place, *versions[0], settings, "t")
    assert standing(target) == {"thesis.tex": b"years of work"}


@pytest.mark.parametrize(
    "place", ["ftp://x/y", "s3://bucket", "s3:///x", "hf://name", "hf://a/b/c"]
)
def test_what_is_no_place_is_refused(
    place: str, versions: list[tuple[dict[str, Path], Manifest]]
) -> None:
    with pytest.raises(ConfigError):
        publish_to(place, *versions[0], Settings(), "t")


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Hub]]:
    with hub_server(monkeypatch) as server:
        yield server


def test_the_hub_gets_one_commit_a_version_and_no_file_of_the_one_before(
    hub: type[Hub], versions: list[tuple[dict[str, Path], Manifest]]
) -> None:
    for number, (files, manifest) in enumerate(versions, 1):
        where = publish_to("hf://o/n", files, manifest, Settings(), f"set@{number}")
        assert where.endswith("/datasets/o/n")
        assert hub.commits[-1] == f"set@{number}"
        assert Manifest.model_validate_json(hub.files.pop("manifest.json")) == manifest
        assert hub.files == {name: path.read_bytes() for name, path in files.items()}
    assert len(hub.commits) == 2


def test_a_hub_that_refuses_is_said_so(
    hub: type[Hub], versions: list[tuple[dict[str, Path], Manifest]]
) -> None:
    hub.refuses = True
    with pytest.raises(StoreError, match="HF_TOKEN"):
        publish_to("hf://o/n", *versions[0], Settings(), "t")
