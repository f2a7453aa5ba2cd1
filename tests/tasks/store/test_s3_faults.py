"""S3 as it is on a bad day: nothing lost, nothing half-written seen, no endless trying."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

import tasks.store.s3
from tasks.errors import ArtifactCorruptError, StoreError, StoreRefusedError
from tasks.records.artifacts import ArtifactRef
from tasks.settings import Settings
from tasks.store.artifacts import ArtifactStore, open_store
from tasks.store.names import name_version, resolve, versions
from tests.faulty_s3 import FaultyS3, faulty_s3

NAME = "payload"
PART = 5 << 20
"""The smallest that S3 takes."""


@pytest.fixture
def proxy(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyS3]:
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _: None))
    with faulty_s3(s3_endpoint) as server:
        yield server


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for before the store, whose client it shapes."""
    monkeypatch.setattr(tasks.store.s3, "READ_SECONDS", 0.5)


@pytest.fixture
def store(proxy: FaultyS3, bucket: str, s3_settings: Settings) -> Iterator[ArtifactStore]:
    """A store whose requests all go through the proxy, and which evicts, as those of steps do."""
    settings = s3_settings.model_copy(update={"s3_endpoint": proxy.url})
    with open_store(f"s3://{bucket}/p", settings, evicts=True) as opened:
        yield opened


@pytest.fixture
def sound(bucket: str, s3_settings: Settings) -> Iterator[ArtifactStore]:
    """The same place, without the proxy."""
    with open_store(f"s3://{bucket}/p", s3_settings) as opened:
        yield opened


def put(store: ArtifactStore, content: bytes = b"hello", kind: str = "note") -> ArtifactRef:
    path = store.scratch / NAME
    path.write_bytes(content)
    return store.put(kind, {NAME: path}, rows=1)


def content(store: ArtifactStore, ref: ArtifactRef) -> bytes:
    with store.open(ref, NAME) as path:
        return path.read_bytes()


LARGE = bytes(range(256)) * (PART // 256 * 2 + 100)


@pytest.fixture
def in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks.store.s3, "PART_BYTES", PART)


def uploads(sound: ArtifactStore) -> int:
    return len(list(sound.backend.leftovers()))


def test_an_answer_that_does_not_come_is_asked_for_again(
    impatient: None,  # noqa: ARG001 - before the store
    store: ArtifactStore,
    sound: ArtifactStore,
    proxy: FaultyS3,
) -> None:
    for method in ("PUT", "GET"):
        proxy.does("hang", method, times=1)
    ref = put(store)
    assert content(sound, ref) == content(store, ref) == b"hello"


@pytest.mark.parametrize("harm", ["answer", "cut request", "lose answer"])
def test_what_passes_by_itself_is_got_over(
    store: ArtifactStore, sound: ArtifactStore, proxy: FaultyS3, harm: str
) -> None:
    for method in ("PUT", "GET", "HEAD"):
        proxy.does(harm, method, times=2, code="SlowDown")  # type: ignore[arg-type]  # of the list above
    ref = put(store)
    assert content(sound, ref) == content(store, ref) == b"hello"


def test_a_server_that_stays_down_is_given_up_and_said_so(
    store: ArtifactStore, proxy: FaultyS3
) -> None:
    proxy.says("SlowDown", 503)
    with pytest.raises(StoreError, match="SlowDown") as raised:
        put(store)
    assert not isinstance(raised.value, StoreRefusedError), "the step may try again later"
    assert len(proxy.asked) == tasks.store.s3.ATTEMPTS


def test_a_server_that_never_answers_is_given_up_and_said_so(
    impatient: None,  # noqa: ARG001 - before the store
    store: ArtifactStore,
    proxy: FaultyS3,
) -> None:
    proxy.does("hang", "GET")
    with pytest.raises(StoreError, match="too slow; check CASE2CODE_S3_ENDPOINT"):
        store.backend.get_bytes("x")
    assert len(proxy.asked) == tasks.store.s3.ATTEMPTS


@pytest.mark.parametrize("harm", ["cut request", "lose answer", "answer"])
@pytest.mark.usefixtures("in_parts")
def test_a_multipart_upload_gets_over_what_breaks_inside_it(
    store: ArtifactStore, sound: ArtifactStore, proxy: FaultyS3, harm: str
) -> None:
    proxy.does(harm, "PUT", "partNumber=2", times=2, code="SlowDown")  # type: ignore[arg-type]
    ref = put(store, LARGE)
    assert content(sound, ref) == LARGE
    assert uploads(sound) == 0


