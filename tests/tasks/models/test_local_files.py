"""A model is found by any of its names, named by its content, and refused in plain words."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import huggingface_hub
import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from tasks.errors import ConfigError, WriterError
from tasks.models.local import identity_of, open_local
from tasks.models.local_files import find_model
from tasks.models.local_loading import load
from tasks.models.requests import Request
from tests.tiny_model import make_tiny_model

pytestmark = pytest.mark.xdist_group("torch")

ASKED = Request("k", (), temperature=0.0, max_tokens=8, seed=0, prompt="def f(x):\n    return")


def said_by(model: str) -> str:
    [reply] = open_local(model, dtype="float32")([ASKED])
    assert not reply.error
    return reply.text


@pytest.fixture(scope="module")
def adapter(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An adapter that changes what the model says, and names its base."""
    folder = tmp_path_factory.mktemp("adapters") / "lora"
    base = AutoModelForCausalLM.from_pretrained(tiny_model)
    adapted = get_peft_model(base, LoraConfig(r=4, target_modules="all-linear"))
    torch.manual_seed(1)
    for name, weights in adapted.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weights, std=0.5)
    adapted.save_pretrained(folder)
    return folder


def test_the_name_of_a_model_is_its_content_and_no_place(tiny_model: Path, tmp_path: Path) -> None:
    copied = shutil.copytree(tiny_model, tmp_path / "copy")
    (copied / "README.md").write_text("says nothing to the model")
    assert identity_of(str(copied)) == identity_of(str(tiny_model))
    assert identity_of(str(copied)).startswith("llama@")
    other = make_tiny_model(tmp_path / "other", seed=1)
    assert identity_of(str(other)) != identity_of(str(tiny_model))


@pytest.mark.parametrize("name", ["chat_template.jinja", "config.json", "tokenizer.json"])
def test_it_is_another_name_when_anything_that_it_reads_changes(
    tiny_model: Path, tmp_path: Path, name: str
) -> None:
    copied = shutil.copytree(tiny_model, tmp_path / "copy")
    (copied / name).write_text((copied / name).read_text() + "\n")
    assert identity_of(str(copied)) != identity_of(str(tiny_model))


def test_an_adapter_speaks_with_its_base_and_has_a_name_of_its_own(
    tiny_model: Path, adapter: Path
) -> None:
    both = f"{tiny_model}+{adapter}"
    assert said_by(str(adapter)) == said_by(both) != said_by(str(tiny_model))
    assert identity_of(str(adapter)) == identity_of(both)
    assert identity_of(both).startswith("llama+lora@")


def test_an_adapter_of_another_model_is_refused(adapter: Path, tmp_path: Path) -> None:
    from transformers import LlamaConfig, LlamaForCausalLM

    other = make_tiny_model(tmp_path / "other")
    config = LlamaConfig.from_pretrained(other)
    config.num_hidden_layers = 1
    LlamaForCausalLM(config).save_pretrained(other)
    with pytest.raises(ConfigError, match="does not fit"):
        said_by(f"{other}+{adapter}")


def test_what_the_hardware_is_fast_at_is_used_unless_told_otherwise(tiny_model: Path) -> None:
    files = find_model(str(tiny_model))
    assert load(files, device="cpu", dtype="float32").model.dtype is torch.float32
    fast = torch.ops.mkldnn._is_mkldnn_bf16_supported()
    expected = torch.bfloat16 if fast else torch.float32
    assert load(files, device="cpu").model.dtype is expected


def refuse(path: Path) -> str:
    with pytest.raises(ConfigError) as raised:
        find_model(str(path))
    return str(raised.value)


def no_model_there(folder: Path) -> Path:
    return folder / "nothing"


def no_model_in_it(folder: Path) -> Path:
    return folder


def another_file(folder: Path) -> Path:
    (folder / "weights.bin").write_bytes(b"x")
    return folder / "weights.bin"


def a_gguf_by_name_alone(folder: Path) -> Path:
    (folder / "weights.gguf").write_bytes(b"x" * 100)
    return folder / "weights.gguf"


def pickled_weights(folder: Path) -> Path:
    (folder / "config.json").write_text("{}")
    (folder / "pytorch_model.bin").write_bytes(b"x")
    return folder


def several(folder: Path) -> Path:
    (folder / "a.gguf").touch()
    (folder / "b.gguf").touch()
    return folder


def an_adapter_without_a_base(folder: Path) -> Path:
    (folder / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": None}))
    return folder


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (no_model_there, "there is no model"),
        (no_model_in_it, "holds no model"),
        (another_file, "is no model"),
        (a_gguf_by_name_alone, "is no GGUF file"),
        (pickled_weights, "no weights as safetensors"),
        (several, "name one of a.gguf, b.gguf"),
        (an_adapter_without_a_base, "does not name its base"),
    ],
)
def test_what_is_no_model_is_said_so(
    tmp_path: Path, make: Callable[[Path], Path], message: str
) -> None:
    assert message in refuse(make(tmp_path))


def test_weights_of_an_unknown_kind_are_said_so(tiny_model: Path, tmp_path: Path) -> None:
    copied = shutil.copytree(tiny_model, tmp_path / "copy")
    config = json.loads((copied / "config.json").read_text())
    (copied / "config.json").write_text(json.dumps(config | {"model_type": "unheard-of"}))
    with pytest.raises(ConfigError, match="cannot be loaded"):
        said_by(str(copied))


def test_without_a_network_a_model_of_the_hub_is_asked_for_in_vain(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(WriterError, match="the Hub cannot be reached"):
        find_model("organisation/a-model-that-is-not-here")
