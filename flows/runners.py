"""Starts the task runner of a flow run: threads, processes, a Dask or a Ray cluster.

What each needs so that a step does there what it does in a thread:

- Places and secrets come from the environment. Processes of one's own inherit it; the workers of
  a cluster that is only reached by its address must have been started with it.
- States of task runs and lines of the log are sent to the flow's server before a worker ends: by
  the worker itself on a cluster, by the flow's process for those of a pool.
- Nothing is left behind when the flow's process is killed. (Two agents of Ray go after a minute.)
"""

import ctypes
import logging
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from prefect import Task
from prefect.client.schemas.objects import State, TaskRun
from prefect.context import SettingsContext, get_settings_context
from prefect.events.worker import EventsWorker
from prefect.exceptions import MissingResult
from prefect.futures import PrefectFuture
from prefect.logging.handlers import APILogHandler
from prefect.states import Crashed
from prefect.task_runners import ProcessPoolTaskRunner, TaskRunner, ThreadPoolTaskRunner

from flows.progress import watcher
from tasks import notices
from tasks.errors import ConfigError
from tasks.records.runners import Runner, RunnerKind

LOOPBACK = "127.0.0.1"
_PR_SET_PDEATHSIG = 1

Runners = TaskRunner[Any]


@contextmanager
def started(runner: Runner, workers: int) -> Iterator[Runners]:
    """The runner at work, with that many workers unless a cluster that is up has its own number.

    Raises ConfigError where its packages are not installed.
    """
    starts: dict[RunnerKind, Callable[[Runner, int], Any]] = {
        RunnerKind.THREADS: _threads,
        RunnerKind.PROCESSES: _processes,
        RunnerKind.DASK: _dask,
        RunnerKind.RAY: _ray,
    }
    with starts[runner.kind](runner, workers) as at_work:
        yield at_work


def ended(future: PrefectFuture[Any]) -> State[Any]:
    """Waits for a task run. Where its worker died under it, the state is a crash."""
    try:
        future.wait()
        if future.state.is_final():
            return future.state
        future.result(raise_on_failure=False)
    except Exception as error:  # noqa: BLE001 - each runner has its own for a lost worker
        return Crashed(message=f"its worker was lost: {error or type(error).__name__}")
    return future.state


def error_of(state: State[Any]) -> Any:
    """What a task run that did not complete says of it."""
    try:
        return state.result(raise_on_failure=False)
    except MissingResult:
        return state.message


def _threads(_: Runner, workers: int) -> Runners:
    return ThreadPoolTaskRunner[Any](max_workers=workers)


def _processes(_: Runner, workers: int) -> Runners:
    return ProcessPoolTaskRunner(
        max_workers=workers,
        initializer=_begin_in,
        initargs=(os.getpid(),),
        subprocess_message_processor_factories=[
            partial(_relay, watcher().said, get_settings_context())
        ],
    )


@contextmanager
def _dask(runner: Runner, workers: int) -> Iterator[Runners]:
    try:
        from prefect_dask.task_runners import DaskTaskRunner  # noqa: PLC0415 - an extra, for who chose it
    except ImportError as error:
        raise ConfigError(
            "the task runner dask needs the extra `dask`: pip install 'case2code[dask]'"
        ) from error
    own = {
        "n_workers": workers,
        "threads_per_worker": 1,
        "host": LOOPBACK,
        "dashboard_address": None,
        # Else a worker that passes its share of the machine's memory is killed with its shard.
        "memory_limit": 0,
    }
    given: dict[str, Any] = (
        {"address": runner.address} if runner.address else {"cluster_kwargs": own}
    )
    with DaskTaskRunner(**given) as at_work:
        at_work.client.run(log_what_steps_say)
        yield at_work


@contextmanager
def _ray(runner: Runner, workers: int) -> Iterator[Runners]:
    # Ray reads it when it is imported: without it, a cluster reports its use to Ray's makers.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        from prefect_ray.task_runners import RayTaskRunner  # noqa: PLC0415 - an extra, for who chose it
    except ImportError as error:
        raise ConfigError(
            "the task runner ray needs the extra `ray`: pip install 'case2code[ray]'"
        ) from error
    hook = {"worker_process_setup_hook": f"{__name__}.{log_what_steps_say.__name__}"}
    own = {"num_cpus": workers, "include_dashboard": False, "_node_ip_address": LOOPBACK}
    with RayTaskRunner(
        address=runner.address or None,
        init_kwargs={"log_to_driver": False, "runtime_env": hook} | ({} if runner.address else own),
    ) as at_work:
        yield at_work


def sends_before_it_ends(step: Task[..., Any], runner: Runner) -> Task[..., Any]:
    """On a cluster each task run sends its states itself: a worker is not asked before it ends."""
    if runner.kind not in {RunnerKind.DASK, RunnerKind.RAY}:
        return step
    return step.with_options(on_completion=[_send], on_failure=[_send])


def _send(_: Task[..., Any], __: TaskRun, ___: State[Any]) -> None:
    EventsWorker.instance().wait_until_empty()


def log_what_steps_say() -> None:
    """Called in a worker's process: what a step says is shown in the log of its task run."""
    said = logging.getLogger(notices.__name__)
    said.setLevel(logging.INFO)
    if not said.handlers and not logging.getLogger("tasks").handlers:
        said.addHandler(APILogHandler())
        said.propagate = False  # Prefect may give `tasks` a handler of its own later


def _relay(said: Callable[[str], None], settings: SettingsContext) -> Any:
    """Hands what steps say in a worker's process to who watches the flow.

    Called in the thread that passes on what the workers send. Prefect starts it without the
    settings of the flow: knowing no server, it would start one of its own, on another database,
    which has no flow run for these task runs.
    """
    settings.model_copy().__enter__()  # a copy can be entered; for as long as the thread lives

    def relay(message_type: str, message_payload: Any) -> tuple[str, Any]:
        if message_type == "log" and message_payload["name"] == notices.__name__:
            said(message_payload["message"])
        return message_type, message_payload

    return relay


def _begin_in(parent: int) -> None:
    """Called in each process of a pool. The kernel kills it with its parent: no queue would."""
    log_what_steps_say()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        with suppress(ProcessLookupError):
            os.kill(os.getpid(), signal.SIGKILL)
