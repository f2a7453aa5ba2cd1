"""One misbehaving server for the tests of a file, made well again before each."""

from collections.abc import Iterator

import pytest

from tests.tasks.models.serving import ModelServer


@pytest.fixture(scope="module")
def running_server() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


@pytest.fixture
def server(running_server: ModelServer) -> ModelServer:
    running_server.reset()
    return running_server
