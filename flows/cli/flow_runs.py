"""Calls a flow for a command: on a Prefect server, watched by bars, ended in order."""

import os
from collections.abc import Callable
from contextlib import ExitStack
from typing import Protocol, TypeVar

from flows.cli.interrupts import finishing_on_interrupt
from flows.cli.screen import Bars, stderr
from flows.progress import watched_by
from flows.server import prefect_api, wait_until_recorded
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
            api = stack.enter_context(prefect_api(load_settings().home))
        with Bars() as bars, watched_by(bars), finishing_on_interrupt(stops):
            summary = call()
        with stderr.status("letting the Prefect server record the run"):
            wait_until_recorded(api, summary.flow_run, summary.task_runs)
    return summary
