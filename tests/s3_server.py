"""A real S3 server (moto) in a process of its own, for tests and benchmarks."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def s3_server(folder: Path) -> Iterator[str]:
    """Its URL, as long as the block runs; what it says goes into the folder.

    It takes a port by itself and says which: a port that was free a moment ago may by then be
    that of a test in another process.
    """
    log = folder / "server.log"
    with log.open("wb") as sink:
        server = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"],
            stdout=sink,
            stderr=sink,
        )
    try:
        deadline = time.monotonic() + 60
        while not (said := re.search(r"Running on (http://127\.0\.0\.1:\d+)", log.read_text())):
            assert server.poll() is None, f"the S3 server died while starting: {log.read_text()}"
            assert time.monotonic() < deadline, "the S3 server did not start in 60 s"
            time.sleep(0.05)
        yield said[1]
    finally:
        server.kill()
        server.wait()
