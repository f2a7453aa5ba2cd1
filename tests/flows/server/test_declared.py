"""What is deployed with which parameters, read from the files that are shipped."""

from pathlib import Path

import pytest

from flows.build_dataset import build_dataset
from flows.end_to_end import end_to_end
from flows.server.declared import FOLDER, declared, deployments, merged, with_parameters
from flows.study import study
from flows.train_model import train_model
from tasks.errors import ConfigError
from tasks.records.evaluations import EvaluateConfig

SETS = sorted(path.stem for path in (FOLDER / "parameters").glob("*.yaml"))


@pytest.mark.parametrize("parameters", SETS)
def test_the_flows_take_the_parameters_that_are_shipped(parameters: str) -> None:
    given = {one["name"]: one["parameters"] for one in deployments(parameters)["deployments"]}
    build_dataset.validate_parameters(given["refresh"])
    train_model.validate_parameters(given["train"] | {"data": "stdlib"})
    end_to_end.validate_parameters(given["end-to-end"])
    study.validate_parameters(given["study"])
    EvaluateConfig.model_validate(given["evaluate"]["config"] | {"models": ("openai:any",)})


def test_every_deployment_has_a_pool_that_is_made_and_says_what_it_is_for() -> None:
    pools = declared().pools
    for one in deployments("smoke")["deployments"]:
        assert one["work_pool"]["name"] in pools
        assert one["description"]
        assert "case2code" in one["tags"], "by which failures are told of"


def test_a_trigger_has_what_its_deployment_has_and_its_own_after_it() -> None:
    deployment = {
        "name": "evaluate",
        "triggers": [{"parameters": {"config": {"models": ["a"], "benchmarks": ["own"]}}}],
    }
    given = {"config": {"benchmarks": ["mbpp"], "limit": 3}, "workers": 1}
    found = with_parameters(deployment, given, chained=True)
    assert found["parameters"] == given
    [trigger] = found["triggers"]
    assert trigger["enabled"]
    assert trigger["parameters"] == {
        "config": {"benchmarks": ["mbpp", "own"], "limit": 3, "models": ["a"]},
        "workers": 1,
    }
    [off] = with_parameters(deployment, given, chained=False)["triggers"]
    assert not off["enabled"]


def test_what_is_over_wins_and_leaves_the_rest() -> None:
    assert merged({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": 9}}) == {
        "a": {"b": 9, "c": 2},
        "d": 3,
    }


def test_a_list_item_is_never_a_template_alone() -> None:
    """Prefect drops such an item without a word."""
    [evaluate] = [one for one in deployments("smoke")["deployments"] if one["name"] == "evaluate"]
    config = evaluate["triggers"][0]["parameters"]["config"]
    for text in (*config["models"], *config["benchmarks"]):
        assert not text.startswith("{{")


def test_wrong_parameters_name_what_is_known(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="full, smoke"):
        deployments("huge")
    file = tmp_path / "own.yaml"
    file.write_text("nightly: {}")
    with pytest.raises(ConfigError, match=r"'nightly' is no deployment.*refresh"):
        deployments(str(file))
