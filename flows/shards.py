"""Fans a step out over shards, and keeps the accounts of the run.

A shard that fails holds back nobody: the others go on through every step that works on
one shard, and the run ends, failed and saying which, before the first step that needs all.
"""

import hashlib
import logging
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from types import TracebackType
from typing import Any, Self, TypeVar

from prefect import get_run_logger
from prefect.client.orchestration import get_client
from prefect.context import FlowRunContext
from prefect.futures import PrefectFuture, as_completed
from prefect.settings import PREFECT_API_URL
from prefect.tasks import Task

import tasks.steps
from flows.progress import watcher
from flows.rerunning import whole_run
from flows.runners import ended, error_of, sends_before_it_ends, started
from flows.story import StepProgress, dropped_in_words
from tasks.errors import Case2CodeError, StepFailedError
from tasks.records.artifacts import ArtifactRef
from tasks.records.drops import Funnel, StepCount
from tasks.records.runners import Runner
from tasks.records.steps import Place, Shard, ShardsResult, StepResult, WriterUsage
from tasks.steps import StepResults

T = TypeVar("T")

THREADS = Runner()


class PerShard(dict[str, Any]):
    """A parameter with another value for each shard, by label."""


@dataclass(frozen=True)
class Failure:
    """One shard that a step could not do, after all its retries."""

    step: str
    shard: str
    error: Any


@dataclass
class Accounts:
    """What a run did, for the funnel and for the person who reads the end of it."""

    counts: list[StepCount] = field(default_factory=list)
    drops: list[ArtifactRef] = field(default_factory=list)
    """What every step left out, in the order in which they ran."""
    runner: Runner = THREADS
    """Where the steps ran."""
    task_runs: int = 0
    cached: int = 0
    audited: int = 0
    """Functions that were run once more in a fresh jail."""
    failures: list[Failure] = field(default_factory=list)
    usage: dict[str, WriterUsage] = field(default_factory=dict)
    """What each writer took, by its name."""

    @property
    def funnel(self) -> Funnel:
        """The rows of all shards, added up, in the order in which the steps ran."""
        return Funnel(steps=tuple(_added_up(self.counts)))


class ShardRun:
    """The steps of one flow run: its task runner, its result storage, its accounts."""

    def __init__(self, place: Place, workers: int, runner: Runner = THREADS) -> None:
        self.place = place
        self.accounts = Accounts(runner=runner)
        self._workers = workers
        self._stack = ExitStack()
        self._results = _result_storage(place.store)

    def __enter__(self) -> Self:
        _task_runs.addFilter(_says_more_than_completed)
        self._runner = self._stack.enter_context(started(self.accounts.runner, self._workers))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)
        _task_runs.removeFilter(_says_more_than_completed)

    def each(
        self, step: Task[..., StepResult], shards: Iterable[Shard], **same: Any
    ) -> tuple[Shard, ...]:
        """Runs the step on every shard; returns those that did not fail, now holding its result.

        A keyword argument that is a PerShard gives each shard its own value.
        """
        calls = {shard.label: self._of(shard, same) for shard in shards if _has_all(shard, same)}
        results = self._run(step, calls)
        for result in results.values():
            self.accounts.counts.extend(result.counts)
            self.accounts.drops.append(result.drops)
            self.accounts.audited += result.audited
        return tuple(Shard(label=label, ref=done.kept) for label, done in results.items())

    def across(
        self, step: Task[..., ShardsResult], shards: Sequence[Shard], **same: Any
    ) -> tuple[Shard, ...]:
        """Runs a step that sees all shards at once. Raises StepFailedError if one is missing."""
        result = self.once(step, shards=tuple(shards), **same)
        self.accounts.counts.extend(result.counts)
        self.accounts.drops.extend(result.drops)
        return result.kept

    def once(self, step: Task[..., T], **same: Any) -> T:
        """Runs a step that is not divided. Raises StepFailedError if one before it failed."""
        self._raise_failures()
        results = self._run(step, {"all": same | {"place": self.place}})
        self._raise_failures()
        return results["all"]

    def _of(self, shard: Shard, same: Mapping[str, Any]) -> dict[str, Any]:
        own = {
            name: value[shard.label] if isinstance(value, PerShard) else value
            for name, value in same.items()
        }
        place = self.place.model_copy(update={"label": shard.label})
        return {"shard": shard.ref, "place": place} | own

    def _run(self, step: Task[..., T], calls: Mapping[str, dict[str, Any]]) -> dict[str, T]:
        stored = self._with_storage(step)
        watcher().step_started(step.name, len(calls))
        told = _Told(step.name, calls, self.accounts)
        labels: dict[PrefectFuture[T], str] = {
            self._runner.submit(stored, parameters=parameters): label
            for label, parameters in calls.items()
        }
        finished: dict[str, T] = {}
        for future in as_completed(list(labels)):
            self._account(step.name, labels[future], future, finished)
            told.shard_done()
        told.step_done(finished.values())
        # The order of the shards, not of their finishing.
        return {label: finished[label] for label in calls if label in finished}

    def _with_storage(self, step: Task[..., T]) -> Task[..., T]:
        if not step.persist_result:
            return step
        stored = step.with_options(
            result_storage=self._results, retry_delay_seconds=tasks.steps.RETRY_DELAYS
        )
        return sends_before_it_ends(stored, self.accounts.runner)

    def _account(
        self, step: str, label: str, future: PrefectFuture[T], finished: dict[str, T]
    ) -> None:
        self.accounts.task_runs += 1
        state = ended(future)
        cached = state.name == "Cached"
        self.accounts.cached += cached
        if state.is_completed():
            finished[label] = future.result()
            self._add_usage(finished[label], cached=cached)
        else:
            failure = error_of(state)
            self.accounts.failures.append(Failure(step, label, failure))
            get_run_logger().error("%s failed on shard %s: %s", step, label, failure)
        watcher().shard_done(step, cached=cached)

    def _add_usage(self, result: object, *, cached: bool) -> None:
        """What writers took, where the step is one of theirs."""
        for one in getattr(result, "usage", ()):
            mine = one.from_cache if cached else one
            before = self.accounts.usage.get(one.writer)
            self.accounts.usage[one.writer] = before + mine if before else mine

    def _raise_failures(self) -> None:
        """Raises StepFailedError, or what an undivided step raised where a person can act on it."""
        failures = self.accounts.failures
        if not failures:
            return
        first = failures[0]
        if len(failures) == 1 and first.shard == "all" and isinstance(first.error, Case2CodeError):
            raise first.error
        raise StepFailedError(
            "; ".join(_said_once(failures))
            + f". What is done is kept: {_how_to_go_on()} and only the rest is done."
        ) from (first.error if isinstance(first.error, BaseException) else None)


