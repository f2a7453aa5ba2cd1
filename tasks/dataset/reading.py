"""A published data set, read back from wherever it lies, every file checked."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tasks.dataset.assemble import FUNNEL_NAME
from tasks.dataset.drawing import draw
from tasks.errors import ArtifactNotFoundError
from tasks.records.artifacts import MANIFEST_NAME, ArtifactRef, Manifest
from tasks.records.base import canonical_json
from tasks.records.drops import Funnel
from tasks.records.samples import Sample
from tasks.settings import Settings
from tasks.store.artifacts import ArtifactStore, open_store, verify_folder
from tasks.store.names import resolve
from tasks.store.tables import read_records

KIND = "dataset"
"""The kind of artifact that a data set is."""
PAGE_SUFFIX, FIGURES_SUFFIX = ".report.html", ".report.json"
"""Of what stands beside a data set in the store."""
PAGE_NAME = "report.html"
"""Of the page inside a data set that was published."""


@dataclass(frozen=True)
class Dataset:
    """A data set in a local folder, for as long as it is open."""

    ref: ArtifactRef
    path: str
    """Where it lies for good: a folder, or an s3:// address."""
    folder: Path
    """Where its files can be read now."""
    meta: dict[str, Any]
    """What made it: config, seeds, versions, digests of inputs, counts."""
    report: str = ""
    """Where the page about it lies; empty where it has none."""

    @property
    def funnel(self) -> Funnel:
        """What became of everything on the way."""
        return Funnel.model_validate_json((self.folder / FUNNEL_NAME).read_bytes())

    def samples(self) -> Iterator[Sample]:
        """All samples, file by file."""
        for path in sorted((self.folder / "data").glob("*.parquet")):
            yield from read_records(path, Sample)

    def draw(self, n: int, seed: int) -> list[Sample]:
        """At most `n` samples, drawn by the seed."""
        return draw(self.folder, n, seed)


@contextmanager
def open_dataset(ref: str, store_url: str, settings: Settings) -> Iterator[Dataset]:
    """Opens a data set by `name`, `name@version`, digest or folder. Raises StoreError."""
    folder = Path(ref).expanduser()
    # A folder that happens to be called like a data set does not hide it.
    if folder.is_dir() and ("/" in ref or (folder / MANIFEST_NAME).is_file()):
        yield _in_folder(folder)
        return
    with (
        open_store(store_url or settings.store_url, settings) as store,
        dataset_in(store, resolve(store, KIND, ref)) as opened,
    ):
        yield opened


@contextmanager
def dataset_in(store: ArtifactStore, ref: ArtifactRef) -> Iterator[Dataset]:
    """Opens a data set of a store. Raises StoreError."""
    with ExitStack() as files:
        yield Dataset(
            ref=ref,
            path=store.backend.locate(ref.key),
            folder=_fetched(store, ref, files),
            meta=store.manifest(ref).meta,
            report=report_of(store, ref),
        )


def report_of(store: ArtifactStore, ref: ArtifactRef) -> str:
    """Where the page of a data set lies; empty where it has none."""
    key = ref.key + PAGE_SUFFIX
    return store.backend.locate(key) if store.backend.size(key) is not None else ""


def _in_folder(folder: Path) -> Dataset:
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST_NAME).read_bytes())
    except (OSError, ValidationError) as error:
        raise ArtifactNotFoundError(
            f"{folder} is no data set: it has no {MANIFEST_NAME} that says so"
        ) from error
    verify_folder(folder, manifest)
    place = folder.resolve()
    pages = (place / PAGE_NAME, place.with_name(place.name + PAGE_SUFFIX))
    page = next((str(path) for path in pages if path.is_file()), "")
    return Dataset(manifest.ref, str(place), folder, manifest.meta, page)


def _fetched(store: ArtifactStore, ref: ArtifactRef, files: ExitStack) -> Path:
    """A folder of links to verified copies of all files, and the manifest: a data set again."""
    folder = store.scratch / ref.digest
    folder.mkdir(parents=True, exist_ok=True)
    manifest = store.manifest(ref)
    (folder / MANIFEST_NAME).write_bytes(canonical_json(manifest))
    for file in manifest.files:
        link = folder / file.name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(files.enter_context(store.open(ref, file.name)))
    return folder
