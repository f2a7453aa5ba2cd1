"""A small base model from nothing: random weights, and a vocabulary learnt from a data set.

What a study uses where no model is named: minutes on a CPU, nothing to fetch. It starts below any
pretrained model, so what it learns is the data's doing; what it says of large models is little.
"""

import shutil
from collections.abc import Iterable
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from tasks.errors import ConfigError
from tasks.models.quiet import quietly
from tasks.records.base import canonical_json, digest_of
from tasks.records.studies import FreshModel

END, PAD = "<|endoftext|>", "<|pad|>"
VERSION = 1


def fresh_folder(spec: FreshModel, data: str, home: Path) -> Path:
    """Where the model of that shape, with the vocabulary of that data set, lies."""
    key = digest_of(f"fresh {VERSION}", canonical_json(spec), data)[:16]
    return home / "fresh-models" / key


def make_fresh(spec: FreshModel, texts: Iterable[str], folder: Path) -> Path:
    """Writes the model unless it is there. Raises ConfigError without torch.

    Args:
        spec: Its shape.
        texts: What its vocabulary is learnt from.
        folder: Where it goes; whole or not at all.
    """
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(mkdtemp(dir=folder.parent, prefix="making-"))
    try:
        _write(spec, texts, made)
        made.rename(folder)
    except OSError:
        if not folder.is_dir():  # else another run was there first, with the same
            raise
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return folder


def _write(spec: FreshModel, texts: Iterable[str], folder: Path) -> None:
    try:
        import torch  # noqa: PLC0415 - only those have it who train
        from transformers import LlamaConfig, LlamaForCausalLM  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(
            "this study trains models, which needs torch and transformers:"
            " pip install 'case2code[train]'"
        ) from error
    if spec.hidden % (2 * spec.heads):
        raise ConfigError(f"{spec.heads} heads do not divide {spec.hidden} into even parts")
    tokenizer = _tokenizer(spec, texts)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(spec.seed)
        model = LlamaForCausalLM(
            LlamaConfig(
                vocab_size=len(tokenizer),
                hidden_size=spec.hidden,
                intermediate_size=3 * spec.hidden,
                num_hidden_layers=spec.layers,
                num_attention_heads=spec.heads,
                num_key_value_heads=spec.heads,
                max_position_embeddings=spec.context,
                tie_word_embeddings=True,
                bos_token_id=None,
                eos_token_id=tokenizer.eos_token_id,
                pad_token_id=tokenizer.pad_token_id,
            )
        )
    with quietly():
        model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _tokenizer(spec: FreshModel, texts: Iterable[str]) -> Any:
    """Byte-level BPE: any text there and back; runs of spaces are learnt, as code has them."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers  # noqa: PLC0415
    from transformers import PreTrainedTokenizerFast  # noqa: PLC0415

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=spec.vocabulary,
        special_tokens=[END, PAD],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        eos_token=END,
        pad_token=PAD,
        model_max_length=spec.context,
        clean_up_tokenization_spaces=False,
    )
