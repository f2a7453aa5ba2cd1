"""Which shard a source goes to."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.collect.buckets import LARGEST_PROJECT, Dealer
from tasks.programs.packages import package_key, project_key
from tasks.records.sources import Listing


def listing(path: str, digest: str = "", size: int = 0, repository: str = "") -> Listing:
    return Listing(
        name=f"c/{path}",
        path=path,
        corpus="c",
        digest=digest,
        size=size,
        revision="",
        repository=repository,
    )


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("json/decoder.py", "json"),
        ("a/b/c.py", "a/b"),
        ("a/tests/test_b.py", "a"),
        ("a/test/tests/b.py", "a"),
        ("textwrap.py", "textwrap.py"),
        ("tests/test_a.py", "tests/test_a.py"),
    ],
)
def test_a_package_is_its_folder_and_the_tests_below_it(path: str, key: str) -> None:
    assert package_key(path) == key


def test_a_project_is_the_first_folder_of_the_path() -> None:
    assert [project_key(path) for path in ("a/b/c.py", "a/d.py", "six.py")] == ["a", "a", "six.py"]


def bucket_of(one: Listing, shards: int, *others: Listing) -> int:
    dealer = Dealer(shards)
    for seen in (one, *others):
        dealer.note(seen)
    return dealer.bucket_of(one)


def test_files_of_a_project_share_a_shard() -> None:
    paths = [f"pkg/{folder}/{name}.py" for folder in "abcd" for name in "efgh"]
    assert len({bucket_of(listing(path), 64) for path in paths}) == 1


def test_a_repository_is_a_project_wherever_it_lies() -> None:
    rows = [listing(f"owner/{name}/a.py", repository=f"owner/{name}") for name in "abcdefgh"]
    assert len({bucket_of(row, 64) for row in rows}) > 4
    assert bucket_of(rows[0], 64) == bucket_of(listing("x/y.py", repository="owner/a"), 64)


def test_a_project_that_is_too_large_is_dealt_out_by_folders() -> None:
    large = listing("pkg/big.py", size=LARGEST_PROJECT + 1)
    files = [listing(f"pkg/{folder}/{name}.py") for folder in "abcdefgh" for name in "xy"]
    buckets = [bucket_of(file, 64, large) for file in files]
    assert len(set(buckets)) > 4
    assert buckets[::2] == buckets[1::2]


def test_one_file_more_moves_no_other() -> None:
    files = [listing(f"p{number}/m.py", size=100) for number in range(50)]
    added = listing("p7/other.py", size=100)
    assert [bucket_of(file, 64) for file in files] == [bucket_of(f, 64, added) for f in files]


@given(st.text(min_size=1), st.integers(1, 64))
def test_a_bucket_is_in_range_and_does_not_depend_on_the_content(path: str, shards: int) -> None:
    bucket = bucket_of(listing(path), shards)
    assert 0 <= bucket < shards
    assert bucket == bucket_of(listing(path, digest="other"), shards)


def test_buckets_are_the_same_on_every_machine() -> None:
    assert [bucket_of(listing(f"{name}.py"), 16) for name in "abcd"] == [6, 8, 7, 3]


def test_modules_spread_over_all_shards() -> None:
    counts = Counter(bucket_of(listing(f"m{number}.py"), 8) for number in range(800))
    assert len(counts) == 8
    assert max(counts.values()) < 150
