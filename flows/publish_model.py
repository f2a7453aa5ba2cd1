"""Publishes what was trained: an adapter or a model of the store, or a merged one from its folder.

Weights go as safetensors and settings as text, with the card; whatever else lies in a folder (the
pickles of a training among it) does not.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tasks.dataset.publishing import MODELS, publish_to
from tasks.errors import ArtifactNotFoundError, ConfigError
from tasks.models.stored import STORED, fetched
from tasks.records.artifacts import ArtifactFile, ArtifactRef, Manifest
from tasks.settings import load_settings
from tasks.store.artifacts import ArtifactStore, open_store, sha256_of
from tasks.training.card import CARD_NAME

_CONFIGS = ("config.json", "adapter_config.json")
_PARTS = frozenset((".safetensors", ".json", ".md", ".txt", ".model", ".jinja"))


def is_model(ref: str, store: str = "") -> bool:
    """Whether this means something trained, and not a data set.

    A bare digest is a model's where the store has such a model. Raises StoreError where it cannot
    be read.
    """
    if STORED.search(ref) or _is_folder(ref):
        return True
    settings = load_settings()
    with open_store(store or settings.store_url, settings) as opened:
        return bool(_kinds_of(opened, ref))


def publish_model(ref: str, target: str, store: str = "") -> tuple[ArtifactRef, str]:
    """Copies a model to where others load it from; returns which one, and where it is now.

    Args:
        ref: `adapter:DIGEST`, `model:DIGEST`, the start of a digest, or a folder.
        target: `hf://organisation/name`, `s3://bucket/prefix` or a folder.
        store: A folder or s3://bucket/prefix; empty for the one in the settings.

    Raises:
        ConfigError, StoreError: With what to do about it.
    """
    settings = load_settings()
    if _is_folder(ref):
        files, manifest = _described(Path(ref))
        where = publish_to(target, files, manifest, settings, Path(ref).resolve().name)
        return manifest.ref, where
    with open_store(store or settings.store_url, settings) as opened:
        name = ref if STORED.search(ref) else f"{_kind_of(opened, ref)}:{ref}"
        with _files(opened, name) as (files, manifest):
            title = f"{manifest.kind} {manifest.ref.short}"
            return manifest.ref, publish_to(target, files, manifest, settings, title)


@contextmanager
def _files(store: ArtifactStore, name: str) -> Iterator[tuple[dict[str, Path], Manifest]]:
    """Verified copies of what a stored model consists of."""
    stored = STORED.search(name)
    if stored is None:
        raise ConfigError(f"{name} is no model: write adapter:DIGEST or model:DIGEST")
    manifest = store.manifest(store.find(stored[1], stored[2]))
    with fetched(store, f"{manifest.kind}:{manifest.ref.digest}") as folder:
        yield {file.name: Path(folder) / file.name for file in manifest.files}, manifest


def _is_folder(ref: str) -> bool:
    return any((Path(ref) / name).is_file() for name in _CONFIGS)


def _kinds_of(store: ArtifactStore, start: str) -> list[str]:
    """Kinds of model of which one has a digest that begins so."""
    if not re.fullmatch(r"[0-9a-f]{6,64}", start):
        return []
    return [
        kind
        for kind in sorted(MODELS)
        if any(ref.digest.startswith(start) for ref in store.refs(kind))
    ]


def _kind_of(store: ArtifactStore, start: str) -> str:
    kinds = _kinds_of(store, start)
    if not kinds:
        raise ArtifactNotFoundError(f"no adapter and no model in {store.url} begins with {start!r}")
    return kinds[0]


def _described(folder: Path) -> tuple[dict[str, Path], Manifest]:
    """The files of a model's folder, and the manifest that an artifact of them would have."""
    files = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix in _PARTS and path.name != "manifest.json"
    }
    if CARD_NAME not in files:
        raise ConfigError(
            f"{folder} has no {CARD_NAME}: write down the base model, the data and the licence "
            "there, as `case2code merge` does"
        )
    described = tuple(
        ArtifactFile(name=name, size=path.stat().st_size, sha256=sha256_of(path))
        for name, path in files.items()
    )
    kind = "adapter" if "adapter_config.json" in files else "model"
    return files, Manifest(kind=kind, rows=0, files=described)
