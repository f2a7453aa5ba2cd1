"""Giving up permissions, so that tests of them mean something when root runs them."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

NOBODY = 65534


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user of the machine can enter."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        path.chmod(0o755)
        yield path
        for inner in path.iterdir():
            inner.chmod(0o755)


@pytest.fixture
def as_nobody() -> Iterator[Callable[[], None]]:
    """Call it to go on without the rights of root; the test's end brings them back."""
    user = os.geteuid()

    def drop() -> None:
        if user == 0:
            os.seteuid(NOBODY)

    yield drop
    os.seteuid(user)
