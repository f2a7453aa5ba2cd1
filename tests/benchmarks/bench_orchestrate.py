"""What orchestration costs: CPU time of Prefect's server and client, as a share of a build.

    make bench NAME=orchestrate
    make bench NAME=orchestrate ARGS="--corpus stdlib --shards 16"

A build on a data folder of its own, on a Prefect server of its own, one shard at a time. CPU time
is that of process trees, jails included, from /proc. Starting and stopping the server is left out;
what the server still has to write down when the flow has ended is not. With `--workers` above one,
what the flow does while any step works counts as work: there `client_s` is too small, and that of
one worker is to be taken.

| key | what |
| --- | --- |
| `overhead` | `(server_s + client_s) / (work_s + server_s + client_s)`; the aim is below 0.05 |
| `work_s` | inside the functions of the steps |
| `client_s` | the rest of the flow's process, and Prefect's own threads while a step works |
| `server_s` | the server's process tree, from before the flow to its last task run recorded |
| `waiting_s` | of that, what its own loops take in so much time whether anything runs or not |
| `files`, `task_runs`, `per_task_run_ms` | size of the build; orchestration of one task run |

The last line is JSON.
"""

import argparse
import functools
import json
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")

from prefect.tasks import Task

from flows.build_dataset import build_dataset
from flows.server import prefect_api, wait_until_recorded
from flows.server.places import ServerFiles
from flows.shards import ShardRun
from tasks.records.configs import BuildConfig
from tasks.records.steps import BuildSummary

TICKS = os.sysconf("SC_CLK_TCK")
QUIET_SECONDS = 20.0
"""How long a server without work is looked at, after it has come to rest for as long."""
OURS = ("MainThread", "ThreadPoolExecutor", "WorkerThread", "Thread-")
"""How threads are called in which steps and flows run; all others are Prefect's."""


@dataclass
class Work:
    """What the functions of the steps took, and what Prefect's threads did meanwhile."""

    keeper: int
    """The process that holds the server up: a child of this one, and none of its work."""
    seconds: float = 0.0
    prefects: float = 0.0
    active: int = 0
    """Steps at work now."""
    since: tuple[float, float] = (0.0, 0.0)
    """What had been used, by all and by Prefect's threads, when the first of them began."""
    lock: threading.Lock = field(default_factory=threading.Lock)


def main() -> None:
    """Builds once and prints where the CPU time went."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", action="append", help="default: site-packages")
    parser.add_argument("--shards", type=int, default=BuildConfig().shards)
    parser.add_argument("--workers", type=int, default=1, help="shards at a time")
    given = parser.parse_args()
    config = BuildConfig(corpus=tuple(given.corpus or ["site-packages"]), shards=given.shards)
    # The server may still be writing its last lines when the folder goes.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        figures = measured(config, Path(folder), given.workers)
    for name, value in figures.items():
        print(f"{name:>18} {value:,}")
    print(json.dumps(figures))


def measured(config: BuildConfig, home: Path, workers: int) -> dict[str, float]:
    """The figures of one build."""
    with prefect_api(home) as api:
        server = int(json.loads(ServerFiles(home).announcement.read_text())["pid"])
        work = Work(keeper=int(stat(Path(f"/proc/{server}/stat"))[1]))
        idle = idle_share(server)
        server_before, client_before = tree_seconds(server), own_seconds(work)
        with counted(work):
            summary = build_dataset(config, store=str(home / "store"), workers=workers)
        client = own_seconds(work) - client_before - work.seconds + work.prefects
        wait_until_recorded(api, summary.flow_run, summary.task_runs)
        return figures_of(work, client, tree_seconds(server) - server_before, idle, summary)


def idle_share(server: int) -> float:
    """Of a core: what a server uses that nobody asks for anything."""
    time.sleep(QUIET_SECONDS)
    before = tree_seconds(server)
    time.sleep(QUIET_SECONDS)
    return (tree_seconds(server) - before) / QUIET_SECONDS


def figures_of(
    work: Work, client: float, server: float, idle: float, summary: BuildSummary
) -> dict[str, float]:
    """What is printed."""
    step_work = work.seconds - work.prefects
    orchestration = client + server
    return {
        "overhead": round(orchestration / (step_work + orchestration), 4),
        "work_s": round(step_work, 1),
        "client_s": round(client, 1),
        "server_s": round(server, 1),
        "waiting_s": round(idle * summary.seconds, 1),
        "files": summary.dataset.funnel.steps[0].taken,
        "functions": summary.dataset.functions,
        "task_runs": summary.task_runs,
        "per_task_run_ms": round(1000 * orchestration / summary.task_runs, 1),
        "seconds": summary.seconds,
    }


@contextmanager
def counted(work: Work) -> Iterator[None]:
    """Counts the CPU time inside the functions of all steps."""
    original = ShardRun._with_storage

    def with_counter(run: ShardRun, step: Task[..., Any]) -> Task[..., Any]:
        made = original(run, step).with_options()
        made.fn = counting(made.fn, work)
        return made

    ShardRun._with_storage = with_counter  # type: ignore[method-assign]
    try:
        yield
    finally:
        ShardRun._with_storage = original  # type: ignore[method-assign]


def counting(function: Callable[..., Any], work: Work) -> Callable[..., Any]:
    """The function; while any such works, what is used is work, but for Prefect's own threads."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        with work.lock:
            if not work.active:
                work.since = own_seconds(work), prefect_threads_seconds()
            work.active += 1
        try:
            return function(*args, **kwargs)
        finally:
            with work.lock:
                work.active -= 1
                if not work.active:
                    work.seconds += own_seconds(work) - work.since[0]
                    work.prefects += prefect_threads_seconds() - work.since[1]

    return call


def own_seconds(work: Work) -> float:
    """CPU time of this process and of the jails below it."""
    return tree_seconds(os.getpid(), without=work.keeper)


def tree_seconds(root: int, without: int = 0) -> float:
    """CPU time of a process, of all below it, and of those below it that have ended."""
    children: dict[int, list[int]] = {}
    spent: dict[int, float] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := stat(entry / "stat")):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
            spent[int(entry.name)] = sum(map(int, fields[11:15])) / TICKS
    total, waiting = 0.0, [root]
    while waiting:
        process = waiting.pop()
        total += spent.get(process, 0.0)
        waiting += [child for child in children.get(process, []) if child != without]
    return total


def prefect_threads_seconds() -> float:
    """CPU time of those threads of this process that are Prefect's own."""
    total = 0.0
    for thread in threading.enumerate():
        if not thread.name.startswith(OURS):
            fields = stat(Path(f"/proc/self/task/{thread.native_id}/stat"))
            total += sum(map(int, fields[11:13])) / TICKS
    return total


def stat(path: Path) -> list[str]:
    """The fields of a `stat` file from the third (state) on; none where the process has gone."""
    try:
        return path.read_text().rpartition(")")[2].split()
    except OSError:
        return []


if __name__ == "__main__":
    main()
