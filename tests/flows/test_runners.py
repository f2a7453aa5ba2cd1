"""The same steps in threads, processes, on Dask and on Ray: the same bytes, nothing lost."""

import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import distributed
import pytest

from flows.build_dataset import build_dataset
from flows.progress import Unwatched, watched_by
from flows.server import wait_until_recorded
from tasks.errors import ConfigError, StepFailedError
from tasks.records.artifacts import ArtifactRef
from tasks.records.configs import BuildConfig
from tasks.records.runners import Runner, RunnerKind
from tasks.records.steps import BuildSummary, Shard
from tasks.settings import Settings
from tasks.store.artifacts import open_store
from tests.flows.corpus import write_corpus
from tests.flows.processes import descendants, left_of
from tests.flows.where import Whereabouts, dying, looking

ROOT = Path(__file__).parents[2]
ONE_FOR_EACH_SHARD = ("text/case.py", "lists/copied.py")

pytestmark = [
    pytest.mark.usefixtures("prefect_server", "no_waiting"),
    # One worker of the test run holds what takes seconds to start.
    pytest.mark.xdist_group("runners"),
]

needs_ray = pytest.mark.skipif(
    importlib.util.find_spec("prefect_ray") is None,
    reason="Ray is not installed: 250 MB, the extra `ray`",
)


@pytest.fixture(scope="module")
def built(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[Runner], BuildSummary]:
    folder = tmp_path_factory.mktemp("built")
    corpus = write_corpus(folder, ONE_FOR_EACH_SHARD)
    config = BuildConfig(corpus=(str(corpus),), shards=2, benchmarks=())

    def build(runner: Runner) -> BuildSummary:
        store = str(folder / runner.kind / str(bool(runner.address)))
        return build_dataset(config, store=store, workers=2, runner=runner)

    return build


@pytest.fixture(scope="module")
def in_threads(
    prefect_server: str,  # noqa: ARG001 - a flow of a module needs it as well
    built: Callable[[Runner], BuildSummary],
) -> BuildSummary:
    return built(Runner())


@pytest.fixture(scope="module")
def scheduler(prefect_server: str) -> Iterator[str]:  # noqa: ARG001 - its workers ask for it
    """The address of a Dask cluster of two processes that outlives the flows."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    ) as cluster:
        yield cluster.scheduler_address


@pytest.mark.parametrize(
    "kind", [RunnerKind.PROCESSES, RunnerKind.DASK, pytest.param(RunnerKind.RAY, marks=needs_ray)]
)
def test_the_bytes_are_those_that_threads_give(
    kind: RunnerKind,
    in_threads: BuildSummary,
    built: Callable[[Runner], BuildSummary],
    prefect_server: str,
) -> None:
    summary = built(Runner(kind=kind))
    assert summary.dataset == in_threads.dataset
    assert (summary.task_runs, summary.cached_steps) == (in_threads.task_runs, 0)
    # The states of task runs, which come from the workers, all arrived before those ended.
    assert wait_until_recorded(prefect_server, summary.flow_run, summary.task_runs)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return str(tmp_path / "store")


def shards_in(url: str, number: int) -> tuple[Shard, ...]:
    with open_store(url, Settings()) as store:
        return tuple(
            Shard(
                label=f"{n:02d}",
                ref=store.put_records(
                    "place", Whereabouts, [Whereabouts(process=n, parent=number)]
                ),
            )
            for n in range(number)
        )


def whereabouts(url: str, ref: ArtifactRef) -> Whereabouts:
    with open_store(url, Settings()) as store:
        return next(iter(store.read_records(ref, Whereabouts)))


def test_steps_run_in_processes_of_their_own_and_who_watches_hears_them(url: str) -> None:
    class Heard(Unwatched):
        def __init__(self) -> None:
            self.lines: list[str] = []

        def said(self, text: str) -> None:
            self.lines.append(text)

    heard = Heard()
    with watched_by(heard):
        done = looking(url, Runner(kind=RunnerKind.PROCESSES), shards_in(url, 3))
    places = [whereabouts(url, shard.ref) for shard in done]
    assert os.getpid() not in {place.process for place in places}
    assert {place.parent for place in places} == {os.getpid()}
    deadline = time.monotonic() + 120
    while len(heard.lines) < 3 and time.monotonic() < deadline:  # the log is read in a thread
        time.sleep(0.05)
    assert sorted(heard.lines) == ["00 is here", "01 is here", "02 is here"]


@pytest.mark.soak
def test_a_cluster_that_is_up_is_used_and_left_up(url: str, scheduler: str) -> None:
    runner = Runner(kind=RunnerKind.DASK, address=scheduler)
    places = [
        whereabouts(url, shard.ref)
        for number in (2, 4)
        for shard in looking(url, runner, shards_in(url, number))
    ]
    with distributed.Client(scheduler, set_as_default=False) as client:
        workers = set(client.run(os.getpid).values())
    assert len(workers) == 2
    assert {place.process for place in places} <= workers


@pytest.mark.soak
def test_a_worker_that_dies_fails_its_shard_and_says_so(url: str) -> None:
    with pytest.raises(StepFailedError, match=r"die failed on shard .*01.*: its worker was lost"):
        dying(url, Runner(kind=RunnerKind.PROCESSES), shards_in(url, 2))


@pytest.mark.soak
@pytest.mark.timeout(1200)  # Ray takes minutes to start beside a training
@pytest.mark.parametrize(
    "kind", [RunnerKind.PROCESSES, RunnerKind.DASK, pytest.param(RunnerKind.RAY, marks=needs_ray)]
)
def test_a_flow_that_is_killed_leaves_no_worker_behind(
    kind: RunnerKind, url: str, tmp_path: Path, prefect_server: str
) -> None:
    shards = [shard.model_dump_json() for shard in shards_in(url, 2)]
    begin = (
        "import sys; from tests.flows.where import *; "
        "lingering(sys.argv[1], Runner(kind=sys.argv[2]), "
        "tuple(map(Shard.model_validate_json, sys.argv[3:])))"
    )
    started = subprocess.Popen(
        [sys.executable, "-c", begin, url, kind, *shards],
        cwd=ROOT,
        env=os.environ | {"PREFECT_API_URL": prefect_server},
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 900
        while len(list(tmp_path.glob("begun-*"))) < 2:
            assert started.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        processes = descendants(started.pid)
        assert len(processes) > 2
    finally:
        started.kill()
        started.wait()
    # Two agents of Ray look for its dead server for a minute before they go.
    assert left_of(processes, seconds=300) == []


@pytest.mark.parametrize("kind", [RunnerKind.DASK, RunnerKind.RAY])
def test_a_runner_that_is_not_installed_names_its_extra(
    kind: RunnerKind, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, f"prefect_{kind}.task_runners", None)
    with pytest.raises(ConfigError, match=rf"pip install 'case2code\[{kind}\]'"):
        looking(url, Runner(kind=kind), shards_in(url, 1))
