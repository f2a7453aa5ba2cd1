"""Counting the tokens of a prompt with the tokenizer of a chosen model.

Covered: a folder that holds a tokenizer (as transformers saves it), and names on the Hugging Face
Hub. Tokens that a model puts around a text by itself do not count. transformers is imported where
a tokenizer is asked for, and nowhere else.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from tasks.errors import ConfigError
from tasks.records.base import digest_of


def token_count(name: str) -> Callable[[str], int] | None:
    """Counts tokens of a text; None for an empty name.

    Raises:
        ConfigError: there is no such tokenizer, or transformers is not installed.
    """
    if not name:
        return None
    tokenizer = _tokenizer(name)
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False))


@cache
def tokenizer_digest(name: str) -> str:
    """What is published in place of a folder or a name: `NAME@DIGEST`, or nothing for nothing.

    NAME has no path, and DIGEST is of the vocabulary and its rules.

    Raises:
        ConfigError: there is no such tokenizer, or transformers is not installed.
    """
    if not name:
        return ""
    tokenizer = _tokenizer(name)
    backend = getattr(tokenizer, "backend_tokenizer", None)
    text = backend.to_str() if backend else repr(sorted(tokenizer.get_vocab().items()))
    label = Path(name).expanduser().resolve().name if Path(name).expanduser().is_dir() else name
    return f"{label}@{digest_of(text)[:16]}"


@cache
def _tokenizer(name: str) -> Any:
    try:
        from transformers import AutoTokenizer  # noqa: PLC0415 - seconds, and an extra
    except ImportError as error:
        raise ConfigError(
            "prompts.tokenizer needs transformers: install case2code[models]"
        ) from error
    folder = Path(name).expanduser()
    try:
        return AutoTokenizer.from_pretrained(folder if folder.is_dir() else name)
    except (OSError, ValueError) as error:
        first = str(error).strip().partition("\n")[0]
        raise ConfigError(f"prompts.tokenizer: cannot load {name!r}: {first}") from error
