"""A model from its files into memory: tokenizer, weights, adapter, on what the hardware has."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

from tasks.errors import ConfigError
from tasks.models.local_files import GGUF, ModelFiles
from tasks.models.quiet import quietly

UNSAID_ENDS = (
    "<|endoftext|>",
    "<|im_end|>",
    "<|eot_id|>",
    "<|end_of_text|>",
    "<|end|>",
    "<end_of_turn>",
    "</s>",
)
"""Tokens that end an answer in every model that has them. A GGUF file names one of its two: without
the other, a completion or a chat would never end."""
DEFAULT_CONTEXT = 2048
"""Tokens, where neither the model nor the tokenizer says how many it takes."""
UNLIMITED = 1 << 24
"""A tokenizer that takes more than this does not know."""


@dataclass(frozen=True)
class Loaded:
    """A model that can be asked."""

    model: Any
    tokenizer: Any
    device: torch.device
    context: int
    """Tokens of prompt and answer together."""
    vocabulary: int
    """Columns of its logits."""
    parameters: int
    """How many weights it has."""
    ends: frozenset[int]
    """Tokens that end an answer."""


def load(files: ModelFiles, *, device: str = "", dtype: str = "") -> Loaded:
    """Loads a model for inference.

    Args:
        files: Where it is.
        device: Such as `cpu` or `cuda`; empty for what the machine has.
        dtype: `float32`, `bfloat16` or `float16`; empty for what the device is fast at.

    Raises:
        ConfigError: The files are no causal language model that transformers knows, or the
            adapter belongs to another model.
    """
    where = torch.device(device or _best_device())
    number = getattr(torch, dtype) if dtype else best_dtype(where)
    with quietly(), _said_by(files.base, "cannot be loaded"):
        tokenizer = AutoTokenizer.from_pretrained(**_place(files.base))
        model = AutoModelForCausalLM.from_pretrained(
            **_place(files.base), **_quantisation(files.base), dtype=number, use_safetensors=True
        )
    if files.adapter is not None:
        with quietly(), _said_by(files.adapter, f"does not fit {files.base}"):
            model = _adapted(model, files.adapter)
    model = model.to(where).eval()
    return Loaded(
        model=model,
        tokenizer=tokenizer,
        device=where,
        context=_context(model.config, tokenizer),
        vocabulary=model.get_output_embeddings().weight.shape[0],
        parameters=sum(part.numel() for part in model.parameters()),
        ends=_ends(model, tokenizer),
    )


def best_dtype(device: torch.device) -> Any:
    """bfloat16 where the device computes in it, else float32."""
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    if device.type == "cpu" and torch.ops.mkldnn._is_mkldnn_bf16_supported():  # noqa: SLF001 - the one way to ask
        return torch.bfloat16
    return torch.float32


def _best_device() -> str:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _place(base: Path) -> dict[str, str]:
    if base.suffix == GGUF:
        return {"pretrained_model_name_or_path": str(base.parent), "gguf_file": base.name}
    return {"pretrained_model_name_or_path": str(base)}


def _quantisation(base: Path) -> dict[str, Any]:
    """A GGUF's weights are unpacked: packed ones need kernels that few machines have."""
    return {"quantization_config": GgufConfig(dequantize=True)} if base.suffix == GGUF else {}


@contextmanager
def _said_by(path: Path, what: str) -> Iterator[None]:
    """Loading fails in many ways, for files that are all the user's."""
    try:
        yield
    except ConfigError:
        raise
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, torch.OutOfMemoryError):
            raise
        first = str(error).strip().splitlines() or [type(error).__name__]
        raise ConfigError(f"{path} {what}: {first[0][:300]}") from error


def _adapted(model: Any, adapter: Path) -> Any:
    """The model with the adapter on it. Raises ValueError where parts of either are left over."""
    from peft import PeftModel, get_peft_model_state_dict  # noqa: PLC0415 - few models have one
    from peft.utils import load_peft_weights  # noqa: PLC0415

    given = load_peft_weights(str(adapter), device="cpu")
    adapted = PeftModel.from_pretrained(model, str(adapter))
    expected = get_peft_model_state_dict(adapted)
    if set(given) != set(expected):
        odd = sorted(set(given) ^ set(expected))
        raise ValueError(f"{len(odd)} of its matrices have no place there, such as {odd[0]}")
    return adapted


def _context(config: Any, tokenizer: Any) -> int:
    said = getattr(config.get_text_config(decoder=True), "max_position_embeddings", None)
    known = tokenizer.model_max_length if tokenizer.model_max_length < UNLIMITED else None
    limits = [limit for limit in (said, known) if limit]
    return min(limits, default=DEFAULT_CONTEXT)


def _ends(model: Any, tokenizer: Any) -> frozenset[int]:
    said = model.generation_config.eos_token_id
    ids = set(said if isinstance(said, Iterable) else [said]) | {tokenizer.eos_token_id}
    vocabulary = tokenizer.get_vocab()
    ids |= {vocabulary.get(name) for name in UNSAID_ENDS}
    return frozenset(one for one in ids if one is not None)
