"""A real Prefect server for the tests of flows, one for the session."""

from collections.abc import Iterator

import pytest

from flows.server import prefect_api
from tests.flows.migrated import home_with_a_database


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an API on loopback, on a database of its own."""
    home = tmp_path_factory.mktemp("prefect")
    with prefect_api(home_with_a_database(home, tmp_path_factory)) as url:
        yield url


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries without their waits."""
    monkeypatch.setattr("tasks.steps.RETRY_DELAYS", [0.0, 0.0])
