from pathlib import Path

from tasks.store.artifacts import ArtifactStore
from tasks.training.checkpoints import StoredCheckpoints, last_on_disk, mark


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
