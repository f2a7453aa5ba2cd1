"""The step that sees what changed: what it lists, and what it leaves alone."""

from pathlib import Path
from typing import Any

import pytest

from tasks.collect.step import collect_shard, discover
from tasks.records.configs import CollectConfig
from tasks.records.drops import Drop, DropReason
from tasks.records.sources import Listing, SourceFile
from tasks.records.steps import Discovered, Place
from tasks.settings import Settings
from tasks.store.artifacts import open_store
from tests.tasks.collect.test_rows import write

CONFIG = CollectConfig(licences=None)
REPOSITORIES = [f"owner/r{number}" for number in range(30)]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    rows: list[dict[str, Any]] = [
        {"content": f"# {name}\nx = {n}\n", "path": f"src/m{n}.py", "repo_name": name}
        for name in REPOSITORIES
        for n in range(5)
    ]
    return write(tmp_path / "rows.parquet", rows)


def found(corpus: Path, tmp_path: Path, opt_out: str = "") -> Discovered:
    place = Place(store=str(tmp_path / "store"), sources=(str(corpus),), opt_out=opt_out)
    return discover.fn(shards=16, config=CONFIG, place=place)


def opted_out(tmp_path: Path, *repositories: str) -> str:
    file = tmp_path / "opt-out.txt"
    file.write_text("".join(f"{name}\n" for name in repositories))
    return str(file)


def test_an_opt_out_changes_its_own_shard_and_no_other(corpus: Path, tmp_path: Path) -> None:
    before = found(corpus, tmp_path)
    after = found(corpus, tmp_path, opted_out(tmp_path, REPOSITORIES[7]))
    changed = [
        one.label
        for one, other in zip(before.shards, after.shards, strict=True)
        if one.ref.digest != other.ref.digest
    ]
    assert len(changed) == 1
    assert (before.opt_out, len(after.opt_out)) == ("", 64)


def test_what_is_opted_out_is_counted_and_nothing_of_it_is_kept(
    corpus: Path, tmp_path: Path
) -> None:
    result = found(corpus, tmp_path, opted_out(tmp_path, *REPOSITORIES[:3]))
    place = Place(store=str(tmp_path / "store"), sources=(str(corpus),))
    kept: list[SourceFile] = []
    drops: list[Drop] = []
    with open_store(place.store, Settings()) as store:
        for shard in result.shards:
            done = collect_shard.fn(shard.ref, CONFIG, place)
            kept += store.read_records(done.kept, SourceFile)
            drops += store.read_records(done.drops, Drop)
    assert len(kept) == 5 * 27
    assert {drop.reason for drop in drops} == {DropReason.OPTED_OUT}
    assert len(drops) == 15
    assert not any(file.path.startswith(tuple(f"{r}/" for r in REPOSITORIES[:3])) for file in kept)


def test_a_repository_is_one_shard_and_the_listing_the_same_each_time(
    corpus: Path, tmp_path: Path
) -> None:
    first, second = found(corpus, tmp_path), found(corpus, tmp_path)
    assert first == second
    shards: dict[str, set[str]] = {}
    with open_store(str(tmp_path / "store"), Settings()) as store:
        for shard in first.shards:
            for listing in store.read_records(shard.ref, Listing):
                shards.setdefault(listing.repository, set()).add(shard.label)
    assert len(shards) == 30
    assert all(len(labels) == 1 for labels in shards.values())
