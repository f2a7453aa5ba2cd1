"""No command makes Prefect start a server of its own beside the one that `flows.server` keeps."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.flows.cli.conftest import environment

ASKS_WITHOUT_AN_ADDRESS = """
import sys
from flows.cli.main import main
sys.argv[1:] = ["--version"]
try:
    main()
except SystemExit:
    from prefect.client.orchestration import get_client
    get_client(sync_client=True)
"""


def test_where_a_command_knows_no_server_prefect_raises_and_starts_none(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASKS_WITHOUT_AN_ADDRESS],
        # Prefect's own default, an ephemeral server, is in the profile that it takes.
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.endswith(
        "ValueError: No Prefect API URL provided. "
        "Please set PREFECT_API_URL to the address of a running Prefect server.\n"
    )


def test_in_the_tests_prefect_raises_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from prefect.client.orchestration import get_client
    from prefect.settings import PREFECT_API_URL, temporary_settings

    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    with (
        temporary_settings(restore_defaults={PREFECT_API_URL}),
        pytest.raises(ValueError, match="No Prefect API URL provided"),
    ):
        get_client(sync_client=True)
