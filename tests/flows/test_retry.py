"""A build that failed goes on: with the button of the UI and a worker, or in the foreground."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.states import Running

from flows import rerunning
from flows.build_dataset import build_dataset
from flows.server.recording import wait_until_recorded
from tasks.errors import ConfigError
from tasks.records.artifacts import ArtifactRef
from tasks.settings import Settings
from tests.faulty_s3 import faulty_s3
from tests.flows.cli.conftest import Command, case2code, result_of  # noqa: F401 - a fixture
from tests.flows.retrying import (
    Builds,
    contents,
    deployed,
    press_retry,
    s3_environment,
    small_build,
    task_runs_since,
    until_ended,
    worker,
)

pytestmark = pytest.mark.usefixtures("prefect_server", "no_waiting")


@dataclass(frozen=True)
class Undisturbed:
    ref: ArtifactRef
    files: dict[str, str]
    """The digest of each."""


LOOKS = {"discover", "find benchmarks", "find earlier data sets"}
"""Steps that only look at what there is, and are never cached."""


@pytest.fixture
def builds(
    tmp_path: Path, s3_endpoint: str, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Builds]:
    with faulty_s3(s3_endpoint) as s3:
        for name, value in s3_environment(s3.url).items():
            monkeypatch.setenv(name, value)
        yield Builds(tmp_path, s3, bucket)


@pytest.fixture(scope="module")
def undisturbed(prefect_server: str, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:  # noqa: ARG001 - is there
    """What the build comes to where nothing happens, on a folder."""
    folder = tmp_path_factory.mktemp("undisturbed")
    store = str(folder / "store")
    ref = small_build(folder, store).dataset.ref
    return Undisturbed(ref, contents(store, Settings(), ref.key))


def test_the_button_gives_a_failed_build_to_a_worker_which_does_only_what_is_missing(
    builds: Builds,
    undisturbed: Undisturbed,
    prefect_server: str,
    tmp_path: Path,
    s3_settings: Settings,
) -> None:
    with deployed(build_dataset, "retries"):
        run, said = builds.fail()
        bad = said.partition("execute failed on shard ")[2].partition(":")[0]
        assert run.name == "build corpus"
        assert "AccessDenied" in said
        assert (
            f"press Retry on this run in the Prefect UI, or run `case2code retry {run.id}`" in said
        )
        began = datetime.now(UTC).isoformat()
        press_retry(prefect_server, run)
        with worker(prefect_server, "retries", tmp_path, **s3_environment(builds.s3.url)):
            ended = until_ended(run)
    assert ended.state is not None
    assert ended.state.is_completed(), (tmp_path / "worker.log").read_text()
    assert (ended.id, ended.run_count) == (run.id, 2)
    wait_until_recorded(prefect_server, str(run.id), 50)
    states = task_runs_since(prefect_server, run, began)
    follows = ("execute", "filters", "group", "weigh", "prompts")
    done = LOOKS | {f"{step} {bad}" for step in follows} | {"dataset all", "report all"}
    recorded = [name for name in states["Completed"] if name.startswith("record-asset")]
    assert {*states["Completed"]} == done | {*recorded}
    assert len(recorded) == 1
    assert sorted(states) == ["Cached", "Completed"]
    assert undisturbed.files
    assert contents(builds.store, s3_settings, undisturbed.ref.key) == undisturbed.files


def test_a_run_without_a_deployment_is_retried_in_the_foreground_by_the_command(
    builds: Builds,
    undisturbed: Undisturbed,
    case2code: Command,  # noqa: F811 - the fixture
) -> None:
    run, said = builds.fail()
    assert f"run `case2code retry {run.id}`, or the same command again" in said
    result = result_of(case2code("retry", run.id, "--json", **s3_environment(builds.s3.url)))
    assert result["ref"] == undisturbed.ref.digest
    assert result["name"] == "small"
    assert result["cached_steps"] > result["task_runs"] / 2
    with get_client(sync_client=True) as client:
        again = client.read_flow_run(run.id)
    assert again.state is not None
    assert (again.state.name, again.run_count) == ("Completed", 2)


def test_a_run_that_may_be_at_work_is_left_alone_unless_told() -> None:
    with get_client(sync_client=True) as client:
        run = client.create_flow_run(build_dataset, name="still-at-it", state=Running())
        found = rerunning.find_run(client, "still-at-it")
        assert found.id == run.id
        with pytest.raises(ConfigError, match=r"still-at-it is Running.*--force"):
            rerunning.require_ended(found)
        assert not rerunning.is_served(client, found)
        with pytest.raises(ConfigError, match="no flow run has the id or name 'nothing'"):
            rerunning.find_run(client, "nothing")


def test_a_flow_of_somebody_else_is_not_run() -> None:
    with pytest.raises(ConfigError, match="other is no flow of case2code"):
        rerunning.flow_named("other")


@pytest.mark.parametrize("name", ["build-dataset", "solve", "grade-difficulty", "compare-writers"])
def test_a_flow_is_found_by_its_name(name: str) -> None:
    assert rerunning.flow_named(name).name == name
