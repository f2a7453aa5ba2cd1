"""Which shard a source goes to."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.collect.buckets import bucket_of
from tasks.programs.packages import package_key
from tasks.records.sources import Listing


def listing(path: str, corpus: str = "c", digest: str = "") -> Listing:
    name = f"{corpus}/{path}"
    return Listing(name=name, path=path, corpus=corpus, digest=digest, size=0, revision="")


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


def test_files_of_a_package_share_a_shard() -> None:
    buckets = {bucket_of(listing(f"pkg/{name}.py"), 64) for name in "abcdefgh"}
    assert len(buckets) == 1


@given(st.text(min_size=1), st.integers(1, 64))
def test_a_bucket_is_in_range_and_depends_on_the_path_alone(path: str, shards: int) -> None:
    bucket = bucket_of(listing(path), shards)
    assert 0 <= bucket < shards
    assert bucket == bucket_of(listing(path, digest="other"), shards)


def test_buckets_are_the_same_on_every_machine() -> None:
    assert [bucket_of(listing(f"{name}.py"), 16) for name in "abcd"] == [6, 8, 7, 3]


def test_modules_spread_over_all_shards() -> None:
    counts = Counter(bucket_of(listing(f"m{number}.py"), 8) for number in range(800))
    assert len(counts) == 8
    assert max(counts.values()) < 150
