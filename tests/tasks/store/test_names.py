from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tasks.errors import ArtifactNotFoundError, ConfigError, StoreError
from tasks.records.artifacts import ArtifactRef
from tasks.store.artifacts import ArtifactStore
from tasks.store.names import latest, name_version, names, resolve, versions

KIND = "dataset"


def artifact(store: ArtifactStore, text: str) -> ArtifactRef:
    path = Path(store.scratch) / "text"
    path.write_text(text)
    return store.put(KIND, {"text": path}, rows=1)


def listed(store: ArtifactStore, name: str) -> list[tuple[str, str]]:
    return [(one.version, one.digest) for one in versions(store, KIND, name)]


def test_versions_are_counted_and_latest_is_the_last(store: ArtifactStore) -> None:
    one, two = artifact(store, "one"), artifact(store, "two")
    assert str(name_version(store, one, "stdlib")) == "stdlib@1"
    assert str(name_version(store, two, "stdlib")) == "stdlib@2"
    assert listed(store, "stdlib") == [("1", one.digest), ("2", two.digest)]
    assert resolve(store, KIND, "stdlib") == resolve(store, KIND, "stdlib@latest") == two
    assert resolve(store, KIND, "stdlib@1") == one
    assert resolve(store, KIND, one.digest[:8]) == one
    assert names(store, KIND) == ["stdlib"]


def test_the_same_artifact_again_is_no_new_version(store: ArtifactStore) -> None:
    one, two = artifact(store, "one"), artifact(store, "two")
    for ref in (one, one, two, one):
        name_version(store, ref, "n")
    assert [digest for _, digest in listed(store, "n")] == [one.digest, two.digest, one.digest]


def test_a_version_that_was_given_stays_what_it_is(store: ArtifactStore) -> None:
    one, two = artifact(store, "one"), artifact(store, "two")
    name_version(store, one, "n", "2026-11")
    name_version(store, two, "n", "v2")
    again = name_version(store, one, "n", "2026-11")
    assert again.digest == one.digest
    assert resolve(store, KIND, "n") == two, "saying it again moves nothing back"
    with pytest.raises(ConfigError, match="another version"):
        name_version(store, one, "n", "v2")
    assert name_version(store, one, "n").version == "1", "counted beside those that were given"


def test_publishers_at_once_get_a_version_each_and_latest_is_the_last_of_them(
    store: ArtifactStore,
) -> None:
    refs = [artifact(store, str(number)) for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(lambda ref: name_version(store, ref, "n"), refs))
    assert sorted(int(one.version) for one in given) == list(range(1, 9))
    by_number = {one.number: one.digest for one in given}
    assert [digest for _, digest in listed(store, "n")] == [by_number[n] for n in range(1, 9)]
    pointed = latest(store, KIND, "n")
    assert pointed is not None
    assert pointed.number == 8


def test_a_publisher_that_dies_before_latest_moves_leaves_latest_whole(
    store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = artifact(store, "one"), artifact(store, "two")
    name_version(store, one, "n")
    with monkeypatch.context() as patched:
        patched.setattr("tasks.store.names._move_latest", _dies)
        with pytest.raises(KeyboardInterrupt):
            name_version(store, two, "n")
    assert resolve(store, KIND, "n") == one
    assert resolve(store, KIND, "n@2") == two
    name_version(store, two, "n")
    assert resolve(store, KIND, "n") == two, "the next run moves it on"


def _dies(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_swap_happens_only_where_the_expected_stands(store: ArtifactStore) -> None:
    backend = store.backend
    assert not backend.swap("names/x", b"two", expected=b"one")
    assert backend.swap("names/x", b"one", expected=None)
    assert not backend.swap("names/x", b"two", expected=None)
    assert not backend.swap("names/x", b"two", expected=b"other")
    assert backend.swap("names/x", b"two", expected=b"one")
    assert backend.get_bytes("names/x") == b"two"


@pytest.mark.parametrize("text", ["nothing", "n@7", "n@", "zz/../x", ""])
def test_what_no_name_and_no_digest_means_is_said_with_what_there_is(
    store: ArtifactStore, text: str
) -> None:
    name_version(store, artifact(store, "one"), "other")
    with pytest.raises(ArtifactNotFoundError, match="other"):
        resolve(store, KIND, text)


def test_a_version_that_is_not_there_names_those_that_are(store: ArtifactStore) -> None:
    name_version(store, artifact(store, "one"), "n", "v1")
    with pytest.raises(ArtifactNotFoundError, match="'v1'"):
        resolve(store, KIND, "n@v2")


def test_a_digest_that_begins_two_artifacts_is_refused(store: ArtifactStore) -> None:
    starts = [artifact(store, str(number)).digest[0] for number in range(17)]
    twice = next(one for one in starts if starts.count(one) > 1)
    with pytest.raises(StoreError, match="not enough"):
        resolve(store, KIND, twice)


@pytest.mark.parametrize(
    ("name", "version"),
    [("", ""), ("a/b", ""), ("-x", ""), ("n", "a b"), ("latest", ""), ("n", "latest")],
)
def test_a_name_that_could_be_no_path_is_refused(
    store: ArtifactStore, name: str, version: str
) -> None:
    with pytest.raises(ConfigError):
        name_version(store, artifact(store, "one"), name, version)
