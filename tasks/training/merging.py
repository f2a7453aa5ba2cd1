"""An adapter and its base as one model, that everything which loads models can load."""

import json
import shutil
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

from tasks.errors import ConfigError, TrainingError
from tasks.models.quiet import quietly
from tasks.store.artifacts import ArtifactStore
from tasks.training.card import CARD_NAME, RESULT_NAME, merged_card

KIND = "adapter"


def merge(store: ArtifactStore, start: str, base: str, base_digest: str, out: Path) -> None:
    """Writes the merged model, its tokenizer and its card into a new folder.

    Args:
        store: Holds the adapter.
        start: The start of the adapter's digest.
        base: Folder or Hub id of the model that it was trained on.
        base_digest: Names that model's content; it has to be the one of the training.
        out: A folder that is empty or not there.

    Raises:
        ConfigError: The folder is not empty, or the base is another model.
        TrainingError: The adapter does not fit.
    """
    if out.exists() and any(out.iterdir()):
        raise ConfigError(f"{out} is not empty: name a new folder")
    ref = store.find(KIND, start)
    adapter = store.scratch / ref.digest
    for file in store.manifest(ref).files:
        (adapter / file.name).parent.mkdir(parents=True, exist_ok=True)
        with store.open(ref, file.name) as path:
            shutil.copyfile(path, adapter / file.name)
    account = json.loads((adapter / RESULT_NAME).read_text(encoding="utf-8"))
    if account["base_digest"] != base_digest:
        raise ConfigError(
            f"adapter {ref.short} was trained on {account['base']} "
            f"({account['base_digest']}), and {base} is {base_digest}"
        )
    with quietly():
        _merged(base, adapter).save_pretrained(out)
    for path in adapter.iterdir():
        if path.name.startswith(("tokenizer", "chat_template", "special_tokens")):
            shutil.copyfile(path, out / path.name)
    card = (adapter / CARD_NAME).read_text(encoding="utf-8")
    (out / CARD_NAME).write_text(merged_card(card), encoding="utf-8")


def _merged(base: str, adapter: Path) -> Any:
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    try:
        return PeftModel.from_pretrained(model, str(adapter)).merge_and_unload()
    except (RuntimeError, ValueError) as error:
        raise TrainingError(f"the adapter does not fit {base}: {error}") from error
