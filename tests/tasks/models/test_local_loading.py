"""What loading a model shows of itself: nothing, where nobody can act on it."""

import warnings
from pathlib import Path

import pytest

from tasks.models.local_files import find_model
from tasks.models.local_loading import load
from tests.tiny_model import make_tiny_model

pytestmark = pytest.mark.xdist_group("torch")


@pytest.fixture(scope="module")
def adapter(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An adapter that names its base as a training does: by what the folder is called."""
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    folder = tmp_path_factory.mktemp("adapter")
    model = AutoModelForCausalLM.from_pretrained(tiny_model)
    adapted = get_peft_model(model, LoraConfig(r=2, target_modules="all-linear"))
    adapted.peft_config["default"].base_model_name_or_path = "a-folder"
    adapted.save_pretrained(folder)
    return folder


@pytest.mark.usefixtures("nothing_of_the_hub")
def test_loading_writes_nothing_to_the_console(
    tiny_model: Path, adapter: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from transformers.utils import logging

    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        loaded = load(find_model(f"{tiny_model}+{adapter}"), device="cpu")
    assert loaded.parameters > 0
    assert capfd.readouterr().err == ""
    assert [str(one.message) for one in seen] == []
    assert logging.is_progress_bar_enabled(), "others still have their bars"


@pytest.fixture
def nothing_of_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


def test_an_adapter_of_a_wider_model_names_the_model_that_it_does_not_fit(
    adapter: Path, tmp_path: Path
) -> None:
    from tasks.errors import ConfigError

    other = make_tiny_model(tmp_path / "other", context=64)
    config = (adapter / "adapter_config.json").read_text()
    assert '"r": 2' in config
    wrong = tmp_path / "wrong"
    wrong.mkdir()
    for path in adapter.iterdir():
        (wrong / path.name).write_bytes(path.read_bytes())
    (wrong / "adapter_config.json").write_text(config.replace('"r": 2', '"r": 3'))
    with pytest.raises(ConfigError, match="does not fit"):
        load(find_model(f"{other}+{wrong}"), device="cpu")
