"""Publishes a data set of the store, with its report but without anything of the run."""

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from tasks.dataset.publishing import publish_to
from tasks.dataset.reading import KIND, PAGE_NAME, dataset_in
from tasks.dataset.report.step import made_for, page_of
from tasks.records.artifacts import ArtifactRef
from tasks.settings import load_settings
from tasks.store.artifacts import ArtifactStore, open_store
from tasks.store.names import latest, names, resolve, versions


def publish_dataset(ref: str, target: str, store: str = "") -> tuple[ArtifactRef, str]:
    """Copies a data set to where others read it; returns which one, and where it is now.

    Args:
        ref: `name`, `name@version` or the start of a digest.
        target: `hf://organisation/name`, `s3://bucket/prefix` or a folder.
        store: A folder or s3://bucket/prefix; empty for the one in the settings.

    Raises:
        ConfigError, StoreError: With what to do about it.
    """
    settings = load_settings()
    with open_store(store or settings.store_url, settings) as opened:
        found = resolve(opened, KIND, ref)
        with dataset_in(opened, found) as dataset, ExitStack() as stack:
            manifest = opened.manifest(found)
            files = {file.name: dataset.folder / file.name for file in manifest.files}
            title = name_of(opened, found)
            folder = Path(stack.enter_context(TemporaryDirectory(dir=opened.scratch)))
            page = _page(opened, found, title, folder)
            files |= {PAGE_NAME: page} if page else {}
            return found, publish_to(target, files, manifest, settings, title)


def name_of(store: ArtifactStore, ref: ArtifactRef) -> str:
    """What a data set is called: `name@version`, the latest first, or its digest."""
    for name in names(store, ref.kind):
        pointed = latest(store, ref.kind, name)
        if pointed is not None and pointed.digest == ref.digest:
            return str(pointed)
        for entry in versions(store, ref.kind, name):
            if entry.digest == ref.digest:
                return str(entry)
    return ref.short


def _page(store: ArtifactStore, ref: ArtifactRef, title: str, folder: Path) -> Path | None:
    """The report without the run: it names no host, no path and no clock."""
    made = made_for(store, ref)
    if made is None:
        return None
    path = folder / PAGE_NAME
    path.write_text(page_of(store, made, title, {}), encoding="utf-8", newline="\n")
    return path
