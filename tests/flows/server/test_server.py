"""The server of one's own: shared, never doubled, and gone when nobody needs it."""

import multiprocessing
import os
import signal
import time
import urllib.request
from collections.abc import Iterator
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.server import prefect_api
from flows.server.places import ServerFiles
from tasks.errors import ServerError


def processes_naming(text: str) -> list[int]:
    """Live processes with the text in their command line or environment of files."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                command = (entry / "cmdline").read_bytes()
                environment = (entry / "environ").read_bytes()
            except OSError:
                continue
            if text.encode() in command + environment:
                found.append(int(entry.name))
    return found


def wait_until_gone(text: str, seconds: float = 30) -> list[int]:
    deadline = time.monotonic() + seconds
    while (left := processes_naming(text)) and time.monotonic() < deadline:
        time.sleep(0.2)
    return left


def hold(home: str, ready: Event) -> None:
    with prefect_api(Path(home)):
        ready.set()
        time.sleep(600)


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No Prefect API, not even the one of the session that other tests share."""
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    with temporary_settings(restore_defaults={PREFECT_API_URL}):
        yield


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "unique-home"


def test_two_clients_share_one_server_and_a_kill_leaves_nothing(home: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    other = context.Process(target=hold, args=(str(home), ready))
    other.start()
    try:
        with prefect_api(home) as url:
            assert ready.wait(120)
            assert ServerFiles(home).announced_url() == url
            with urllib.request.urlopen(f"{url}/health", timeout=10) as answer:
                assert answer.status == 200
            servers = [
                pid
                for pid in processes_naming(str(home / "prefect.db"))
                if b"server" in Path(f"/proc/{pid}/cmdline").read_bytes()
            ]
            assert len(servers) == 1
        # The other client still holds it.
        time.sleep(1)
        with urllib.request.urlopen(f"{url}/health", timeout=10) as answer:
            assert answer.status == 200
    finally:
        assert other.pid is not None
        os.kill(other.pid, signal.SIGKILL)
        other.join()
    assert wait_until_gone(str(home)) == []


def test_a_configured_api_is_used_as_it_is(home: Path) -> None:
    with (
        temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}),
        prefect_api(home) as url,
    ):
        assert url == "http://127.0.0.1:9/api"
    assert not home.exists()


def test_a_server_that_cannot_start_shows_the_end_of_its_log(
    home: Path,
) -> None:
    home.mkdir()
    (home / "prefect.db").write_text("this is no database, but it is long enough to be read as one")
    with pytest.raises(ServerError, match="the end of"), prefect_api(home):
        pass
    assert wait_until_gone(str(home)) == []


def test_a_home_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ServerError, match="CASE2CODE_HOME"), prefect_api(tmp_path / "file"):
        pass