@pytest.mark.usefixtures("in_parts")
def test_a_multipart_upload_whose_last_answer_is_lost_is_complete(
    store: ArtifactStore, sound: ArtifactStore, proxy: FaultyS3
) -> None:
    proxy.does("lose answer", "POST", "uploadId=", times=1)
    ref = put(store, LARGE)
    assert content(sound, ref) == LARGE
    assert uploads(sound) == 0


@pytest.mark.usefixtures("in_parts")
def test_a_multipart_upload_that_breaks_for_good_shows_nothing_and_is_aborted(
    store: ArtifactStore, sound: ArtifactStore, proxy: FaultyS3
) -> None:
    proxy.does("cut request", "PUT", "partNumber=2")
    with pytest.raises(StoreError, match="artifacts/note"):
        put(store, LARGE)
    assert list(sound.backend.keys("")) == []
    assert uploads(sound) == 0


@pytest.mark.usefixtures("in_parts")
def test_of_two_multipart_uploads_of_one_file_the_second_leaves_no_parts(
    store: ArtifactStore, sound: ArtifactStore, proxy: FaultyS3
) -> None:
    proxy.does("answer", "POST", "uploadId=", times=1, status=412, code="PreconditionFailed")
    ref = put(store, LARGE)
    assert uploads(sound) == 0
    assert not store.has(ref), "412 was a lie here: what does not stand is not said to"


@pytest.mark.usefixtures("in_parts")
def test_an_abort_that_fails_hides_nothing_and_is_a_leftover(
    store: ArtifactStore, sound: ArtifactStore, proxy: FaultyS3
) -> None:
    proxy.does("answer", "PUT", "partNumber=2", code="InternalError", status=500)
    proxy.does("answer", "DELETE", "uploadId=", code="SlowDown")
    with pytest.raises(StoreError, match="InternalError"):
        put(store, LARGE)
    [left] = sound.backend.leftovers()
    assert left.key.endswith(f"/{NAME}")
    sound.backend.discard(left)
    assert uploads(sound) == 0


def test_a_read_that_breaks_off_is_read_again(store: ArtifactStore, proxy: FaultyS3) -> None:
    ref = put(store, b"x" * 100_000)
    for inside in ("manifest.json", NAME):
        proxy.does("cut answer", "GET", inside, times=2)
    assert content(store, ref) == b"x" * 100_000


def test_a_read_that_always_breaks_off_ends_and_costs_nothing_in_the_store(
    store: ArtifactStore, sound: ArtifactStore, proxy: FaultyS3
) -> None:
    ref = put(store)
    before = len(proxy.asked)
    fault = proxy.does("cut answer", "GET")
    with pytest.raises(StoreError, match="network"):
        store.manifest(ref)
    assert len(proxy.asked) - before == tasks.store.s3.READS
    fault.inside = NAME
    with pytest.raises(StoreError, match="network"):
        content(store, ref)
    assert content(sound, ref) == b"hello"
    assert not list(store.scratch.glob("*-*")), "no half a file is left on this machine"


@pytest.mark.parametrize("inside", ["manifest.json", NAME])
def test_what_is_damaged_on_the_way_is_not_taken_for_damaged_in_the_store(
    store: ArtifactStore, sound: ArtifactStore, proxy: FaultyS3, inside: str
) -> None:
    ref = put(store)
    proxy.does("damage", "GET", inside, times=1)
    assert content(store, ref) == b"hello"
    assert sound.has(ref), "nothing was taken out for it"


def test_what_is_damaged_in_the_store_is_found_taken_out_and_made_anew(
    store: ArtifactStore, sound: ArtifactStore
) -> None:
    ref = put(store)
    sound.backend.put_bytes(f"{ref.key}/{NAME}", b"jello")
    with pytest.raises(ArtifactCorruptError, match="run the same command again"):
        content(store, ref)
    assert not store.has(ref)
    assert put(store) == ref
    assert content(sound, ref) == b"hello"


EXPIRED = ("ExpiredToken", 400, "expired; renew them and run again")


