"""What `case2code ls` costs on S3, by trained models in the store.

    make bench NAME=ls ARGS="--models 200 --rounds 3"

The server is moto's, in a process of its own on the same core, so seconds are mostly its own.
`requests` and `cpu_ms` (of this process) are for one model. The last line is JSON.
Not covered: the way to a server elsewhere, of which as many requests share each wait as
`tasks.store.artifacts.READERS` says.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from flows.list_store import list_store
from tasks.settings import Settings
from tasks.store.artifacts import ArtifactStore, open_store
from tasks.store.s3 import s3_client
from tests.s3_server import s3_server

URL = "s3://listed/store"
ACCOUNT = {
    "base": "org/base",
    "data": {"digest": "0" * 64},
    "steps": 50,
    "curve": [{"step": step, "held_out_loss": 1.5} for step in range(50)],
}


@contextmanager
def server(folder: Path) -> Iterator[Settings]:
    """Settings of an S3 server with an empty bucket."""
    with s3_server(folder) as endpoint:
        settings = Settings(
            s3_endpoint=endpoint,
            s3_region="us-east-1",
            s3_access_key="test",
            s3_secret_key="test",  # noqa: S106 - the server asks for something
        )
        s3_client(settings).create_bucket(Bucket="listed")
        yield settings


def fill(store: ArtifactStore, models: int) -> None:
    """Adapters that are nothing but their accounts."""
    for number in range(models):
        path = store.scratch / "training.json"
        path.write_text(json.dumps(ACCOUNT | {"steps": number}))
        store.put("adapter", {"training.json": path}, rows=1)


def listed(settings: Settings, models: int) -> tuple[float, float]:
    """Seconds of the clock and of this process."""
    wall, own = time.monotonic(), time.process_time()
    with open_store(URL, settings) as store:
        assert len(list_store(store, ("adapter",)).models) == models
    return time.monotonic() - wall, time.process_time() - own


def main() -> None:
    """Prints a line for each round, and the medians as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    sent: list[str] = []
    with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as settings:
        with open_store(URL, settings) as store:
            fill(store, given.models)
        events = s3_client(settings).meta.events
        events.register("before-send.s3", lambda request, **_: sent.append(request.url))
        rounds = [listed(settings, given.models) for _ in range(given.rounds)]
    for wall, own in rounds:
        print(f"{wall:.2f} s, {own:.2f} s of this process")
    result = {
        "requests": len(sent) / given.rounds / given.models,
        "seconds": median(wall for wall, _ in rounds),
        "cpu_ms": median(own for _, own in rounds) / given.models * 1000,
    }
    print(json.dumps({name: round(value, 2) for name, value in result.items()}))


if __name__ == "__main__":
    main()
