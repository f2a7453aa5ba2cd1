"""A person opens the page of a failed run in the Prefect UI and presses Retry."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client

from flows import rerunning
from flows.build_dataset import build_dataset
from tests.browser import IN_CHROMIUM, launched
from tests.faulty_s3 import faulty_s3
from tests.flows.retrying import Builds, deployed, s3_environment

pytestmark = [*IN_CHROMIUM, pytest.mark.usefixtures("prefect_server", "no_waiting")]


@pytest.fixture
def builds(
    tmp_path: Path, s3_endpoint: str, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Builds]:
    with faulty_s3(s3_endpoint) as s3:
        for name, value in s3_environment(s3.url).items():
            monkeypatch.setenv(name, value)
        yield Builds(tmp_path, s3, bucket)


def test_retry_pressed_in_the_ui_puts_the_run_of_a_command_back_on_the_schedule(
    builds: Builds, prefect_server: str, tmp_path: Path
) -> None:
    with deployed(build_dataset, "refresh"), launched() as browser:
        run, _ = builds.fail()
        page = browser.new_page(viewport={"width": 1200, "height": 760})
        page.goto(f"{prefect_server.removesuffix('/api')}/runs/flow-run/{run.id}")
        page.get_by_role("button", name="Retry", exact=True).first.click()
        page.get_by_text(f"Retry {run.name}?").wait_for()
        page.screenshot(path=tmp_path / "retry.png")
        page.get_by_role("dialog").get_by_role("button", name="Retry", exact=True).click()
        page.get_by_text("AwaitingRetry").first.wait_for()
        assert page.get_by_text(re.compile("execute failed on shard .*AccessDenied")).count()
        with get_client(sync_client=True) as client:
            again = client.read_flow_run(run.id)
    assert again.state is not None
    assert (again.state.name, again.deployment_id) == ("AwaitingRetry", run.deployment_id)
    assert (tmp_path / "retry.png").stat().st_size > 0
    assert rerunning.rerun_here(again).dataset.functions > 0
