"""`case2code up`."""

import signal
import threading
from contextlib import ExitStack
from typing import Annotated

import typer

from flows.cli.screen import print_json, stderr
from flows.server import prefect_api
from tasks.settings import load_settings


def up(
    *,
    json: Annotated[
        bool, typer.Option("--json", help="Print the address as one JSON object.")
    ] = False,
) -> None:
    """Run the Prefect server in the foreground, to look at past runs in its UI.

    It is the server that `case2code build` starts for itself, on the same database: a build
    that runs meanwhile uses this one. Ctrl-C stops it.
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with ExitStack() as stack:
        with stderr.status("starting the Prefect server"):
            api = stack.enter_context(prefect_api(load_settings().home))
        url = api.removesuffix("/api")
        if json:
            print_json({"ui": url, "api": api})
        stderr.print(f"Prefect UI: {url}\nCtrl-C stops it", highlight=False)
        stop.wait()
