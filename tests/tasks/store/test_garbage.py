"""What nothing refers to goes, and nothing else."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tasks.records.artifacts import ArtifactRef
from tasks.records.drops import Drop, DropReason
from tasks.store.artifacts import ArtifactStore
from tasks.store.backends import LocalFolder
from tasks.store.garbage import Rules, Survey, mark_used, remove, still_garbage, survey
from tasks.store.names import name_version, resolve, versions
from tasks.store.s3 import S3Bucket

KEEPS = Rules()
TOMORROW = datetime.now(UTC) + timedelta(days=2)


def put(store: ArtifactStore, kind: str, text: str, *inputs: ArtifactRef) -> ArtifactRef:
    path = store.scratch / "text"
    path.write_text(text)
    meta = {"inputs": [ref.digest for ref in inputs]}
    return store.put(kind, {"text": path}, rows=1, meta=meta)


def record(store: ArtifactStore, name: str, *refs: ArtifactRef) -> str:
    """As Prefect writes the result of a step."""
    result = json.dumps({"kept": [ref.model_dump() for ref in refs]})
    store.backend.put_bytes(f"results/{name}", json.dumps({"result": result}).encode())
    return f"results/{name}"


def found(
    store: ArtifactStore, rules: Rules = KEEPS, ended: str = "", now: datetime = TOMORROW
) -> Survey:
    return survey(store.backend, rules, lambda key: key == ended, now)


def named(result: Survey) -> set[tuple[str, str]]:
    return {(item.kind, item.name) for item in result.garbage}


def test_what_a_version_was_made_from_stays_and_the_rest_goes(store: ArtifactStore) -> None:
    functions, cases = put(store, "functions", "f"), put(store, "cases", "c")
    dataset = put(store, "dataset", "d", functions, cases)
    page = put(store, "report", "r")
    store.backend.put_bytes(
        f"{dataset.key}.figures.json", json.dumps({"made": page.digest}).encode()
    )
    name_version(store, dataset, "n")
    lost = put(store, "cases", "lost")
    other = put(store, "dataset", "never named")
    store.backend.put_bytes(f"{other.key}.run.json", b"{}")
    kept_record = record(store, "filter/v1/a", cases)
    lost_record = record(store, "filter/v1/b", cases, lost)
    result = found(store)
    assert named(result) == {
        ("cases", lost.digest),
        ("dataset", other.digest),
        ("result records", lost_record),
    }
    assert result.kept.keys() == {"functions", "cases", "dataset", "report"}
    freed = remove(store.backend, result.garbage)
    assert freed == sum(item.size for item in result.garbage) > 0
    assert all(map(store.has, (functions, cases, dataset, page)))
    left = {key for key in store.backend.keys("") if key.startswith(("artifacts", "results"))}
    assert not [key for key in left if lost.digest in key or other.digest in key]
    assert kept_record in left
    assert found(store).garbage == ()


def test_what_is_young_or_was_used_lately_stays_with_all_it_names(store: ArtifactStore) -> None:
    old = put(store, "cases", "used again")
    record(store, "filter/v1/a", old)
    put(store, "dataset", "half an hour old", old)
    assert found(store, now=datetime.now(UTC) + timedelta(hours=1)).garbage == ()


def test_a_step_that_finds_its_result_makes_it_young_again(store: ArtifactStore) -> None:
    key = record(store, "filter/v1/a", put(store, "cases", "c"))
    raw = store.backend.get_bytes(key)
    assert raw is not None
    before = store.backend.modified(key)
    mark_used(store.backend, key, raw, datetime.now(UTC))
    assert store.backend.modified(key) == before, "it was young: nothing is written"
    mark_used(store.backend, key, raw + b" ", TOMORROW)
    assert store.backend.get_bytes(key) == raw + b" "
    mark_used(store.backend, "results/gone", raw, TOMORROW)
    assert store.backend.get_bytes("results/gone") is None, "what was removed does not come back"


def test_products_and_answers_stay_until_they_are_named(store: ArtifactStore) -> None:
    data = put(store, "dataset", "trained on")
    adapter = put(store, "adapter", "a", data)
    answers = put(store, "answers", "paid for")
    store.backend.put_bytes("answers/model/journal.jsonl", b"{}\n")
    assert named(found(store)) == set()
    assert named(found(store, Rules(products=False))) == {
        ("adapter", adapter.digest),
        ("dataset", data.digest),
    }
    assert named(found(store, Rules(answers=False))) == {
        ("answers", answers.digest),
        ("answers of models", "answers/model/journal.jsonl"),
    }


def test_a_training_stays_done_while_its_adapter_stays(store: ArtifactStore) -> None:
    adapter, logs = put(store, "adapter", "a"), put(store, "tensorboard", "curves")
    trained = record(store, "train/v1/a", adapter, logs)
    assert named(found(store)) == set()
    assert named(found(store, Rules(products=False))) == {
        ("adapter", adapter.digest),
        ("tensorboard", logs.digest),
        ("result records", trained),
    }


def test_only_the_last_versions_can_be_kept(store: ArtifactStore) -> None:
    refs = [put(store, "dataset", str(number)) for number in range(4)]
    for ref in refs:
        name_version(store, ref, "n")
    result = found(store, Rules(versions=2))
    assert named(result) == {
        ("versions", "n@1"),
        ("versions", "n@2"),
        ("dataset", refs[0].digest),
        ("dataset", refs[1].digest),
    }
    remove(store.backend, result.garbage)
    assert [one.version for one in versions(store, "dataset", "n")] == ["3", "4"]
    assert resolve(store, "dataset", "n") == refs[3]
    assert name_version(store, put(store, "dataset", "new"), "n").number == 5


def test_checkpoints_go_with_the_end_of_their_training(store: ArtifactStore) -> None:
    ref = put(store, "checkpoint", "weights")
    store.backend.put_bytes("checkpoints/key.json", ref.model_dump_json().encode())
    assert named(found(store)) == set()
    assert named(found(store, ended="key")) == {
        ("checkpoint", ref.digest),
        ("checkpoint pointers", "checkpoints/key.json"),
    }


def test_what_a_killed_writer_left_goes(store: ArtifactStore) -> None:
    half = put(store, "cases", "half-written")
    store.backend.delete(f"{half.key}/manifest.json")
    backend = store.backend
    if isinstance(backend, LocalFolder):
        (backend.root / "tmp").mkdir(exist_ok=True)
        (backend.root / "tmp" / "half").write_text("half")
    elif isinstance(backend, S3Bucket):
        backend._client.create_multipart_upload(Bucket=backend.bucket, Key=f"{backend.prefix}x")
    result = found(store)
    assert sorted(item.kind for item in result.garbage) == ["cases", "unfinished writes"]
    remove(backend, result.garbage)
    assert list(backend.leftovers()) == []
    assert [key for key in backend.keys("") if key != "tmp/swap.lock"] == []


def test_what_came_into_use_while_a_person_made_up_their_mind_stays(store: ArtifactStore) -> None:
    used, unused = put(store, "dataset", "1"), put(store, "dataset", "2")
    shown = found(store)
    name_version(store, used, "n")
    assert [item.name for item in still_garbage(shown, found(store))] == [unused.digest]


def test_a_removal_that_is_cut_off_shows_no_part_as_whole(
    store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = store.put_records("drops", Drop, [Drop(step="s", reason=DropReason.EMPTY, subject="x")])
    delete = store.backend.delete

    def dies_after_one(key: str) -> None:
        delete(key)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(store.backend, "delete", dies_after_one)
        with pytest.raises(KeyboardInterrupt):
            remove(store.backend, found(store).garbage)
    assert list(store.backend.keys("artifacts/")) == [f"{ref.key}/part.parquet"]
    assert not store.has(ref)
    remove(store.backend, found(store).garbage)
    assert list(store.backend.keys("artifacts/")) == []


def test_a_record_that_is_not_ours_is_left_alone(store: ArtifactStore) -> None:
    store.backend.put_bytes("results/strange", b"not JSON")
    assert found(store).garbage == ()
