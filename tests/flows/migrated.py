"""A database that Prefect has brought up to date once, so that not every server of the tests does.

From nothing it takes a server some eight seconds of CPU time before it answers; that it does so is
seen where a server is what is tested (`server/test_server.py`).
"""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from flows.server.places import ServerFiles, lock


def home_with_a_database(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder with a database in it, of which nobody has made use."""
    home.mkdir(parents=True, exist_ok=True)
    shutil.copy(_made_once(_of_all_workers(tmp_path_factory)), ServerFiles(home).database)
    return home


def _of_all_workers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def _made_once(folder: Path) -> Path:
    """By the first who asks, while the others wait."""
    database = folder / "prefect.db"
    held = lock(folder / "prefect.lock", fcntl.LOCK_EX)
    assert held
    with held:
        if not database.exists():
            made = folder / "prefect.new"
            _migrate(made)
            made.rename(database)
    return database


def _migrate(database: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    subprocess.run(
        [sys.executable, "-m", "prefect", "server", "database", "upgrade", "-y"],
        env=kept | {"PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{database}"},
        stdout=subprocess.DEVNULL,
        check=True,
    )