@pytest.mark.parametrize(
    ("call", "code", "status", "advice"),
    [
        ("get_bytes", *EXPIRED),
        ("size", *EXPIRED),
        ("local_copy", *EXPIRED),
        ("put_bytes", *EXPIRED),
        ("keys", *EXPIRED),
        ("get_bytes", "RequestTimeTooSkewed", 403, "clock of this machine"),
        ("size", "RequestTimeTooSkewed", 403, "clock of this machine"),
        ("size", "AccessDenied", 403, "access was denied"),
        ("put_bytes", "SignatureDoesNotMatch", 403, "CASE2CODE_S3_SECRET_KEY"),
        ("get_bytes", "AuthorizationHeaderMalformed", 400, "CASE2CODE_S3_REGION"),
    ],
)
def test_what_waiting_does_not_mend_is_said_at_once(  # noqa: PLR0913, PLR0917 - a table
    store: ArtifactStore, proxy: FaultyS3, call: str, code: str, status: int, advice: str
) -> None:
    calls: dict[str, Callable[[], object]] = {
        "get_bytes": lambda: store.backend.get_bytes("x"),
        "size": lambda: store.backend.size("x"),
        "local_copy": lambda: store.backend.local_copy("x", store.scratch),
        "put_bytes": lambda: store.backend.put_bytes("x", b""),
        "keys": lambda: list(store.backend.keys("x/")),
    }
    proxy.says(code, status)
    with pytest.raises(StoreRefusedError, match=advice):
        calls[call]()
    assert len(proxy.asked) <= 3, "of a HEAD, what it meant and which region has to be asked"


def test_without_credentials_that_is_said_at_once(
    bucket: str, proxy: FaultyS3, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    with (
        open_store(f"s3://{bucket}", Settings(s3_endpoint=proxy.url)) as opened,
        pytest.raises(StoreRefusedError, match="set CASE2CODE_S3_ACCESS_KEY"),
    ):
        opened.backend.check()
    assert proxy.asked == []


def test_a_stale_listing_loses_no_version(
    store: ArtifactStore, sound: ArtifactStore, proxy: FaultyS3
) -> None:
    one, two, three = (put(store, text, "dataset") for text in (b"1", b"2", b"3"))
    name_version(store, one, "n")
    empty = b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"
    proxy.does("replay", "GET", "list-type=2", replayed=empty)
    assert name_version(store, two, "n").number == 2
    assert name_version(store, three, "n").number == 3
    assert resolve(store, "dataset", "n@2") == two
    assert resolve(store, "dataset", "n") == three
    assert [entry.digest for entry in versions(sound, "dataset", "n")] == [
        one.digest,
        two.digest,
        three.digest,
    ]


def test_a_version_whose_answers_are_lost_is_published_once(
    store: ArtifactStore, sound: ArtifactStore, proxy: FaultyS3
) -> None:
    refs = [put(store, text, "dataset") for text in (b"1", b"2")]
    proxy.does("lose answer", "PUT", "/names/", times=4)
    for ref in refs:
        name_version(store, ref, "n")
    assert [one.version for one in versions(sound, "dataset", "n")] == ["1", "2"]
    assert resolve(sound, "dataset", "n") == refs[1]


def test_publishers_at_once_on_a_server_that_is_slow_lose_no_version(
    store: ArtifactStore, sound: ArtifactStore, proxy: FaultyS3
) -> None:
    refs = [put(store, b"%d" % number, "dataset") for number in range(4)]
    for method in ("PUT", "GET"):
        proxy.does("answer", method, "/names/", times=3, code="SlowDown")
        proxy.does("lose answer", method, "/names/", times=3, after=4)
    with ThreadPoolExecutor(len(refs)) as pool:
        list(pool.map(lambda ref: name_version(store, ref, "n"), refs))
    known = list(versions(sound, "dataset", "n"))
    assert sorted(one.digest for one in known) == sorted(ref.digest for ref in refs)
    assert [one.number for one in known] == list(range(1, 5))
    assert resolve(sound, "dataset", "n").digest == known[-1].digest


def test_a_reader_never_sees_an_artifact_that_is_being_written(
    store: ArtifactStore, sound: ArtifactStore, proxy: FaultyS3
) -> None:
    ref = put(store)
    store.remove(ref)
    hung = proxy.does("hang", "PUT", "manifest.json", times=1)
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(put, store)
        while not hung.done:
            threading.Event().wait(0.01)
        assert list(sound.backend.keys("artifacts/")) == [f"{ref.key}/{NAME}"]
        assert not sound.has(ref)
        assert list(sound.refs("note")) == []
        proxy.over.set()
        assert writing.result() == ref
    assert sound.has(ref)
