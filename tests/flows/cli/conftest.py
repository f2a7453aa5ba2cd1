"""The command as a person runs it: a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., subprocess.CompletedProcess[str]]


def environment(home: Path, **others: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "CASE2CODE_"))}
    return kept | {"CASE2CODE_HOME": str(home), "COLUMNS": "120"} | others


def arguments(*words: object) -> list[str]:
    return [sys.executable, "-m", "flows.cli.main", *map(str, words)]


@pytest.fixture
def case2code(prefect_server: str, tmp_path: Path) -> Command:
    """Runs the command to its end, on the Prefect server of the session."""

    def run(*words: object, **others: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            arguments(*words),
            env=environment(tmp_path / "home", PREFECT_API_URL=prefect_server, **others),
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    return run


def result_of(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The JSON that a command printed, and nothing else on standard output."""
    assert done.returncode == 0, done.stderr
    [line] = done.stdout.splitlines()
    result = json.loads(line)
    assert isinstance(result, dict)
    return result
