"""Waits for a server to have written down what a flow run did.

The states of task runs reach the server as events, well after they happened (30 ms of the
server's CPU each), so a server that is stopped with its flow loses most of them.
"""

import json
import sys
import time
import urllib.error
import urllib.request

POLL_SECONDS = 0.2
PATIENCE_SECONDS = 60.0
KEY_WANTED = frozenset((401, 403))
FLUSH_SECONDS = 10.0
_WORKERS = (
    ("prefect.logging.handlers", "APILogWorker"),
    ("prefect.events.worker", "EventsWorker"),
)
TERMINAL = ["COMPLETED", "FAILED", "CRASHED", "CANCELLED"]


def flush() -> None:
    """Sends the log lines and events that this process still holds back.

    Without it Prefect sends them when the interpreter exits, to a server that has gone.
    """
    for module, worker in _WORKERS:
        if module in sys.modules:
            getattr(sys.modules[module], worker).drain_all(timeout=FLUSH_SECONDS)


def wait_until_recorded(api: str, flow_run: str, task_runs: int) -> bool:
    """Waits until that many task runs stand ended in the server; False if it took too long.

    Not an error: the results are in the store whatever the server remembers.
    """
    flush()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if _ended(api, flow_run, task_runs) >= task_runs:
            return True
        time.sleep(POLL_SECONDS)
    return False


def _ended(api: str, flow_run: str, task_runs: int) -> int:
    body = {
        "flow_runs": {"id": {"any_": [flow_run]}},
        "task_runs": {"state": {"type": {"any_": TERMINAL}}},
    }
    request = urllib.request.Request(  # noqa: S310 - the API that the run went to
        f"{api}/task_runs/count",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return int(answer.read())
    except urllib.error.HTTPError as error:
        # A busy SQLite answers 503 now and then. A server that wants a key, which is not passed
        # on here, is no server of ours: it outlives the command and needs no waiting for.
        return task_runs if error.code in KEY_WANTED else 0
    except OSError:
        return 0
