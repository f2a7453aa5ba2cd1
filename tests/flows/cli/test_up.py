"""What `up` and `deploy` say before they begin, and what they say runs."""

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.cli.up import _no_training, _say, _starts, deploy, up
from flows.server.declared import deployments
from tasks.errors import ConfigError, ServerError


def test_a_deployment_is_listed_with_all_that_starts_it() -> None:
    listed = {one["name"]: _starts(one) for one in deployments("smoke")["deployments"]}
    assert listed["refresh"] == "on demand; 0 3 * * * UTC"
    assert listed["train"] == "on demand; train on a new version"
    off = {one["name"]: _starts(one) for one in deployments("smoke", chained=False)["deployments"]}
    assert off["train"] == "on demand", "what is off is not promised"


def test_deploying_needs_a_server_and_a_known_type_of_pools() -> None:
    with temporary_settings(restore_defaults={PREFECT_API_URL}):
        with pytest.raises(ServerError, match="set PREFECT_API_URL"):
            deploy()
        with pytest.raises(ConfigError, match="process, docker, kubernetes"):
            deploy(pools="ecs")


def test_unknown_parameters_are_said_before_anything_is_started() -> None:
    with pytest.raises(ConfigError, match="full, smoke"):
        up(parameters="huge")


def test_what_stands_in_brackets_is_to_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    _say([], "http://127.0.0.1:1", "/data/[old]/store", ["pip install 'case2code[train]'"])
    said = capsys.readouterr().err
    assert "pip install 'case2code[train]'" in said
    assert "/data/[old]/store" in said
    assert "Ctrl-C" not in said, "`deploy` says it too, and runs nothing"


def test_only_what_this_machine_lacks_for_training_is_said() -> None:
    assert _no_training([]) == []
    [said] = _no_training(["torch", "trl"])
    assert "torch, trl missing" in said
