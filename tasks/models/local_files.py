"""Where the files of a model are, and what they are: its name by content.

`MODEL` is one of

- a folder with `config.json` and weights as safetensors, or with one GGUF file;
- a GGUF file;
- an id of the Hugging Face Hub, `ORGANISATION/NAME` with `@REVISION` where it is wanted, or
  `ORGANISATION/NAME/FILE.gguf`;
- a folder with a LoRA adapter (`adapter_config.json`), on the base that it names;
- `BASE+ADAPTER`, an adapter on a base that is named here.

Weights that are pickles are not loaded: they run code.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from tasks.errors import ConfigError, WriterError
from tasks.records.base import digest_of

ADAPTER_CONFIG = "adapter_config.json"
CONFIG = "config.json"
GGUF = ".gguf"
FORMS = (
    "a folder with config.json and safetensors, a .gguf file, ORGANISATION/NAME of the Hugging"
    " Face Hub, a LoRA adapter's folder, or BASE+ADAPTER"
)
_READ = ("*.json", "*.jinja", "*.model", "*.safetensors", "merges.txt", "vocab.txt")
"""What a model consists of; what else lies in its folder changes no answer."""
_NOT_READ = ("trainer_state.json",)
WHOLE_BYTES = 1 << 31
STRIDE, SAMPLE = 1 << 24, 1 << 20
"""Of a larger file one MiB in sixteen is hashed. Training changes every matrix of a kind, and at
that size none is smaller than the stride."""


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """Where a model is on this machine."""

    base: Path
    """A folder, or a GGUF file."""
    adapter: Path | None = None


def find_model(model: str) -> ModelFiles:
    """The files that a model's name stands for, fetched from the Hub where they have to be.

    Raises:
        ConfigError: There is no such model, or it is none; the message says what is.
        WriterError: The Hub cannot be reached, and what it would give is not here.
    """
    base, plus, adapter = model.rpartition("+")
    if plus and not Path(model).expanduser().exists() and _is_adapter(Path(adapter).expanduser()):
        return ModelFiles(find_model(base).base, Path(adapter).expanduser())
    path = Path(model).expanduser()
    if not path.exists():
        return ModelFiles(_from_hub(model))
    if path.is_file():
        return ModelFiles(_checked_file(path))
    if _is_adapter(path):
        return ModelFiles(find_model(_base_of(path)).base, path)
    return ModelFiles(_checked_folder(path))


def content_name(files: ModelFiles) -> str:
    """The name of a model by its content, such as `qwen2@1a2b3c4d5e6f`: no place is in it."""
    parts = [files.base] if files.adapter is None else [files.base, files.adapter]
    found = [one for part in parts for one in _files_of(part)]
    digests = [_digest(str(one), one.stat().st_size, one.stat().st_mtime_ns) for one in found]
    names = [one.name for one in found if one.suffix != GGUF]
    kind = "gguf" if files.base.is_file() else _json(files.base / CONFIG).get("model_type", "model")
    lora = "" if files.adapter is None else "+lora"
    return f"{kind}{lora}@{digest_of(*names, *digests)[:12]}"


def _is_adapter(path: Path) -> bool:
    return (path / ADAPTER_CONFIG).is_file()


def _base_of(adapter: Path) -> str:
    base = _json(adapter / ADAPTER_CONFIG).get("base_model_name_or_path")
    if not base:
        raise ConfigError(f"{adapter} does not name its base: write BASE+{adapter}")
    return str(base)


def _checked_file(path: Path) -> Path:
    if path.suffix != GGUF:
        raise ConfigError(f"{path} is no model: name {FORMS}")
    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise ConfigError(f"{path} is no GGUF file: it does not begin as one")
    return path


def _checked_folder(path: Path) -> Path:
    if (path / CONFIG).is_file():
        if any(path.glob("*.safetensors")):
            return path
        raise ConfigError(f"{path} has no weights as safetensors: other kinds are not loaded")
    found = sorted(path.glob(f"*{GGUF}"))
    if len(found) == 1:
        return _checked_file(found[0])
    if found:
        names = ", ".join(each.name for each in found)
        raise ConfigError(f"{path} holds several models: name one of {names}")
    raise ConfigError(f"{path} holds no model: name {FORMS}")


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise ConfigError(f"{path} is not an object")
    return found


def _from_hub(model: str) -> Path:
    name, _, revision = model.partition("@")
    parts = name.split("/")
    is_file = name.endswith(GGUF)
    if model.startswith(("/", ".", "~")) or len(parts) != (3 if is_file else 2) or not all(parts):
        raise ConfigError(f"there is no model {model}: name {FORMS}")
    return _fetched("/".join(parts[:2]), revision or None, parts[2] if is_file else "")


def _fetched(repository: str, revision: str | None, file: str) -> Path:
    import huggingface_hub as hub  # noqa: PLC0415 - a folder needs none of it
    from huggingface_hub import errors  # noqa: PLC0415

    try:
        if file:
            return Path(hub.hf_hub_download(repository, file, revision=revision))
        # Of a repository with weights in several formats, only those that are read.
        folder = hub.snapshot_download(repository, revision=revision, allow_patterns=list(_READ))
        return find_model(folder).base
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError) as error:
        raise ConfigError(f"the Hub has no model {repository}, or not for you") from error
    except (errors.EntryNotFoundError, errors.HFValidationError) as error:
        if not isinstance(error, errors.LocalEntryNotFoundError):
            raise ConfigError(f"the Hub has no {repository} {file}".rstrip()) from error
        raise _unreachable(repository) from error
    except OSError as error:
        raise _unreachable(repository) from error


def _unreachable(repository: str) -> WriterError:
    return WriterError(
        f"{repository} is neither a folder here nor in the Hub's cache, and the Hub cannot be"
        " reached: name a folder or a .gguf file, or go on with a network"
    )


def _files_of(part: Path) -> Iterator[Path]:
    if part.is_file():
        yield part
        return
    found = {one for pattern in _READ for one in part.glob(pattern) if one.name not in _NOT_READ}
    yield from sorted(found, key=lambda one: one.name)


@lru_cache(maxsize=1024)
def _digest(path: str, size: int, _changed: int) -> str:
    """Of a file, by its content; remembered as long as its size and time stay the same."""
    hashed = hashlib.sha256(str(size).encode())
    with Path(path).open("rb") as file:
        for chunk in _sampled(file, size):
            hashed.update(chunk)
    return hashed.hexdigest()


def _sampled(file: IO[bytes], size: int) -> Iterator[bytes]:
    if size <= WHOLE_BYTES:
        while chunk := file.read(SAMPLE):
            yield chunk
        return
    for start in (*range(0, size, STRIDE), size - SAMPLE):
        file.seek(start)
        yield file.read(SAMPLE)
