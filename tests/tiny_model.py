"""A language model for the tests, made on the spot: nothing is fetched, nothing is kept.

A Llama of 107,000 random weights (hidden 64, two layers) in float32, with a byte-level BPE of 512
tokens learnt from a module of the standard library, in the layout of a model folder: what it says
is gibberish, but everything that loads, batches, trains or saves a model works on it.

Whoever imports this imports torch: mark the tests with `pytest.mark.xdist_group("torch")`.
"""

import textwrap
from pathlib import Path

import torch
from tokenizers import Tokenizer
from tokenizers.decoders import ByteLevel as ByteLevelDecoder
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel
from tokenizers.trainers import BpeTrainer
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

VOCABULARY = 512
CONTEXT = 512
"""Tokens that it takes at once, unless asked for otherwise."""
START, END, PAD = "<|im_start|>", "<|im_end|>", "<|endoftext|>"
CHATML = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def make_tiny_model(
    folder: Path, *, chat: bool = True, seed: int = 0, context: int = CONTEXT
) -> Path:
    """Writes a model and its tokenizer into a folder, and returns the folder.

    Args:
        folder: Is made if it is not there.
        chat: Whether the tokenizer has a chat template (ChatML), as an instructed model has.
        seed: Of the weights; the tokenizer is the same for all.
        context: Tokens that it takes at once.
    """
    # On matrices of this size several threads only wait for each other.
    torch.set_num_threads(1)
    tokenizer = make_tokenizer(chat=chat)
    tokenizer.model_max_length = context
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=context,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        # Wider than the usual 0.02, at which every token is nearly as likely as any other and
        # the order of additions decides which one is greediest.
        initializer_range=0.3,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def make_tokenizer(*, chat: bool = True) -> PreTrainedTokenizerFast:
    """The tokenizer alone: any text there and back, byte for byte."""
    bpe = Tokenizer(BPE())
    bpe.pre_tokenizer = ByteLevel(add_prefix_space=False)
    bpe.decoder = ByteLevelDecoder()
    trainer = BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[PAD, START, END],
        initial_alphabet=ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator([Path(textwrap.__file__).read_text(encoding="utf-8")], trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        eos_token=END,
        pad_token=PAD,
        model_max_length=CONTEXT,
        clean_up_tokenization_spaces=False,
    )
    if chat:
        tokenizer.chat_template = CHATML
    return tokenizer
