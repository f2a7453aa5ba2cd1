"""What makes a pure function a step: a cached, retried Prefect task on artifacts.

A step takes references and a config, streams records through a pure function, and hands
on a `StepResult`. Promised here:

- The cache key is the step's name and VERSION, its parameters (a reference counts as its
  digest) and, where the step executes code, the Python version and the jail. Not in the
  key: the place (store, labels), the number of workers, the source text of the task.
- A cached result counts only while the artifacts that it names stand whole in the store.
- What touches the network is tried again; what is wrong in the data or the code is not.
"""

import asyncio
import json
import platform
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from prefect import task
from prefect.cache_policies import CachePolicy
from prefect.client.schemas.objects import State, TaskRun
from prefect.context import TaskRunContext
from prefect.filesystems import WritableFileSystem
from prefect.serializers import JSONSerializer
from prefect.tasks import Task
from prefect.transactions import get_transaction
from pydantic import BaseModel

from sandbox import Limits
from sandbox.image import prepare_image
from tasks.errors import (
    ArtifactCorruptError,
    ArtifactNotFoundError,
    StoreError,
    StoreRefusedError,
    WriterError,
)
from tasks.records.artifacts import ArtifactRef, refs_in
from tasks.records.base import canonical_json, digest_of
from tasks.records.configs import ExecuteConfig
from tasks.records.drops import Drop, DropReason, StepCount
from tasks.records.steps import Place, StepResult
from tasks.settings import load_settings
from tasks.store.artifacts import PART_NAME, ArtifactStore, open_store
from tasks.store.garbage import mark_used
from tasks.store.tables import RecordWriter

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R", bound=BaseModel)

RETRY_DELAYS = [2.0, 10.0]
"""Seconds before the second and the third try; tests set them to zero."""

_ONCE = "once/"
"""Folder of the store with the keys of results that are for one run."""
DROPS_KEPT_WHOLE = 20
"""Of each reason and shard, how many drops keep what was dropped."""


def step(
    name: str,
    *,
    version: int,
    parses: bool = False,
    executes: bool = False,
    limits: tuple[str, ...] = (),
) -> Callable[[Callable[P, T]], Task[P, T]]:
    """Makes a function of references, a config and a `place` a step.

    Args:
        name: Shown in the UI and part of the cache key.
        version: Raise it whenever the step gives another result for the same input.
        parses: The step reads code as the running Python does, whose version is in its key.
        executes: The step runs code, so the Python version and the jail are in its key.
        limits: Tags by which the Prefect server limits how many such steps run at once, over all
            runs; where it has no such limit, nobody waits.
    """
    made = task(
        name=name,
        tags=limits,
        task_run_name=name + " {place.label}",
        cache_policy=StepKey(version=version, parses=parses, executes=executes),
        persist_result=True,
        result_serializer="json",
        retries=len(RETRY_DELAYS),
        retry_delay_seconds=RETRY_DELAYS,
        retry_condition_fn=is_worth_retrying,
    )

    def as_step(function: Callable[P, T]) -> Task[P, T]:
        step = made(function)
        # Its address, for pickle: the step took over the name of the function. Without it a copy
        # of the function and of all that it refers to would travel to a worker's process.
        function.__qualname__ += ".fn"
        return step

    return as_step


@dataclass
class StepKey(CachePolicy):
    """The cache key of a step: readable in the store as `STEP/vVERSION/DIGEST`."""

    version: int = 1
    parses: bool = False
    executes: bool = False

    def compute_key(
        self,
        task_ctx: TaskRunContext,
        inputs: dict[str, Any],
        flow_parameters: dict[str, Any],  # noqa: ARG002 - the interface of Prefect
        **_: Any,
    ) -> str:
        """The key; raises TypeError for a parameter that has no canonical form."""
        body = {name: _canonical(value) for name, value in inputs.items() if name != "place"}
        if self.parses or self.executes:
            body["python"] = platform.python_version()
        if self.executes:
            body["jail"] = jail_version()
        return f"{task_ctx.task.name}/v{self.version}/{digest_of(canonical_json(body))[:32]}"


@cache
def jail_version() -> str:
    """Hash of the jail: its image, policy and in-jail code. Raises SandboxUnavailableError."""
    return prepare_image(None, None).digest


def _canonical(value: Any) -> Any:
    if isinstance(value, ArtifactRef):
        return value.digest
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    if value is None or isinstance(value, str | int | float):
        return value
    # A set, say: its order, and so the key, would differ from one process to the next.
    raise TypeError(f"a step cannot take a {type(value).__name__}")


def is_worth_retrying(_: Task[..., Any], __: TaskRun, state: State[Any]) -> bool:
    """Whether a failure may pass by itself: the network's may, the data's and the code's not."""
    try:
        state.result()
    except (ArtifactCorruptError, ArtifactNotFoundError, StoreRefusedError):
        return False
    except (StoreError, WriterError):
        return True
    except Exception:  # noqa: BLE001 - the question is only which kind it is
        return False
    return False


_SERIALIZER = JSONSerializer[Any]().model_dump(mode="json")
"""As Prefect writes it into a record."""


