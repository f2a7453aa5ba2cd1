"""Calls a flow for a command: on a Prefect server, watched by bars, ended in order."""

import os
from collections.abc import Callable
from contextlib import ExitStack
from typing import Protocol, TypeVar

from flows.cli.interrupts import finishing_on_interrupt
from flows.cli.screen import Bars, stderr
from flows.progress import watched_by
from flows.server import prefect_api, wait_until_recorded
from flows.server.places import ServerFiles
from flows.server.watching import watching_the_server
from tasks.settings import load_settings


class Ran(Protocol):
    """What a flow returns that says how its run went."""

    @property
    def flow_run(self) -> str:
        """Its id."""

    @property
    def task_runs(self) -> int:
        """How many the server shall remember."""


S = TypeVar("S", bound=Ran)


def run_flow(call: Callable[[], S], stops: str, *, verbose: bool = False) -> S:
    """What the flow returns.

    Args:
        call: Imports the flow, which takes seconds, and calls it.
        stops: What Ctrl-C leaves behind, for the person who pressed it.
        verbose: Show Prefect's log.
    """
    if not verbose:
        os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    with ExitStack() as stack:
        with stderr.status("finding a Prefect server, or starting one"):
            home = load_settings().home
            api = stack.enter_context(prefect_api(home))
        stack.enter_context(watching_the_server(home, api, end_without_a_server))
        with Bars() as bars, watched_by(bars), finishing_on_interrupt(stops):
            summary = call()
        with stderr.status("letting the Prefect server record the run"):
            wait_until_recorded(api, summary.flow_run, summary.task_runs)
    return summary


def end_without_a_server() -> None:
    """Says why, and ends the process at once; the kernel ends its jails."""
    log = ServerFiles(load_settings().home).log
    stderr.print(
        f"error: the Prefect server has died (see the end of {log}); what is done is kept: "
        "run the same command again",
        highlight=False,
        soft_wrap=True,
    )
    os._exit(1)
