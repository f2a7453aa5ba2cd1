"""Fan-out over shards, on a real Prefect server: cached, retried, accounted for."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect import flow

from flows.progress import watched_by
from flows.shards import Accounts, ShardRun, by_shard
from tasks.errors import CorpusError, StepFailedError, StoreError
from tasks.records.artifacts import ArtifactRef
from tasks.records.base import Record
from tasks.records.configs import CollectConfig
from tasks.records.drops import Drop, DropReason, StepCount
from tasks.records.steps import Place, Shard, ShardsResult, StepResult
from tasks.settings import Settings
from tasks.steps import sift, step, store_at
from tasks.store.artifacts import ArtifactStore, open_store

pytestmark = pytest.mark.usefixtures("prefect_server", "no_waiting")


class Number(Record):
    value: int


class Switch:
    """What the toy steps are told from outside of their parameters."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.broken: dict[str, list[Exception]] = {}

    def enter(self, label: str) -> None:
        self.calls.append(label)
        if errors := self.broken.get(label):
            raise errors.pop(0)


SWITCH = Switch()


@pytest.fixture(autouse=True)
def switch() -> Switch:
    SWITCH.__init__()  # type: ignore[misc]
    return SWITCH


@step("halve", version=1)
def halve(shard: ArtifactRef, config: CollectConfig, place: Place) -> StepResult:
    """Keeps even numbers, halved; drops odd ones."""
    SWITCH.enter(place.label)

    def items(store: ArtifactStore) -> Iterator[Number | Drop]:
        for number in store.read_records(shard, Number):
            if number.value % 2:
                yield Drop(
                    step="halve", reason=DropReason.EMPTY, subject=str(number.value), record="{}"
                )
            else:
                yield Number(value=number.value // 2 + config.max_bytes * 0)

    with store_at(place) as store:
        return sift(store, items(store), step="halve", unit="n", kind="number", model=Number)


@step("merge", version=1)
def merge(shards: tuple[Shard, ...], place: Place) -> ShardsResult:
    """Hands all shards on."""
    SWITCH.enter(place.label if place.label != "all" else "merge")
    return ShardsResult(kept=shards, drops=(), counts=())


@flow
def halving(shards: tuple[Shard, ...], store: str, max_bytes: int = 1, times: int = 1) -> Accounts:
    with ShardRun(Place(store=store), workers=2) as run:
        for _ in range(times):
            shards = run.each(halve, shards, config=CollectConfig(max_bytes=max_bytes))
        run.across(merge, shards)
        return run.accounts


@pytest.fixture
def url(tmp_path: Path) -> str:
    return str(tmp_path / "store")


def shards_of(url: str, *columns: list[int]) -> tuple[Shard, ...]:
    with open_store(url, Settings()) as store:
        return tuple(
            Shard(
                label=f"{n:02d}",
                ref=store.put_records("number", Number, [Number(value=v) for v in values]),
            )
            for n, values in enumerate(columns)
        )


def test_what_goes_in_is_what_comes_out_and_what_is_dropped(url: str) -> None:
    accounts = halving(shards_of(url, [1, 2, 4], [3, 6]), url)
    assert accounts.funnel.steps == (
        StepCount(step="halve", unit="n", taken=5, kept=3, dropped={DropReason.EMPTY: 2}),
    )
    assert (accounts.task_runs, accounts.cached) == (3, 0)


def test_a_second_run_is_all_cache_hits(url: str, switch: Switch) -> None:
    shards = shards_of(url, [1, 2, 4], [3, 6])
    first = halving(shards, url)
    switch.calls.clear()
    second = halving(shards, url)
    assert second.cached == second.task_runs == 3
    assert switch.calls == []
    assert second.funnel == first.funnel


def test_another_config_and_another_shard_run_again_and_nothing_else(
    url: str, switch: Switch
) -> None:
    halving(shards_of(url, [2], [4]), url)
    switch.calls.clear()
    halving(shards_of(url, [2], [6]), url)
    assert switch.calls == ["01", "merge"]
    switch.calls.clear()
    halving(shards_of(url, [2], [6]), url, max_bytes=2)
    assert sorted(switch.calls) == ["00", "01"]


def test_a_result_whose_artifact_is_gone_does_not_count(url: str, switch: Switch) -> None:
    shards = shards_of(url, [2], [8])
    halving(shards, url)
    switch.calls.clear()
    (halved,) = shards_of(url, [1])
    with open_store(url, Settings()) as store:
        store.backend.delete(f"{halved.ref.key}/part.parquet")
    halving(shards, url)
    assert switch.calls == ["00"]


def test_a_store_that_fails_for_a_moment_is_tried_again(url: str, switch: Switch) -> None:
    switch.broken["00"] = [StoreError("slow down"), StoreError("slow down")]
    accounts = halving(shards_of(url, [2]), url)
    assert accounts.failures == []
    assert switch.calls == ["00", "00", "00", "merge"]


def test_a_wrong_program_is_not_tried_again(url: str, switch: Switch) -> None:
    switch.broken["00"] = [ZeroDivisionError("oops")]
    with pytest.raises(StepFailedError, match="halve failed on shard 00: oops"):
        halving(shards_of(url, [2]), url)
    assert switch.calls == ["00"]


def test_a_bad_shard_holds_back_nobody_and_is_all_that_is_done_again(
    url: str, switch: Switch
) -> None:
    shards = shards_of(url, [4], [40], [12])
    switch.broken["01"] = [ValueError("poisoned")]
    with pytest.raises(StepFailedError, match=r"shard 01.*case2code retry"):
        halving(shards, url, times=2)
    assert sorted(switch.calls) == ["00", "00", "01", "02", "02"]
    switch.calls.clear()
    halving(shards, url, times=2)
    assert switch.calls == ["01", "01", "merge"]


def test_an_error_that_says_what_to_do_is_raised_as_it_is(url: str, switch: Switch) -> None:
    switch.broken["merge"] = [CorpusError("name a folder")]
    with pytest.raises(CorpusError, match=r"^name a folder$"):
        halving(shards_of(url, [2]), url)


def test_who_watches_is_told_of_every_shard(url: str) -> None:
    class Seen:
        def __init__(self) -> None:
            self.events: list[tuple[str, object]] = []

        def step_started(self, step: str, shards: int) -> None:
            self.events.append((step, shards))

        def shard_done(self, step: str, *, cached: bool) -> None:
            self.events.append((step, "cached" if cached else "done"))

        def said(self, text: str) -> None:
            self.events.append(("said", text))

    seen = Seen()
    with watched_by(seen):
        halving(shards_of(url, [2], [10]), url)
    assert seen.events == [
        ("halve", 2),
        ("halve", "done"),
        ("halve", "done"),
        ("merge", 1),
        ("merge", "done"),
    ]


def test_a_shard_that_lacks_a_column_is_left_out(url: str) -> None:
    one, two = shards_of(url, [1], [2])
    assert by_shard((one, two), [(one, two), (two,)]) == {"01": (two.ref, two.ref)}
    assert by_shard((one,), []) == {"00": ()}
