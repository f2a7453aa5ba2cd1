"""The model that is trained: the base with its tokenizer, and the adapter round it."""

from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model, prepare_model_for_kbit_training
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig

from tasks.errors import TrainingError
from tasks.records.training import TrainConfig, TrainJob
from tasks.training.hardware import Hardware


def load_tokenizer(model: str) -> Any:
    """The model's tokenizer, able to pad. Raises TrainingError where there is none."""
    try:
        tokenizer = AutoTokenizer.from_pretrained(model)
    except (OSError, ValueError) as error:
        raise TrainingError(f"{model}: no tokenizer can be read from it: {error}") from error
    if tokenizer.eos_token_id is None:
        raise TrainingError(f"{model}: its tokenizer has no end-of-sequence token")
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_model(job: TrainJob, hardware: Hardware, *, bf16: bool) -> Any:
    """The base model, with an adapter that trains unless all of it does.

    Adapters are kept in fp32 round a base in the precision of the computation; full training
    keeps its weights in fp32, as AdamW's small steps would be lost in bf16.
    """
    config = job.config
    own = torch.bfloat16 if bf16 and config.method != "full" else torch.float32
    try:
        model = AutoModelForCausalLM.from_pretrained(
            job.model,
            dtype=own,
            attn_implementation="flash_attention_2" if hardware.flash_attention else "sdpa",
            quantization_config=_four_bits() if config.method == "qlora" else None,
        )
    except (OSError, ValueError) as error:
        raise TrainingError(f"{job.model}: no model can be read from it: {error}") from error
    _require_room(model, config.max_length)
    if config.method == "full":
        return model
    if config.method == "qlora":
        model = prepare_model_for_kbit_training(model)
    return _with_adapter(model, job)


def _require_room(model: Any, max_length: int) -> None:
    context = getattr(model.config, "max_position_embeddings", None)
    if context is not None and max_length > context:
        raise TrainingError(
            f"max_length is {max_length} but the model reads at most {context} tokens: "
            f"give --max-length {context} or less"
        )


def _four_bits() -> BitsAndBytesConfig:
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )


def _with_adapter(model: Any, job: TrainJob) -> Any:
    if not job.adapter:
        return get_peft_model(model, _lora(job.config))
    try:
        return PeftModel.from_pretrained(model, job.adapter, is_trainable=True)
    except (RuntimeError, ValueError, OSError) as error:
        raise TrainingError(
            f"the adapter {Path(job.adapter).name} does not fit this base model: {error}"
        ) from error


def _lora(config: TrainConfig) -> LoraConfig:
    return LoraConfig(
        r=config.adapter.rank,
        lora_alpha=config.adapter.alpha,
        lora_dropout=config.adapter.dropout,
        target_modules=config.adapter.targets,
        use_dora=config.method == "dora",
        task_type="CAUSAL_LM",
    )
