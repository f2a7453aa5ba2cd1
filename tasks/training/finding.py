"""The data that a training is named: a data set or a mix of a store."""

import re
from pathlib import Path

from pydantic import ValidationError

from tasks.errors import ArtifactNotFoundError
from tasks.records.artifacts import MANIFEST_NAME, ArtifactRef, Manifest
from tasks.store.artifacts import ArtifactStore
from tasks.store.names import resolve

DATASET, MIX = "dataset", "mix"


def find_data(store: ArtifactStore, data: str) -> ArtifactRef:
    """The reference meant by `name`, `name@version`, the start of a digest, or a folder.

    Raises StoreError where the store knows none of that name, ArtifactNotFoundError for a folder
    that is no data set.
    """
    folder = Path(data).expanduser()
    if "/" in data and folder.is_dir():
        return _in_folder(folder)
    try:
        return resolve(store, DATASET, data)
    except ArtifactNotFoundError:
        if re.fullmatch(r"[0-9a-f]{1,64}", data) and any(_starting(store, data)):
            return store.find(MIX, data)
        raise


def _in_folder(folder: Path) -> ArtifactRef:
    try:
        return Manifest.model_validate_json((folder / MANIFEST_NAME).read_bytes()).ref
    except (OSError, ValidationError) as error:
        raise ArtifactNotFoundError(
            f"{folder} is no data set: it has no {MANIFEST_NAME} that says so"
        ) from error


def _starting(store: ArtifactStore, start: str) -> list[ArtifactRef]:
    return [ref for ref in store.refs(MIX) if ref.digest.startswith(start)]
