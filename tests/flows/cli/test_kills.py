"""A build killed at any moment goes on where it was, and leaves nothing running."""

import hashlib
import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.flows.cli.conftest import arguments, environment, result_of
from tests.flows.corpus import write_corpus
from tests.flows.migrated import home_with_a_database
from tests.flows.processes import Process, descendants, left_of

STEPS = ["collect", "extract", "deduplicate", "inputs", "execute", "filters", "prompts"]


class Builds:
    """Builds of one small corpus, each in a process with a Prefect server of its own."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder = folder
        self.home = home
        self.corpus = write_corpus(folder)
        self.config = folder / "config.yaml"
        self.config.write_text("benchmarks: []")
        self.seen: set[Process] = set()

    def start(self, store: str, **others: str) -> subprocess.Popen[str]:
        words = ["build", "--corpus", self.corpus, "--config", self.config, "--json"]
        return subprocess.Popen(
            arguments(*words, "--store", self.folder / store),
            env=environment(self.home, **others),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def finish(self, store: str, **others: str) -> dict[str, str]:
        """Runs to the end; the digest of every file of the data set."""
        process = self.start(store, **others)
        stdout, stderr = process.communicate(timeout=240)
        done = subprocess.CompletedProcess([], process.returncode, stdout, stderr)
        folder = Path(result_of(done)["path"])
        return {
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.rglob("*")
            if path.is_file()
        }

    def kill_when(self, store: str, step: str, shards: int) -> None:
        """Kills a build as soon as that many shards of a step are done."""
        process = self.start(store)
        results = self.folder / store / "results" / step
        try:
            while process.poll() is None and _files(results) < shards:
                time.sleep(0.005)
            ended = process.poll() is not None
            self.seen |= descendants(process.pid) | self._keepers()
        finally:
            process.send_signal(signal.SIGKILL)
            _, said = process.communicate()
        assert not ended, f"it ended before {step} had done {shards} shards: {said}"

    def _keepers(self) -> set[Process]:
        """The keeper has no parent of ours: it is found by the home that it keeps."""
        found: set[Process] = set()
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                try:
                    command = (entry / "cmdline").read_bytes()
                except OSError:
                    continue
                if b"flows.server.keeper" in command and str(self.folder).encode() in command:
                    found |= descendants(int(entry.name))
        return found


def _files(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


@pytest.fixture
def builds(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Builds:
    return Builds(tmp_path, home_with_a_database(tmp_path / "home", tmp_path_factory))


@pytest.fixture(scope="module")
def undisturbed(prefect_server: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a build comes to that nobody kills."""
    folder = tmp_path_factory.mktemp("undisturbed")
    return Builds(folder, folder / "home").finish("store", PREFECT_API_URL=prefect_server)


def test_killed_three_times_a_build_ends_like_an_undisturbed_one(
    builds: Builds, undisturbed: dict[str, str]
) -> None:
    rng = random.Random(20_241)
    for step in ("extract", "inputs", "prompts"):
        builds.kill_when("disturbed", step, rng.randint(1, 3))
    assert left_of(builds.seen) == []
    assert len(builds.seen) > 6, "jails, keepers and servers were seen"
    assert builds.finish("disturbed") == undisturbed


def test_interrupted_a_build_says_what_happens_and_leaves_nothing(builds: Builds) -> None:
    process = builds.start("interrupted")
    results = builds.folder / "interrupted" / "results" / "extract"
    while process.poll() is None and _files(results) < 1:
        time.sleep(0.01)
    seen = descendants(process.pid)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "the shards under way are finished first" in stderr
    assert "run the same command again" in stderr
    assert "Traceback" not in stderr
    assert stdout == ""
    assert left_of(seen) == []


@pytest.mark.soak
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("seed", range(3))
def test_killed_at_any_step_a_build_ends_like_an_undisturbed_one(
    builds: Builds, undisturbed: dict[str, str], step: str, seed: int
) -> None:
    # Deduplication sees all shards at once.
    last = 1 if step == "deduplicate" else 3
    builds.kill_when("disturbed", step, random.Random(f"{step}:{seed}").randint(1, last))
    assert left_of(builds.seen) == []
    assert builds.finish("disturbed") == undisturbed
