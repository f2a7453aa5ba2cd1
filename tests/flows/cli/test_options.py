"""Options and config files: every mistake names what to change."""

from pathlib import Path

import pytest

from flows.cli.options import build_config
from tasks.errors import ConfigError
from tasks.records.configs import BuildConfig
from tasks.records.samples import Task


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    return path


def test_without_anything_the_defaults_hold() -> None:
    given = {"corpus": (), "limit": None, "writers": None, "seed": None}
    assert build_config(None, given) == BuildConfig()


def test_options_go_before_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, "seed: 3\nlimit: 7\ninputs:\n  budget: 40\n")
    config = build_config(file, {"seed": 5, "writers": ["search", "openai:tiny"]})
    assert (config.seed, config.limit, config.inputs.budget) == (5, 7, 40)
    assert config.inputs.writers == ("search", "openai:tiny")


def test_how_samples_are_made_is_an_option(tmp_path: Path) -> None:
    file = written(tmp_path, "prompts: {max_shown: 5, twins: false, templates: single}\n")
    given = {"tasks": ["output_prediction"], "templates": "7", "twins": True, "tokenizer": "name"}
    prompts = build_config(file, given).prompts
    assert (prompts.tasks, prompts.templates) == ((Task.OUTPUT_PREDICTION,), 7)
    assert (prompts.twins, prompts.tokenizer, prompts.max_shown) == (True, "name", 5)


def test_a_seed_of_zero_is_an_option_too(tmp_path: Path) -> None:
    assert build_config(written(tmp_path, "seed: 3\n"), {"seed": 0}).seed == 0


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    assert build_config(written(tmp_path, ""), {}) == BuildConfig()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sed: 1\n", "sed is no key of the config; known here: .*collect, corpus"),
        ("filters:\n  min_case: 1\n", "filters.min_case is no key.*max_cases"),
        ("seed: many\n", "seed: "),
        ("limit: 0\n", "limit: "),
        ("inputs:\n  writers: [gpt]\n", "'gpt' is no writer"),
        ("corpus: stdlib\n", "corpus: write a list"),
        ("inputs: 5\n", "inputs: "),
        ("inputs: [a]\n", "inputs: "),
        ("- a\n", "must be a mapping"),
        ("a: [\n", "is not YAML"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        build_config(written(tmp_path, text), {})


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nothing\.yaml"):
        build_config(tmp_path / "nothing.yaml", {})
