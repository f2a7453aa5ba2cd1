"""Artifacts on both backends: whole or absent, checked both ways."""

import multiprocessing
import subprocess
import sys
from pathlib import Path

import pytest

import tasks.store.s3
from tasks.errors import (
    ArtifactCorruptError,
    ArtifactNotFoundError,
    ConfigError,
    StoreError,
    StoreRefusedError,
)
from tasks.records.artifacts import ArtifactRef
from tasks.records.drops import Drop, DropReason
from tasks.settings import Settings
from tasks.store.artifacts import ArtifactStore, open_store

DROPS = [Drop(step="collect", reason=DropReason.EMPTY, subject=f"{n}.py") for n in range(20)]


def put(store: ArtifactStore, text: str = "hello") -> ArtifactRef:
    path = store.scratch / "a.txt"
    path.write_text(text)
    return store.put("note", {"a.txt": path}, rows=1, meta={"seed": 0})


def test_what_was_put_is_read_back(store: ArtifactStore) -> None:
    ref = put(store)
    assert store.has(ref)
    with store.open(ref, "a.txt") as path:
        assert path.read_text() == "hello"
    assert store.manifest(ref).meta == {"seed": 0}


def test_records_stream_in_and_out(store: ArtifactStore) -> None:
    ref = store.put_records("drops", Drop, iter(DROPS))
    assert ref.rows == 20
    assert list(store.read_records(ref, Drop)) == DROPS


def test_a_reference_names_the_content_and_not_the_store(
    store: ArtifactStore, tmp_path: Path
) -> None:
    with open_store(str(tmp_path / "other"), Settings()) as other:
        assert put(store) == put(other)
        assert put(store) != put(store, "something else")


def test_without_its_manifest_an_artifact_is_not_there(store: ArtifactStore) -> None:
    ref = put(store)
    store.backend.delete(f"{ref.key}/manifest.json")
    assert not store.has(ref)
    with pytest.raises(ArtifactNotFoundError, match=ref.short):
        store.manifest(ref)


def test_with_a_file_missing_an_artifact_is_not_there_until_it_is_put_again(
    store: ArtifactStore,
) -> None:
    ref = put(store)
    store.backend.delete(f"{ref.key}/a.txt")
    assert not store.has(ref)
    assert put(store) == ref
    assert store.has(ref)


@pytest.mark.parametrize("damage", [b"jello", b"cut"], ids=["bit rot", "truncation"])
def test_a_damaged_file_is_named_and_left_for_the_person_who_looks(
    store: ArtifactStore, damage: bytes
) -> None:
    ref = put(store)
    store.backend.put_bytes(f"{ref.key}/a.txt", damage)
    with pytest.raises(ArtifactCorruptError, match=r"remove .* and run the build again"):
        store.open(ref, "a.txt").__enter__()
    assert store.backend.get_bytes(f"{ref.key}/a.txt") == damage


@pytest.mark.parametrize("damage", [b"jello", b"cut"], ids=["bit rot", "truncation"])
def test_a_damaged_file_is_taken_out_by_a_step_and_made_anew(
    store: ArtifactStore, damage: bytes
) -> None:
    store = ArtifactStore(store.backend, evicts=True)
    ref = put(store)
    store.backend.put_bytes(f"{ref.key}/a.txt", damage)
    with pytest.raises(ArtifactCorruptError, match=ref.digest), store.open(ref, "a.txt"):
        pass
    assert not store.has(ref)
    assert put(store) == ref
    with store.open(ref, "a.txt") as path:
        assert path.read_text() == "hello"


def test_a_damaged_manifest_is_named_and_hides_no_other(store: ArtifactStore) -> None:
    ref, other = put(store), put(store, "another")
    store.backend.put_bytes(f"{ref.key}/manifest.json", b"{")
    with pytest.raises(ArtifactCorruptError, match="manifest"):
        store.manifest(ref)
    with pytest.raises(ArtifactCorruptError, match="manifest"):
        store.find("note", ref.digest[:12])
    assert list(store.refs("note")) == [other]


def test_all_of_a_kind_are_read_in_the_order_of_their_digests(store: ArtifactStore) -> None:
    refs = [put(store, str(number)) for number in range(25)]
    assert list(store.refs("note")) == sorted(refs, key=lambda ref: ref.digest)


def test_a_small_file_is_read_at_once_and_checked(store: ArtifactStore) -> None:
    manifest = store.manifest(put(store))
    assert store.content(manifest, "a.txt") == b"hello"
    with pytest.raises(ArtifactNotFoundError, match=r"has no file b\.txt"):
        store.content(manifest, "b.txt")
    store.backend.put_bytes(f"{manifest.ref.key}/a.txt", b"jello")
    with pytest.raises(ArtifactCorruptError, match=r"a\.txt is not what was written"):
        store.content(manifest, "a.txt")


