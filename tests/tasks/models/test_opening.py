"""A model's name opens the engine that it names, or says what is missing."""

from pathlib import Path

import pytest

from tasks.errors import ConfigError
from tasks.models.opening import identity_of, open_generator, require
from tasks.records.writers import Engine, ModelName, model_name
from tasks.settings import Settings

OPENAI = ModelName(engine=Engine.OPENAI, model="org/m")
KEPT = ModelName(engine=Engine.TRANSFORMERS, model="qwen2@0123456789ab")


@pytest.mark.parametrize("text", ["openai:org/m", "transformers:path/to/m", "openai:m:8b"])
def test_names_are_read_and_said_alike(text: str) -> None:
    assert str(model_name(text)) == text


def test_search_is_no_model() -> None:
    assert model_name("search") is None


@pytest.mark.parametrize("text", ["gpt", "openai:", "llama:x", ""])
def test_what_is_no_name_is_said_so(text: str) -> None:
    with pytest.raises(ValueError, match="is no writer; use search, openai:MODEL"):
        model_name(text)


def test_a_model_of_a_server_needs_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("CASE2CODE_LLM_URL", "OPENAI_BASE_URL"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(ConfigError, match="set CASE2CODE_LLM_URL"):
        require(OPENAI, Settings())
    assert identity_of(OPENAI) == "org/m"


def test_without_torch_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.models.opening.LOCAL_NEEDS", ("no_such_library",))
    name = ModelName(engine=Engine.TRANSFORMERS, model="some/model")

    with pytest.raises(
        ConfigError, match=r"needs no_such_library: pip install 'case2code\[models]"
    ):
        open_generator(name, Settings())


def test_a_published_name_finds_answers_and_asks_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.models.opening.LOCAL_NEEDS", ("no_such_library",))
    monkeypatch.chdir(tmp_path)

    require(KEPT, Settings())
    assert identity_of(KEPT) == "qwen2@0123456789ab"
    with pytest.raises(ConfigError, match="name its folder, file or id"):
        open_generator(KEPT, Settings())