class StepResults(WritableFileSystem):
    """Prefect's result records, in the artifact store.

    Reading one raises (which Prefect takes for "not cached") unless every artifact that
    it names still stands whole, and unless it is JSON of our own records: Prefect loads a
    record with whatever it names, a pickle among them, and so runs the code of whoever
    wrote it. Credentials come from the settings, never from the block.
    """

    _block_type_name = "Case2Code step results"
    _block_type_slug = "case2code-step-results"

    url: str
    """Address of the store."""

    def read_path(self, path: str, **_: Any) -> bytes:  # type: ignore[override]  # sync is allowed
        """The record at a path. Raises ArtifactNotFoundError where it does not count."""
        with open_store(self.url, load_settings()) as store:
            raw = store.backend.get_bytes(f"results/{path}")
            if raw is None:
                raise ArtifactNotFoundError(f"no result at {path}")
            for ref in refs_in(_result_of(raw, path)):
                if not store.has(ref):
                    raise ArtifactNotFoundError(f"{ref.kind} {ref.short} is gone")
            mark_used(store.backend, f"results/{path}", raw, datetime.now(UTC))
            return raw

    def write_path(self, path: str, content: bytes, **_: Any) -> None:  # type: ignore[override]  # sync is allowed
        """Stores a record."""
        with open_store(self.url, load_settings()) as store:
            store.backend.put_bytes(f"results/{path}", content)

    async def aread_path(self, path: str, **_: Any) -> bytes:
        """`read_path`, off the event loop."""
        return await asyncio.to_thread(self.read_path, path)

    async def awrite_path(self, path: str, content: bytes, **_: Any) -> None:
        """`write_path`, off the event loop."""
        await asyncio.to_thread(self.write_path, path, content)

    def _resolve_path(self, path: str) -> str:
        return path


def _result_of(raw: bytes, path: str) -> Any:
    """The result inside a record. Raises ArtifactCorruptError for one that is not ours to load."""
    try:
        record = json.loads(raw)
        result = json.loads(record["result"])
        ours = record["metadata"]["serializer"] == _SERIALIZER and all(_classes_are_ours(result))
    except (ValueError, KeyError, TypeError) as error:
        raise ArtifactCorruptError(f"results/{path} is no record of a result") from error
    if not ours:
        raise ArtifactCorruptError(f"results/{path} is no record of ours: it is not loaded")
    return result


def _classes_are_ours(value: Any) -> Iterator[bool]:
    """Of all that Prefect would import and call to make a value of this JSON."""
    if isinstance(value, dict):
        yield "__exc_type__" not in value
        yield str(value.get("__class__", "tasks.")).startswith("tasks.")
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _classes_are_ours(item)


@contextmanager
def store_at(place: Place) -> Iterator[ArtifactStore]:
    """The store that a step reads from and writes to."""
    with open_store(place.store, load_settings(), evicts=True) as store:
        yield store


def count_once(store: ArtifactStore) -> None:
    """Says inside a step that what it comes to is for this run: a later one does it again.

    The result is written and read like any other, by the task runners too; what runs first of a
    later run calls `forget_counted_once`.
    """
    transaction = get_transaction()
    if transaction is not None and transaction.key is not None:
        name = digest_of(transaction.key)[:32]
        store.backend.put_bytes(f"{_ONCE}{name}", transaction.key.encode())


def forget_counted_once(store: ArtifactStore) -> None:
    """Removes the results that were for earlier runs alone, so that their steps run again."""
    for name in list(store.backend.keys(_ONCE)):
        key = store.backend.get_bytes(name)
        if key:
            store.backend.delete(f"results/{key.decode()}")
        store.backend.delete(name)


def sift(  # noqa: PLR0913 - what the two artifacts and the row of the funnel are called
    store: ArtifactStore,
    items: Iterable[R | Drop],
    *,
    step: str,
    unit: str,
    kind: str,
    model: type[R],
) -> StepResult:
    """Streams what a pure step yields: records to one artifact, drops to another, all counted.

    A drop that names another step is written but not counted here: it is not of this unit.
    """
    reasons: Counter[DropReason] = Counter()
    seen: Counter[DropReason] = Counter()
    with tempfile.TemporaryDirectory(dir=store.scratch) as folder:
        kept_path, drops_path = Path(folder) / "kept", Path(folder) / "drops"
        with RecordWriter(kept_path, model) as kept, RecordWriter(drops_path, Drop) as drops:
            for item in items:
                if isinstance(item, Drop):
                    seen[item.reason] += 1
                    reasons[item.reason] += item.step == step
                    drops.write(_sampled(item, seen))
                else:
                    kept.write(item)
        return StepResult(
            kept=store.put(kind, {PART_NAME: kept_path}, rows=kept.rows),
            drops=store.put("drops", {PART_NAME: drops_path}, rows=drops.rows),
            counts=(count(step, unit, kept.rows, reasons),),
        )


def count(step: str, unit: str, kept: int, reasons: Mapping[DropReason, int]) -> StepCount:
    """A row of the funnel: what went in is what came out and what fell by the way."""
    dropped = {reason: number for reason, number in sorted(reasons.items()) if number}
    return StepCount(
        step=step, unit=unit, taken=kept + sum(dropped.values()), kept=kept, dropped=dropped
    )


def limits_of(config: ExecuteConfig) -> Limits:
    """The sandbox's limits for one call."""
    return Limits(cpu_seconds=config.cpu_seconds, memory_bytes=config.memory_mb << 20)


def _sampled(drop: Drop, reasons: Mapping[DropReason, int]) -> Drop:
    if reasons[drop.reason] > DROPS_KEPT_WHOLE:
        return drop.model_copy(update={"record": None})
    return drop
