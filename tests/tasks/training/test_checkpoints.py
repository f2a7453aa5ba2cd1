from pathlib import Path

import pytest

from tasks.errors import StoreError
from tasks.records.training import TrainConfig
from tasks.settings import Settings
from tasks.store.artifacts import ArtifactStore, open_store
from tasks.training.checkpoints import (
    StoredCheckpoints,
    finished_trainings,
    last_on_disk,
    mark,
    training_key,
)
from tests.faulty_s3 import faulty_s3


def checkpoint(work: Path, step: int, *, whole: bool = True) -> Path:
    folder = work / f"checkpoint-{step}"
    folder.mkdir(parents=True)
    (folder / "adapter_model.safetensors").write_bytes(b"weights %d" % step)
    (folder / "training_args.bin").write_bytes(b"a pickle")
    if whole:
        mark(folder)
    return folder


def test_a_half_saved_checkpoint_does_not_count_and_goes(tmp_path: Path) -> None:
    whole, half = checkpoint(tmp_path, 9), checkpoint(tmp_path, 10, whole=False)
    assert last_on_disk(tmp_path) == whole
    assert not half.exists()


def test_without_a_checkpoint_there_is_none(tmp_path: Path) -> None:
    assert last_on_disk(tmp_path) is None


def test_another_machine_goes_on_from_the_latest_in_the_store(
    store: ArtifactStore, tmp_path: Path
) -> None:
    stored = StoredCheckpoints(store, "key")
    first = stored.keep(checkpoint(tmp_path / "here", 2))
    stored.keep(checkpoint(tmp_path / "here", 4))
    assert stored.latest_step() == 4
    assert not store.has(first)
    fetched = stored.fetch(tmp_path / "there")
    assert fetched == last_on_disk(tmp_path / "there")
    assert fetched is not None
    assert (fetched / "adapter_model.safetensors").read_bytes() == b"weights 4"
    assert not (fetched / "training_args.bin").exists(), "no pickle travels"


def test_a_training_that_is_through_leaves_no_checkpoint(
    store: ArtifactStore, tmp_path: Path
) -> None:
    stored = StoredCheckpoints(store, "key")
    ref = stored.keep(checkpoint(tmp_path, 2))
    stored.forget()
    assert stored.latest_step() == 0
    assert not store.has(ref)
    assert stored.fetch(tmp_path / "there") is None


def test_a_damaged_checkpoint_is_not_trusted(store: ArtifactStore, tmp_path: Path) -> None:
    stored = StoredCheckpoints(store, "key")
    ref = stored.keep(checkpoint(tmp_path / "here", 2))
    store.backend.delete(f"{ref.key}/adapter_model.safetensors")
    store.backend.put_bytes(f"{ref.key}/adapter_model.safetensors", b"weights !")
    assert stored.fetch(tmp_path / "there") is None
    assert last_on_disk(tmp_path / "there") is None


def test_a_pickle_that_somebody_put_into_the_store_is_not_fetched(
    store: ArtifactStore, tmp_path: Path
) -> None:
    folder = checkpoint(tmp_path / "here", 2)
    files = {path.name: path for path in folder.iterdir()}
    ref = store.put("checkpoint", files, rows=2)
    store.backend.put_bytes("checkpoints/key.json", ref.model_dump_json().encode())
    fetched = StoredCheckpoints(store, "key").fetch(tmp_path / "there")
    assert fetched is not None
    assert sorted(path.name for path in fetched.iterdir()) == [
        "adapter_model.safetensors",
        "complete",
    ]


@pytest.mark.parametrize("inside", ["adapter_model", "manifest.json", "/checkpoints/"])
def test_a_checkpoint_that_s3_does_not_take_leaves_the_one_before(
    s3_endpoint: str, bucket: str, s3_settings: Settings, tmp_path: Path, inside: str
) -> None:
    with faulty_s3(s3_endpoint) as proxy:
        settings = s3_settings.model_copy(update={"s3_endpoint": proxy.url})
        with open_store(f"s3://{bucket}", settings) as store:
            stored = StoredCheckpoints(store, "key")
            stored.keep(checkpoint(tmp_path / "here", 2))
            proxy.does("answer", "PUT", inside, code="AccessDenied", status=403)
            with pytest.raises(StoreError):
                stored.keep(checkpoint(tmp_path / "here", 4))
            assert stored.latest_step() == 2
            fetched = stored.fetch(tmp_path / "there")
            assert fetched is not None
            assert (fetched / "adapter_model.safetensors").read_bytes() == b"weights 2"
            proxy.faults.clear()
            stored.keep(tmp_path / "here" / "checkpoint-4")
            assert stored.latest_step() == 4


def test_a_training_whose_adapter_stands_is_finished(store: ArtifactStore, tmp_path: Path) -> None:
    config, path = TrainConfig(seed=3), tmp_path / "weights"
    path.write_bytes(b"w")
    meta = {
        "config": config.model_dump(mode="json"),
        "inputs": {"base": ["b" * 16], "dataset": ["d" * 64]},
    }
    store.put("adapter", {"weights": path}, rows=1, meta=meta)
    store.put("adapter", {"weights": path}, rows=1, meta={"of": "another version"})
    assert finished_trainings(store, ("adapter", "model")) == {
        training_key(config, "d" * 64, "b" * 16)
    }
