"""What a person names as a part of a mix, as files: ours, a file, a folder, the Hub's."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tasks.dataset.mixing.rows import SUFFIXES
from tasks.errors import ArtifactNotFoundError, ConfigError
from tasks.records.artifacts import MANIFEST_NAME, ArtifactRef
from tasks.store.artifacts import ArtifactStore
from tasks.store.names import resolve

OURS = ("dataset", "mix")
HUB = "hf://"


def ours(store: ArtifactStore, data: str) -> ArtifactRef:
    """The data set or mix of the store that is meant. Raises ArtifactNotFoundError."""
    errors = []
    for kind in OURS:
        try:
            return resolve(store, kind, data)
        except ArtifactNotFoundError as error:
            errors.append(str(error))
    raise ArtifactNotFoundError(f"{data}: no such file, and {'; '.join(errors)}")


def is_elsewhere(data: str) -> bool:
    """Whether it is a file, a folder or on the Hub, and not a reference to the store."""
    path = Path(data).expanduser()
    if data.startswith(HUB) or path.is_file():
        return True
    return path.is_dir() and ("/" in data or (path / MANIFEST_NAME).is_file())


def files_of(data: str) -> list[Path]:
    """The files with the rows to train on. Raises ConfigError where there is none."""
    hub = data.startswith(HUB)
    root = _downloaded(data.removeprefix(HUB)) if hub else Path(data).expanduser()
    if root.is_file():
        return [root]
    files = [path for path in sorted(root.rglob("*")) if path.name.endswith(SUFFIXES)]
    found = to_train_on([path.relative_to(root).as_posix() for path in files])
    if not found:
        raise ConfigError(f"{data} holds no file of {', '.join(SUFFIXES)}")
    return [root / name for name in found]


def to_train_on(names: Sequence[str]) -> list[str]:
    """Of the files of a data set those with rows to train on.

    Where any is called `train`, only these; where any lies in a folder `data`, only these.
    """
    rows = [name for name in names if name.endswith(SUFFIXES)]
    for pattern in (r"(^|/)data/", r"(^|[/_.-])train([/_.-]|$)"):
        chosen = [name for name in rows if re.search(pattern, name)]
        rows = chosen or rows
    return rows


def label_of(data: str) -> str:
    """A short name for it."""
    place = data.removeprefix(HUB).partition("@")[0].rstrip("/")
    name = Path(place).expanduser().resolve().name if not data.startswith(HUB) else place
    for suffix in SUFFIXES:
        name = name.removesuffix(suffix)
    return name.rpartition("/")[2] or "data"


def _downloaded(address: str) -> Path:
    name, _, revision = address.strip("/").partition("@")
    hub = _library()
    try:
        folder = hub.snapshot_download(
            name,
            repo_type="dataset",
            revision=revision or None,
            allow_patterns=[f"*{suffix}" for suffix in SUFFIXES],
        )
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{HUB}{name} cannot be read: {error}; check the name, the network and HF_TOKEN"
        ) from error
    return Path(folder)


def _library() -> Any:
    try:
        import huggingface_hub  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ConfigError("hf:// needs the extra `hub`: pip install 'case2code[hub]'") from error
    return huggingface_hub