def test_scratch_of_a_killed_process_is_swept(tmp_path: Path) -> None:
    killed = """
import os, sys
from tasks.settings import Settings
from tasks.store.artifacts import open_store
store = open_store(sys.argv[1], Settings())
print(store.scratch, flush=True)
os.kill(os.getpid(), 9)
"""
    process = subprocess.run(
        [sys.executable, "-c", killed, str(tmp_path)], capture_output=True, text=True, check=False
    )
    left = Path(process.stdout.strip())
    assert left.is_dir()
    with open_store(str(tmp_path), Settings()):
        assert not left.exists()


def test_the_start_of_a_digest_finds_the_artifact(store: ArtifactStore) -> None:
    ref = put(store)
    put(store, "another")
    assert store.find("note", ref.digest[:10]) == ref
    with pytest.raises(ArtifactNotFoundError, match="zzz"):
        store.find("note", "zzz")
    with pytest.raises(StoreError, match="not enough"):
        store.find("note", "")


def _put_many(url: str, settings: Settings) -> list[ArtifactRef]:
    with open_store(url, settings) as store:
        return [put(store, f"text {n % 5}") for n in range(20)]


def test_writers_of_the_same_artifacts_at_once_leave_them_whole(
    store: ArtifactStore, request: pytest.FixtureRequest
) -> None:
    settings = Settings()
    if store.url.startswith("s3://"):
        settings = request.getfixturevalue("s3_settings")
    context = multiprocessing.get_context("spawn")
    with context.Pool(3) as pool:
        written = pool.starmap(_put_many, [(store.url, settings)] * 3)
    assert written[0] == written[1] == written[2]
    for ref in written[0]:
        with store.open(ref, "a.txt") as path:
            assert path.read_text().startswith("text ")


def test_a_large_file_goes_up_in_parts(
    bucket: str, s3_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.store.s3, "PART_BYTES", 5 << 20)
    content = bytes(range(256)) * (11 << 12)
    with open_store(f"s3://{bucket}", s3_settings) as store:
        path = store.scratch / "large"
        path.write_bytes(content)
        ref = store.put("blob", {"large": path}, rows=1)
        assert store.put("blob", {"large": path}, rows=1) == ref
        with store.open(ref, "large") as back:
            assert back.read_bytes() == content


def test_a_multipart_upload_that_fails_leaves_nothing(
    bucket: str, s3_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.store.s3, "PART_BYTES", 5 << 20)
    with open_store(f"s3://{bucket}", s3_settings) as store:
        path = store.scratch / "large"
        path.write_bytes(b"x" * (12 << 20))
        client = store.backend._client  # type: ignore[attr-defined]

        def dies(**_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(client, "complete_multipart_upload", dies)
        with pytest.raises(KeyboardInterrupt):
            store.put("blob", {"large": path}, rows=1)
        assert list(store.backend.keys("")) == []
        assert "Uploads" not in client.list_multipart_uploads(Bucket=bucket)


def test_a_bucket_that_does_not_exist_is_said_so(s3_settings: Settings) -> None:
    with (
        open_store("s3://no-such-bucket-here", s3_settings) as store,
        pytest.raises(StoreError, match="does not exist; create it"),
    ):
        store.backend.check()


def test_a_wrong_endpoint_is_said_so(s3_settings: Settings) -> None:
    settings = s3_settings.model_copy(update={"s3_endpoint": "http://127.0.0.1:9"})
    with (
        open_store("s3://bucket", settings) as store,
        pytest.raises(StoreError, match="CASE2CODE_S3_ENDPOINT"),
    ):
        store.backend.check()


def test_a_folder_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with (
        open_store(str(tmp_path / "file"), Settings()) as store,
        pytest.raises(StoreError, match="--store"),
    ):
        store.backend.check()


def test_a_full_disk_is_said_so_and_leaves_nothing_that_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(str(tmp_path / "store"), Settings()) as store:
        path = store.scratch / "a.txt"
        path.write_text("hello")

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("tasks.store.backends.shutil.copyfile", full)
        with pytest.raises(StoreRefusedError, match="No space left"):
            store.put("note", {"a.txt": path}, rows=1)
        assert list(store.refs("note")) == []


@pytest.mark.parametrize("url", ["gs://bucket/x", "s3://"])
def test_an_address_of_no_known_kind_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="s3://bucket/prefix"):
        open_store(url, Settings())


def test_a_file_that_the_artifact_does_not_have_is_named(store: ArtifactStore) -> None:
    ref = put(store)
    with pytest.raises(ArtifactNotFoundError, match=r"no file b\.txt"), store.open(ref, "b.txt"):
        pass
