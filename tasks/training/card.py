"""What stands beside the weights: a model card, and an adapter's config without a path in it."""

import json
from pathlib import Path

from tasks.records.training import TrainConfig, TrainResult

CARD_NAME = "README.md"
ADAPTER_CONFIG = "adapter_config.json"
RESULT_NAME = "training.json"
_PEFT = "peft"
_WAYS = {
    "direct": "direct fine-tuning: the loss is the completion's",
    "pretraining": "continued pre-training: the loss is all of the text's",
    "instruction": "instruction tuning: the loss is the assistant's turns'",
}


def write_card(
    out: Path, config: TrainConfig, result: TrainResult, *, base: str, licence: str
) -> None:
    """Writes the card that the Hub reads into the folder of the weights.

    Args:
        out: The folder.
        config: Of the training.
        result: What came of it.
        base: The base model, as its users call it.
        licence: SPDX name of the base model's licence; empty where it names none.
    """
    (out / CARD_NAME).write_text(
        _header(base, licence, config) + _body(config, result, base), encoding="utf-8"
    )


def merged_card(card: str) -> str:
    """The card of an adapter, for the model that it is merged into: transformers alone loads it."""
    return card.replace(f"\nlibrary_name: {_PEFT}\n", "\nlibrary_name: transformers\n", 1)


def settle_config(out: Path, base: str) -> None:
    """Makes an adapter's config the same wherever it was trained.

    PEFT leaves the folder that the base was loaded from, and sets in the order of their hashes.
    """
    path = out / ADAPTER_CONFIG
    if path.is_file():
        config = json.loads(path.read_text(encoding="utf-8"))
        config["base_model_name_or_path"] = base
        if isinstance(config.get("target_modules"), list):
            config["target_modules"] = sorted(config["target_modules"])
        path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def licence_of(model: Path) -> str:
    """The licence that a model's card names; empty where there is no card or no licence."""
    card = model / CARD_NAME
    if not card.is_file():
        return ""
    lines = card.read_text(encoding="utf-8", errors="replace").splitlines()
    found = (line.removeprefix("license:").strip() for line in lines if line.startswith("license:"))
    return next(found, "")


def _header(base: str, licence: str, config: TrainConfig) -> str:
    lines = [
        "---",
        f"base_model: {json.dumps(base)}",
        *([f"license: {licence}"] if licence else []),
        f"library_name: {'transformers' if config.method == 'full' else _PEFT}",
        "pipeline_tag: text-generation",
        "tags: [code, case2code]",
        "---",
        "",
    ]
    return "\n".join(lines)


def _body(config: TrainConfig, result: TrainResult, base: str) -> str:
    losses = result.held_out_losses
    moved = f"{losses[0]:.3f} before, {losses[-1]:.3f} after" if losses else "not measured"
    dropped = ", ".join(f"{reason} {number}" for reason, number in result.train.dropped.items())
    return f"""
# {base}, trained on Case2Code

Trained to write a function from examples of what it does (arXiv 2407.12504).

| | |
| --- | --- |
| base model | `{base}`, by content `{result.base_digest}` |
| data set | `{result.data.digest}` |
| way | {_WAYS[config.way]} |
| method | {config.method}, {result.steps} steps, {result.train.samples:,} samples, \
{result.train.tokens:,} tokens a pass |
| left out | {dropped or "nothing"} |
| held-out loss | {moved} |

The licences of the functions it was trained on are listed in the data set's `attribution.parquet`.
All parameters and the loss curve are in `{RESULT_NAME}`. What it writes is not checked by anybody:
run it in a sandbox.
"""
