"""`case2code up` and `case2code deploy`."""

import os
import signal
import subprocess
import threading
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.table import Table

from flows.cli.interrupts import INTERRUPTED
from flows.cli.screen import print_json, stderr
from flows.server import prefect_api
from flows.server.declared import (
    Declared,
    PoolType,
    declared,
    deployments,
    missing_for_training,
)
from flows.server.places import ServerFiles
from flows.server.stack import only_one, workers
from flows.server.watching import watching_the_server
from tasks.errors import ConfigError, ServerError
from tasks.settings import load_settings

POLL_SECONDS = 0.2
_AGAIN = "run `case2code up` again, and press Retry on the runs that were under way"
Parameters = Annotated[
    str, typer.Option(help="Of the deployments: smoke, full, or a YAML file by deployment.")
]


def up(
    *,
    parameters: Parameters = "smoke",
    json: Annotated[
        bool, typer.Option("--json", help="Print where everything is as one JSON object.")
    ] = False,
) -> None:
    """Run everything on this machine: Prefect server and UI, work pools, workers, deployments.

    It stays in the foreground; Ctrl-C ends all of it, and runs under way can be retried later.
    Commands in other terminals use this server as well. Artifacts go to CASE2CODE_STORE, or to a
    folder of your user. The server listens on loopback alone; to have it elsewhere, start it by
    `prefect server start --host` and name it in PREFECT_API_URL.
    """
    settings, server = load_settings(), declared()
    missing = missing_for_training()
    content = deployments(parameters, chained=not missing)
    stop = _stop_on_signals()
    files = ServerFiles(settings.home)
    with ExitStack() as stack:
        stack.enter_context(only_one(files))
        with stderr.status("starting the Prefect server"):
            api = stack.enter_context(prefect_api(settings.home))
        if stop.is_set():
            return
        notes = _deploy(content, server, "process", Path.cwd()) + _no_training(missing)
        notes += _give_up_leftovers(server, api, files)
        if stop.is_set():
            return
        gone = threading.Event()
        stack.enter_context(watching_the_server(settings.home, api, gone.set))
        # For a run whose end no worker could report any more.
        stack.callback(lambda: gone.is_set() or _give_up_leftovers(server, api, files))
        keeper = stack.enter_context(workers(list(server.pools), files.workers_log))
        url = api.removesuffix("/api")
        if json:
            names = [one["name"] for one in content["deployments"]]
            print_json({"ui": url, "api": api, "deployments": names})
        _say(
            content["deployments"],
            url,
            settings.store_url,
            [*notes, f"log        {files.workers_log}"],
        )
        stderr.print("Ctrl-C stops it", highlight=False)
        _wait(stop, gone, keeper, files)
        stderr.print("stopping: runs under way are told, and can be retried")


def deploy(
    *,
    parameters: Parameters = "full",
    pools: Annotated[
        str, typer.Option(help="Type of the work pools: process, docker or kubernetes.")
    ] = "process",
) -> None:
    """Put pools, limits, deployments and notifications on the server of PREFECT_API_URL.

    Then start workers where the runs shall be: `prefect worker start --pool data`.
    """
    from prefect.settings import PREFECT_API_URL  # noqa: PLC0415 - a second

    types: dict[str, PoolType] = {
        "process": "process",
        "docker": "docker",
        "kubernetes": "kubernetes",
    }
    if pools not in types:
        raise ConfigError(f"{pools!r} is no type of pools: {', '.join(types)}")
    if not PREFECT_API_URL.value():
        raise ServerError("set PREFECT_API_URL to your server; for one of your own: case2code up")
    content = deployments(parameters)
    notes = _deploy(content, declared(), types[pools], Path.cwd())
    url = str(PREFECT_API_URL.value()).removesuffix("/api")
    _say(content["deployments"], url, load_settings().store_url, notes)


def _deploy(
    content: dict[str, object], server: Declared, pool_type: PoolType, folder: Path
) -> list[str]:
    with stderr.status("deploying"):
        from flows.server.deploying import put_on_server  # noqa: PLC0415 - seconds

        return put_on_server(content, server, pool_type, folder)


def _no_training(missing: list[str]) -> list[str]:
    """Of the worker that `up` starts here; what those of others have, only they know."""
    if not missing:
        return []
    names = ", ".join(missing)
    install = "pip install 'case2code[train]'"
    return [f"no training follows a new version: {names} missing ({install})"]


def _stop_on_signals() -> threading.Event:
    """Set by the first Ctrl-C or SIGTERM; the second ends the process, and the kernel the rest."""
    stop = threading.Event()

    def hear(_: int, __: FrameType | None) -> None:
        if stop.is_set():
            os._exit(INTERRUPTED)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, hear)
    return stop


def _give_up_leftovers(server: Declared, api: str, files: ServerFiles) -> list[str]:
    """Names of the runs; none on a server of others, whose workers may be at work on them."""
    if files.announced_url() != api:
        return []
    from prefect.client.orchestration import get_client  # noqa: PLC0415 - seconds

    from flows.server.leftovers import give_up_leftovers  # noqa: PLC0415 - as above

    with get_client(sync_client=True) as client:
        return [
            f"left behind, to be retried: {run}"
            for run in give_up_leftovers(client, [*server.pools])
        ]


def _say(declared_here: list[dict[str, object]], url: str, store: str, notes: list[str]) -> None:
    table = Table(title="What can be started", title_justify="left")
    for column in ("deployment", "pool", "starts"):
        table.add_column(column)
    for one in declared_here:
        pool = one["work_pool"]
        assert isinstance(pool, dict), "prefect.yaml names a pool for each"  # noqa: S101
        table.add_row(str(one["name"]), str(pool["name"]), _starts(one))
    stderr.print(table)
    for note in notes:
        stderr.print(note, highlight=False, soft_wrap=True)
    stderr.print(f"store      {store}", highlight=False, soft_wrap=True)
    stderr.print(f"Prefect UI {url}/deployments", highlight=False, soft_wrap=True)


def _starts(deployment: dict[str, object]) -> str:
    """`on demand; 0 3 * * * UTC; train on a new version`."""
    schedules, triggers = deployment.get("schedules"), deployment.get("triggers")
    found = ["on demand"]
    if isinstance(schedules, list):
        found += [f"{one['cron']} {one['timezone']}" for one in schedules]
    if isinstance(triggers, list):
        found += [str(one["name"]) for one in triggers if one["enabled"]]
    return "; ".join(found)


def _wait(
    stop: threading.Event,
    gone: threading.Event,
    keeper: "subprocess.Popen[bytes]",
    files: ServerFiles,
) -> None:
    """Until it is told to stop. Raises ServerError where the server or a worker has died."""
    while not stop.wait(POLL_SECONDS):
        if gone.is_set():
            raise ServerError(f"the Prefect server has died, see {files.log}; {_AGAIN}")
        if keeper.poll() is not None:
            raise ServerError(f"a worker has died, see {files.workers_log}; {_AGAIN}")
