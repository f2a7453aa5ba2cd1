"""How long a row is: in tokens of a tokenizer, or, without one, in words and signs."""

import re
from collections.abc import Callable

from tasks.errors import ConfigError
from tasks.records.mixes import MixedRow

_PIECE = re.compile(r"\w+|[^\w\s]")


def measure(tokenizer: str) -> Callable[[MixedRow], int]:
    """Counts a row. Raises ConfigError where the tokenizer is not to be had."""
    if not tokenizer:
        return lambda row: len(_PIECE.findall(row.whole))
    counted = _loaded(tokenizer)
    return lambda row: counted(row.whole)


def _loaded(name: str) -> Callable[[str], int]:
    try:
        # A large library, which only those pay who name a tokenizer.
        from transformers import AutoTokenizer  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(
            "a tokenizer needs the extra `models`: pip install 'case2code[models]'"
        ) from error
    try:
        tokenizer = AutoTokenizer.from_pretrained(name)
    except (OSError, ValueError) as error:
        raise ConfigError(f"{name}: no tokenizer can be read from it: {error}") from error
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False))
