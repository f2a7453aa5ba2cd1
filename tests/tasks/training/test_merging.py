"""A real adapter, merged into the model it was made for."""

import json
from pathlib import Path

import pytest

from tasks.settings import Settings
from tasks.store.artifacts import open_store

pytestmark = pytest.mark.xdist_group("torch")
CARD = '---\nbase_model: "tiny"\nlibrary_name: peft\ntags: [code]\n---\n\n# library_name: peft\n'


@pytest.fixture
def adapter(tiny_model: Path, tmp_path: Path) -> Path:
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(tiny_model)
    folder = tmp_path / "adapter"
    get_peft_model(model, LoraConfig(r=2, target_modules="all-linear")).save_pretrained(folder)
    (folder / "README.md").write_text(CARD)
    (folder / "training.json").write_text(json.dumps({"base": "tiny", "base_digest": "d"}))
    return folder


def test_the_card_says_that_transformers_loads_the_merged_model_alone(
    tiny_model: Path, adapter: Path, tmp_path: Path
) -> None:
    from transformers import AutoModelForCausalLM

    from tasks.training.merging import merge

    out = tmp_path / "merged"
    with open_store(str(tmp_path / "store"), Settings()) as store:
        files = {path.name: path for path in adapter.iterdir()}
        ref = store.put("adapter", files, rows=1)
        merge(store, ref.short, str(tiny_model), "d", out)
    assert AutoModelForCausalLM.from_pretrained(out).config.model_type == "llama"
    card = (out / "README.md").read_text()
    assert card == CARD.replace("peft", "transformers", 1), "the header, and nothing else"
