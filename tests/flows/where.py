"""Toy steps that say where they run, and their flows; a module that workers are quick to import."""

import os
import signal
import time
from pathlib import Path

from prefect import flow

from flows.shards import ShardRun
from tasks.notices import notice
from tasks.records.artifacts import ArtifactRef
from tasks.records.base import Record
from tasks.records.runners import Runner
from tasks.records.steps import Place, Shard, StepResult
from tasks.steps import count, sift, step, store_at


class Whereabouts(Record):
    process: int
    parent: int


@step("look-around", version=1)
def look_around(shard: ArtifactRef, place: Place) -> StepResult:  # noqa: ARG001 - each step has one
    """Writes down the process it runs in, and says so."""
    here = Whereabouts(process=os.getpid(), parent=os.getppid())
    notice(f"{place.label} is here")
    with store_at(place) as store:
        return sift(store, [here], step="look-around", unit="n", kind="place", model=Whereabouts)


@flow
def looking(store: str, runner: Runner, shards: tuple[Shard, ...]) -> tuple[Shard, ...]:
    with ShardRun(Place(store=store), workers=1, runner=runner) as run:
        return run.each(look_around, shards)


@step("die", version=1)
def die(shard: ArtifactRef, place: Place) -> StepResult:
    """Takes its process with it, as a machine does that loses its power."""
    if place.label == "01":
        os.kill(os.getpid(), signal.SIGKILL)
    return StepResult(kept=shard, drops=shard, counts=(count("die", "n", 1, {}),))


@flow
def dying(store: str, runner: Runner, shards: tuple[Shard, ...]) -> None:
    with ShardRun(Place(store=store), workers=1, runner=runner) as run:
        run.each(die, shards)
        run.once(look_around, shard=shards[0].ref)


@step("linger", version=1)
def linger(shard: ArtifactRef, place: Place) -> StepResult:
    """Says by a file that it has begun, and works until it is stopped."""
    Path(place.store).with_name(f"begun-{place.label}").touch()
    time.sleep(300)
    return StepResult(kept=shard, drops=shard, counts=())


@flow
def lingering(store: str, runner: Runner, shards: tuple[Shard, ...]) -> None:
    with ShardRun(Place(store=store), workers=2, runner=runner) as run:
        run.each(linger, shards)
