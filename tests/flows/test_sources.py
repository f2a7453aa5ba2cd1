"""Builds from other sources than a folder: what is cached, what is left out, whose code it is."""

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from prefect import flow

from flows.build_dataset import build_dataset
from flows.shards import _result_storage
from tasks.collect.step import collect_shard, discover
from tasks.dataset.attribution import ATTRIBUTION_NAME, Attribution
from tasks.records.configs import PERMISSIVE, BuildConfig, CollectConfig
from tasks.records.drops import DropReason
from tasks.records.steps import BuildSummary, Place
from tasks.store.tables import read_records
from tests.flows.corpus import MODULES

pytestmark = pytest.mark.usefixtures("prefect_server", "no_waiting")


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """Each package is a repository under a licence of its own."""
    licences = {"text": "MIT", "numbers": "BSD-3-Clause", "lists": "GPL-3.0"}
    table = [
        {
            "content": text.lstrip(),
            "path": path,
            "repo_name": f"owner/{path.partition('/')[0]}",
            "license": licences[path.partition("/")[0]],
            "revision": "v7",
        }
        for path, text in MODULES.items()
    ]
    pq.write_table(pa.Table.from_pylist(table), tmp_path / "rows.parquet")
    return tmp_path / "rows.parquet"


def build(
    rows: Path, store: Path, licences: tuple[str, ...] | None = PERMISSIVE, opt_out: str = ""
) -> BuildSummary:
    whole = BuildConfig(
        corpus=(str(rows),), collect=CollectConfig(licences=licences), opt_out=opt_out
    )
    return build_dataset(whole, store=str(store), workers=2)


def attributions(summary: BuildSummary) -> list[Attribution]:
    return list(read_records(Path(summary.path) / ATTRIBUTION_NAME, Attribution))


def test_only_permissive_code_is_taken_and_every_function_says_whose_it_is(
    rows: Path, tmp_path: Path
) -> None:
    summary = build(rows, tmp_path / "store")
    collected = summary.dataset.funnel.steps[0]
    assert collected.dropped == {DropReason.LICENCE: 3}
    found = attributions(summary)
    assert len(found) == summary.dataset.functions
    assert {(one.source, one.licence, one.revision) for one in found} == {
        ("rows", "MIT", "v7"),
        ("rows", "BSD-3-Clause", "v7"),
    }
    [clamp] = [one for one in found if one.path == "owner/numbers/numbers/steps.py"][-1:]
    lines = MODULES["numbers/steps.py"].lstrip().splitlines()
    assert lines[clamp.first_line - 1].startswith("def ")


def results(store: Path) -> dict[str, int]:
    """Result records by step: what was not taken from the cache has added one."""
    folders = (store / "results").iterdir()
    return {folder.name: sum(path.is_file() for path in folder.rglob("*")) for folder in folders}


def test_who_opts_out_is_gone_and_every_other_shard_is_a_hit(rows: Path, tmp_path: Path) -> None:
    store, listed = tmp_path / "store", tmp_path / "opt-out.txt"
    first = build(rows, store, licences=None)
    before = results(store)
    listed.write_text("# asked for it\nhttps://github.com/owner/Numbers\n")
    second = build(rows, store, licences=None, opt_out=str(listed))
    assert not any("numbers" in one.path for one in attributions(second))
    assert {one.path for one in attributions(second)} < {one.path for one in attributions(first)}
    assert second.dataset.funnel.steps[0].dropped[DropReason.OPTED_OUT] == 1
    after = results(store)
    assert {step: after[step] - before[step] for step in ("collect", "extract")} == {
        "collect": 1,
        "extract": 1,
    }
    assert str(listed) not in (Path(second.path) / "manifest.json").read_text()
    shutil.copy(listed, tmp_path / "same.txt")
    third = build(rows, store, licences=None, opt_out=str(tmp_path / "same.txt"))
    assert third.dataset == second.dataset
    assert results(store) == after


def test_a_file_that_changed_after_it_was_listed_is_read_again_when_it_is_what_it_was(
    tmp_path: Path,
) -> None:
    file = tmp_path / "corpus" / "one.py"
    file.parent.mkdir()
    place = Place(store=str(tmp_path / "store"), sources=(str(file.parent),))
    config = CollectConfig()

    @flow
    def kept(*, meanwhile: str) -> list[int]:
        """Twice in one run: what the first reads is what the second takes from the cache."""
        stored = collect_shard.with_options(result_storage=_result_storage(place.store))
        file.write_text("x = 1\n")
        [shard] = discover(1, config, place).shards
        file.write_text(meanwhile)
        return [stored(shard.ref, config, place).counts[0].kept for _ in range(2)]

    assert kept(meanwhile="x = 2\n") == [0, 0]
    assert kept(meanwhile="x = 1\n") == [1, 1]
    assert results(tmp_path / "store") == {"collect": 1}
    before = sorted((tmp_path / "store" / "results").rglob("*"))
    assert kept(meanwhile="x = 1\n") == [1, 1]
    assert sorted((tmp_path / "store" / "results").rglob("*")) == before, "a hit"