class _Told:
    """One step in the log and the UI: how far it is, and in one line what came of it."""

    def __init__(self, step: str, shards: Collection[str], accounts: Accounts) -> None:
        self._step = step
        self._shards = [] if set(shards) == {"all"} else [_shards(len(shards))]
        self._accounts = accounts
        self._before = (accounts.cached, len(accounts.failures))
        self._start = time.monotonic()
        self._progress = StepProgress(step, len(shards))

    def shard_done(self) -> None:
        self._progress.shard_done()

    def step_done(self, results: Iterable[object]) -> None:
        cached = self._accounts.cached - self._before[0]
        failed = len(self._accounts.failures) - self._before[1]
        words = self._shards + [f"{cached} from the cache"] * bool(cached)
        words += [f"{failed} failed"] * bool(failed)
        words.append(f"{time.monotonic() - self._start:.1f} s")
        counts = [row for one in results for row in getattr(one, "counts", ())]
        get_run_logger().info(
            "%s: %s%s",
            self._step,
            ", ".join(words),
            "".join(f"; {_counted(row)}" for row in _added_up(counts)),
        )


def _shards(number: int) -> str:
    return "1 shard" if number == 1 else f"{number:,} shards"


def _counted(row: StepCount) -> str:
    dropped = dropped_in_words(row)
    return f"{row.kept:,} of {row.taken:,} {row.unit} kept" + (
        f", left out: {dropped}" if dropped else ""
    )


_task_runs = logging.getLogger("prefect.task_runs")


def _says_more_than_completed(record: logging.LogRecord) -> bool:
    """The line of its step says of a task run that it went well; Prefect's hundreds say no more."""
    return record.levelno > logging.INFO or not str(record.msg).startswith("Finished in state")


def _how_to_go_on() -> str:
    """What to do about a failed run: the button works for runs of a deployment only."""
    context = FlowRunContext.get()
    run = context and context.flow_run
    assert run, "shards are worked on in flow runs"  # noqa: S101
    with get_client(sync_client=True) as client:
        whole = whole_run(client, run)
    command = f"`case2code retry {whole.id}`"
    if whole.deployment_id is None:
        return f"run {command}, or the same command again,"
    # The message is shown on the pages of both.
    which = "this run" if whole.id == run.id else f'the run "{whole.name}"'
    return f"press Retry on {which} in the Prefect UI, or run {command},"


def _said_once(failures: Sequence[Failure]) -> list[str]:
    """A sentence for each different error, with all the shards that it stopped."""
    shards: dict[tuple[str, str], list[str]] = {}
    for failure in failures:
        shards.setdefault((failure.step, str(failure.error)), []).append(failure.shard)
    return [
        f"{step} failed on shard {', '.join(labels)}: {error}"
        for (step, error), labels in shards.items()
    ]


def by_shard(shards: Iterable[Shard], columns: Sequence[Sequence[Shard]]) -> PerShard:
    """For each shard its reference in every column; shards missing from a column are left out."""
    refs = [{shard.label: shard.ref for shard in column} for column in columns]
    return PerShard(
        (shard.label, tuple(column[shard.label] for column in refs))
        for shard in shards
        if all(shard.label in column for column in refs)
    )


def _has_all(shard: Shard, same: Mapping[str, Any]) -> bool:
    """Whether no earlier step failed on what this shard needs."""
    return all(shard.label in value for value in same.values() if isinstance(value, PerShard))


def _result_storage(store: str) -> StepResults:
    """The saved block; named after the store, so that every run on it shares one."""
    return _saved(store, PREFECT_API_URL.value() or "")


@cache
def _saved(store: str, _server: str) -> StepResults:
    """Once in a process and on a server: a study runs dozens of flows, and a busy one says 503."""
    name = f"store-{hashlib.sha256(store.encode()).hexdigest()[:16]}"
    block = StepResults(url=store)
    block.save(name, overwrite=True)
    return block


def _added_up(counts: Iterable[StepCount]) -> Iterable[StepCount]:
    by_step: dict[str, list[StepCount]] = {}
    for row in counts:
        by_step.setdefault(row.step, []).append(row)
    for step, rows in by_step.items():
        dropped: dict[Any, int] = {}
        for row in rows:
            for reason, number in row.dropped.items():
                dropped[reason] = dropped.get(reason, 0) + number
        yield StepCount(
            step=step,
            unit=rows[0].unit,
            taken=sum(row.taken for row in rows),
            kept=sum(row.kept for row in rows),
            dropped=dict(sorted(dropped.items())),
        )
