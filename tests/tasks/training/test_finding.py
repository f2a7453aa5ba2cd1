"""What a training is named is found: by name, version, digest or folder, a mix too."""

from pathlib import Path

import pytest

from tasks.errors import ArtifactNotFoundError
from tasks.records.artifacts import ArtifactRef
from tasks.settings import Settings
from tasks.store.artifacts import ArtifactStore, open_store
from tasks.store.names import name_version
from tasks.training.finding import find_data


@pytest.fixture
def local(tmp_path: Path) -> ArtifactStore:
    return open_store(str(tmp_path / "store"), Settings())


def put(store: ArtifactStore, kind: str, folder: Path) -> ArtifactRef:
    path = folder / kind
    path.write_text(kind)
    return store.put(kind, {"data/train.parquet": path}, rows=1)


def test_a_data_set_by_name_version_digest_and_folder(local: ArtifactStore, tmp_path: Path) -> None:
    ref = put(local, "dataset", tmp_path)
    name_version(local, ref, "small", "v1")
    folder = local.backend.locate(ref.key)
    for text in ("small", "small@v1", "small@latest", ref.short, ref.digest, folder):
        assert find_data(local, text) == ref


def test_a_mix_by_its_digest(local: ArtifactStore, tmp_path: Path) -> None:
    ref = put(local, "mix", tmp_path)
    assert find_data(local, ref.short) == ref


@pytest.mark.parametrize("text", ["other", "0123abcd", "small@2"])
def test_what_is_not_there_is_said_so(text: str, local: ArtifactStore, tmp_path: Path) -> None:
    name_version(local, put(local, "dataset", tmp_path), "small")
    with pytest.raises(ArtifactNotFoundError, match=r"no dataset|no version"):
        find_data(local, text)


def test_a_folder_without_a_manifest_is_no_data_set(local: ArtifactStore, tmp_path: Path) -> None:
    with pytest.raises(ArtifactNotFoundError, match="is no data set"):
        find_data(local, str(tmp_path))
