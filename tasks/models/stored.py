"""Models that lie in the artifact store, as trained, by their references.

`adapter:DIGEST` and `model:DIGEST` (six digits of a digest are enough) stand wherever the folder of
an adapter or a model may stand in a model's name: `Qwen/Qwen2.5-Coder-0.5B+adapter:1a2b3c4d5e6f`.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tasks.records.artifacts import ArtifactRef
from tasks.store.artifacts import ArtifactStore

STORED = re.compile(r"(?:^|(?<=[+:]))(adapter|model):([0-9a-f]{6,64})$")


def name_of_trained(base: str, ref: ArtifactRef) -> str:
    """What an adapter on its base, or a fully trained model, is called in an evaluation."""
    stored = f"{ref.kind}:{ref.short}"
    return f"{base}+{stored}" if ref.kind == "adapter" else stored


@contextmanager
def fetched(store: ArtifactStore, model: str) -> Iterator[str]:
    """The model's name with a local folder in place of a reference, as long as the block runs.

    A name without a reference is yielded as it is. The folder holds links to verified copies.

    Raises StoreError where the store has no such model, or a damaged one.
    """
    stored = STORED.search(model)
    if stored is None:
        yield model
        return
    with ExitStack() as files:
        folder = _folder(store, store.find(stored[1], stored[2]), files)
        yield model[: stored.start()] + str(folder)


def _folder(store: ArtifactStore, ref: ArtifactRef, files: ExitStack) -> Path:
    folder = store.scratch / ref.digest
    for file in store.manifest(ref).files:
        link = folder / file.name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(files.enter_context(store.open(ref, file.name)))
    return folder
