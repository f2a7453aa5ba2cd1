"""Checkpoints of one training: whole ones only, on this disk and in the store.

On disk a checkpoint counts once its mark stands in it, which is written last: a kill in the
middle of saving leaves a folder without one. In the store a checkpoint is an artifact like any
other, checked when it is read, and a pointer that is moved once the artifact is whole.
`training_args.bin` is left out: it is a pickle of this machine's paths.
"""

import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from tasks.errors import ArtifactCorruptError, ArtifactNotFoundError
from tasks.records.artifacts import ArtifactRef
from tasks.records.base import canonical_json, digest_of
from tasks.records.training import TrainConfig
from tasks.store.artifacts import ArtifactStore

KIND = "checkpoint"
MARK = "complete"
PREFIX = "checkpoint-"
_LEFT_OUT = frozenset(("training_args.bin", MARK))


def mark(folder: Path) -> None:
    """Says that the checkpoint in this folder is whole."""
    (folder / MARK).touch()


def last_on_disk(work: Path) -> Path | None:
    """The latest whole checkpoint; what is left of half ones is removed."""
    found: dict[int, Path] = {}
    for folder in work.glob(f"{PREFIX}*"):
        if (folder / MARK).is_file():
            found[step_of(folder)] = folder
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return found[max(found)] if found else None


def step_of(folder: Path) -> int:
    """The optimizer step after which the checkpoint was taken."""
    return int(folder.name.removeprefix(PREFIX))


def training_key(config: TrainConfig, data: str, base_digest: str) -> str:
    """Names a training, and so its work folder and its checkpoints, by all that shapes it."""
    return digest_of(canonical_json(config), data, base_digest)[:32]


def finished_trainings(store: ArtifactStore, kinds: Collection[str]) -> set[str]:
    """The keys of those whose adapter or model stands in the store: they need no checkpoint."""
    return {
        key
        for kind in kinds
        for ref in store.refs(kind)
        if (key := _key_of(store.manifest(ref).meta))
    }


def _key_of(meta: Mapping[str, Any]) -> str:
    """By the manifest of what came of it; empty where another version of this wrote it."""
    try:
        inputs = dict(meta["inputs"])
        [base], [[data]] = inputs.pop("base"), inputs.values()
        return training_key(TrainConfig.model_validate(meta["config"]), data, base)
    except (KeyError, ValueError):
        return ""


class StoredCheckpoints:
    """The latest checkpoint of one training in a store."""

    def __init__(self, store: ArtifactStore, key: str) -> None:
        self._store = store
        self._pointer = f"checkpoints/{key}.json"

    def keep(self, folder: Path) -> ArtifactRef:
        """Stores a checkpoint, moves the pointer to it, removes the one before."""
        before = self._ref()
        files = {path.relative_to(folder).as_posix(): path for path in _files(folder)}
        ref = self._store.put(KIND, files, rows=step_of(folder))
        self._store.backend.put_bytes(self._pointer, ref.model_dump_json().encode())
        if before is not None and before != ref:
            self._remove(before)
        return ref

    def latest_step(self) -> int:
        """Steps of the latest checkpoint that stands whole; 0 where there is none."""
        ref = self._ref()
        return ref.rows if ref and self._store.has(ref) else 0

    def fetch(self, work: Path) -> Path | None:
        """Copies the latest checkpoint to the work folder; None where none is whole."""
        ref = self._ref()
        if ref is None:
            return None
        folder = work / f"{PREFIX}{ref.rows}"
        try:
            for file in self._store.manifest(ref).files:
                if Path(file.name).name in _LEFT_OUT:
                    continue  # nobody of us has put it there
                target = folder / file.name
                target.parent.mkdir(parents=True, exist_ok=True)
                with self._store.open(ref, file.name) as path:
                    shutil.copyfile(path, target)
        except (ArtifactCorruptError, ArtifactNotFoundError):
            shutil.rmtree(folder, ignore_errors=True)
            return None
        mark(folder)
        return folder

    def forget(self) -> None:
        """Removes pointer and checkpoint: the training is through."""
        ref = self._ref()
        self._store.backend.delete(self._pointer)
        if ref is not None:
            self._remove(ref)

    def _ref(self) -> ArtifactRef | None:
        raw = self._store.backend.get_bytes(self._pointer)
        return None if raw is None else ArtifactRef.model_validate_json(raw)

    def _remove(self, ref: ArtifactRef) -> None:
        with suppress(ArtifactCorruptError, ArtifactNotFoundError):
            self._store.remove(ref)


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name not in _LEFT_OUT:
            yield path
