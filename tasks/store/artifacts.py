"""Content-addressed artifacts: files first, manifest last, checksums both ways.

Covered: a writer that dies at any moment leaves nothing that counts as an artifact; two
writers of one artifact write the same bytes to the same keys; a file that changed behind
our back is found when it is read, taken out, and named. Not covered: someone who can
write to the store and replaces file and manifest together.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any, Self, TypeVar

from pydantic import BaseModel, ValidationError

from tasks.errors import ArtifactCorruptError, ArtifactNotFoundError, ConfigError, StoreError
from tasks.records.artifacts import MANIFEST_NAME, ArtifactFile, ArtifactRef, Manifest
from tasks.records.base import canonical_json
from tasks.settings import Settings, without_credentials
from tasks.store.backends import Backend, LocalFolder
from tasks.store.s3 import S3Bucket
from tasks.store.tables import read_records, write_records

R = TypeVar("R", bound=BaseModel)
T = TypeVar("T")
U = TypeVar("U")

PART_NAME = "part.parquet"
"""The one file of an artifact that is a shard of records."""
READERS = 10
"""Requests in flight where many small files are read: the connections that boto3 keeps open."""
_DIGEST_CHARS = 64


class ArtifactStore(AbstractContextManager["ArtifactStore"]):
    """Artifacts in one backend, with a scratch folder that goes when the store is closed.

    With `evicts`, reading what is damaged also removes it, so that the next run makes it
    anew: for the steps of a run, not for those who only look.
    """

    def __init__(self, backend: Backend, *, evicts: bool = False) -> None:
        self.backend = backend
        self._evicts = evicts
        self._scratch = tempfile.TemporaryDirectory(prefix=_prefix(os.getpid()))
        _sweep(Path(self._scratch.name).parent)

    @property
    def url(self) -> str:
        """Where the store is, as `open_store` takes it."""
        return self.backend.url

    @property
    def scratch(self) -> Path:
        """For files on their way in or out."""
        return Path(self._scratch.name)

    def close(self) -> None:
        """Removes the scratch folder."""
        self._scratch.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def put(
        self,
        kind: str,
        files: Mapping[str, Path],
        *,
        rows: int,
        schema_version: int = 1,
        meta: Mapping[str, Any] | None = None,
    ) -> ArtifactRef:
        """Stores files as one artifact and returns its reference. Raises StoreError."""
        described = {name: _describe(name, path) for name, path in sorted(files.items())}
        manifest = Manifest(
            kind=kind,
            schema_version=schema_version,
            rows=rows,
            files=tuple(described.values()),
            meta=dict(meta or {}),
        )
        ref = manifest.ref
        if not self.has(ref):
            for name, file in described.items():
                self._put_file(f"{ref.key}/{name}", files[name], file)
            self.backend.put_bytes(f"{ref.key}/{MANIFEST_NAME}", canonical_json(manifest))
        return ref

    def put_records(self, kind: str, model: type[R], records: Iterable[R]) -> ArtifactRef:
        """Streams records into an artifact of one Parquet file."""
        with tempfile.TemporaryDirectory(dir=self.scratch) as folder:
            path = Path(folder) / PART_NAME
            rows = write_records(path, model, records)
            return self.put(kind, {PART_NAME: path}, rows=rows)

    def read_records(self, ref: ArtifactRef, model: type[R]) -> Iterator[R]:
        """Streams the records of an artifact that `put_records` made."""
        with self.open(ref) as path:
            yield from read_records(path, model)

    def has(self, ref: ArtifactRef) -> bool:
        """Whether the artifact stands whole: its manifest, and every file with its size."""
        try:
            manifest = self.manifest(ref)
        except (ArtifactNotFoundError, ArtifactCorruptError):
            return False
        return all(
            self.backend.size(f"{ref.key}/{file.name}") == file.size for file in manifest.files
        )

    def manifest(self, ref: ArtifactRef) -> Manifest:
        """What the artifact consists of. Raises ArtifactNotFoundError, ArtifactCorruptError."""
        return self._manifest(ref.kind, ref.digest)

    def _manifest(self, kind: str, digest: str) -> Manifest:
        key = f"artifacts/{kind}/{digest}"
        raw = self.backend.get_bytes(f"{key}/{MANIFEST_NAME}")
        if raw is None:
            raise ArtifactNotFoundError(
                f"no {kind} {digest[:12]} in the store {self.url}; "
                "run the build again, or name the store that has it with --store"
            )
        manifest = _parsed(raw, digest)
        if manifest is None:
            # Read badly is not written badly: what is whole must not be taken out for it.
            manifest = _parsed(self.backend.get_bytes(f"{key}/{MANIFEST_NAME}"), digest)
        if manifest is None:
            raise self._corrupt(key, MANIFEST_NAME)
        return manifest

    @contextmanager
    def open(self, ref: ArtifactRef, name: str = PART_NAME) -> Iterator[Path]:
        """A local file with the named content, its checksum verified; only to be read."""
        file = next((file for file in self.manifest(ref).files if file.name == name), None)
        if file is None:
            raise ArtifactNotFoundError(f"{ref.kind} {ref.short} has no file {name}")
        path = self._verified(ref, file) or self._verified(ref, file)
        if path is None:
            raise self._corrupt(ref.key, name)
        try:
            yield path
        finally:
            if path.parent == self.scratch:
                path.unlink(missing_ok=True)

    def content(self, manifest: Manifest, name: str) -> bytes:
        """A small file of an artifact, its checksum verified: one request and no local file."""
        ref = manifest.ref
        wanted = {file.name: file.sha256 for file in manifest.files}
        if name not in wanted:
            raise ArtifactNotFoundError(f"{ref.kind} {ref.short} has no file {name}")
        for _ in range(2):
            content = self.backend.get_bytes(f"{ref.key}/{name}")
            if content is not None and hashlib.sha256(content).hexdigest() == wanted[name]:
                return content
        raise self._corrupt(ref.key, name)

    def _verified(self, ref: ArtifactRef, file: ArtifactFile) -> Path | None:
        """A local copy with the right checksum; None where the value is gone or another."""
        path = self.backend.local_copy(f"{ref.key}/{file.name}", self.scratch)
        if path is None or sha256_of(path) == file.sha256:
            return path
        if path.parent == self.scratch:
            path.unlink(missing_ok=True)
        return None

    def find(self, kind: str, start: str) -> ArtifactRef:
        """The one artifact of a kind whose digest begins with `start`. Raises StoreError."""
        if len(start) == _DIGEST_CHARS:
            # No listing: that of some servers is behind what was written last.
            return self._manifest(kind, start).ref
        found = [digest for digest in self._digests(kind) if digest.startswith(start)]
        if not found:
            raise ArtifactNotFoundError(
                f"no {kind} in {self.url} has a digest that begins with {start!r}"
            )
        if len(found) > 1:
            names = ", ".join(digest[:12] for digest in found)
            raise StoreError(f"{start!r} is not enough to tell these apart: {names}")
        return self._manifest(kind, found[0]).ref

    def refs(self, kind: str) -> Iterator[ArtifactRef]:
        """All artifacts of a kind whose manifest is whole, sorted by digest."""
        return (manifest.ref for manifest in self.manifests(kind))

    def manifests(self, kind: str) -> Iterator[Manifest]:
        """Of all artifacts of a kind whose manifest is whole, sorted by digest."""
        found = at_once(partial(self._whole, kind), self._digests(kind))
        return (manifest for manifest in found if manifest is not None)

    def _whole(self, kind: str, digest: str) -> Manifest | None:
        with suppress(ArtifactCorruptError, ArtifactNotFoundError):
            return self._manifest(kind, digest)
        return None

    def remove(self, ref: ArtifactRef) -> None:
        """Removes an artifact, its manifest first: no moment shows a part of it as whole."""
        manifest = self.manifest(ref)
        self.backend.delete(f"{ref.key}/{MANIFEST_NAME}")
        for file in manifest.files:
            self.backend.delete(f"{ref.key}/{file.name}")

    def _digests(self, kind: str) -> Iterator[str]:
        for key in self.backend.keys(f"artifacts/{kind}/"):
            path = PurePosixPath(key)
            if path.match(f"artifacts/{kind}/*/{MANIFEST_NAME}"):
                yield path.parent.name

    def _put_file(self, key: str, path: Path, file: ArtifactFile) -> None:
        size = self.backend.size(key)
        if size is not None and size != file.size:
            # A conditional write would leave the damaged value where it is.
            self.backend.delete(key)
        self.backend.put_file(key, path, file.sha256)

    def _corrupt(self, key: str, name: str) -> ArtifactCorruptError:
        """The error to raise; where this store evicts, what is damaged is taken out."""
        where = self.backend.locate(key)
        advice = f"remove {where} and run the build again: only that is made anew"
        if self._evicts:
            with suppress(StoreError):
                self.backend.delete(f"{key}/{MANIFEST_NAME}")
                self.backend.delete(f"{key}/{name}")
                advice = "it has been removed: run the same command again to make it anew"
        return ArtifactCorruptError(
            f"{where}: {name} is not what was written (its sha256 differs); {advice}"
        )


def at_once(read: Callable[[T], U], of: Iterable[T]) -> Iterator[U]:
    """What is read of each, in their order: on S3 it is the way there and back that takes time."""
    with ThreadPoolExecutor(READERS) as pool:
        yield from pool.map(read, of)


def open_store(url: str, settings: Settings, *, evicts: bool = False) -> ArtifactStore:
    """The store at a folder or at s3://bucket/prefix. Raises ConfigError for another address."""
    return ArtifactStore(_backend(url, settings), evicts=evicts)


def _backend(url: str, settings: Settings) -> Backend:
    without_credentials(url)
    if url.startswith("s3://"):
        bucket, _, prefix = url.removeprefix("s3://").partition("/")
        if not bucket:
            raise ConfigError(f"{url}: no bucket; write s3://bucket/prefix")
        return S3Bucket(bucket, prefix, settings)
    if "://" in url:
        raise ConfigError(f"{url}: a store is a folder or s3://bucket/prefix")
    return LocalFolder(Path(url).expanduser().resolve())


def verify_folder(folder: Path, manifest: Manifest) -> None:
    """Raises ArtifactCorruptError unless the folder holds what the manifest names."""
    for file in manifest.files:
        path = folder / file.name
        if not path.is_file() or _describe(file.name, path) != file:
            raise ArtifactCorruptError(
                f"{path} is missing or not what was written: get the data set again, or build it"
            )


def _parsed(raw: bytes | None, digest: str) -> Manifest | None:
    """The manifest, if these bytes are the one of that digest."""
    try:
        manifest = Manifest.model_validate_json(raw or b"")
    except ValidationError:
        return None
    return manifest if manifest.ref.digest == digest else None


def _prefix(process: int) -> str:
    return f"case2code-{process}-"


def _sweep(folder: Path) -> None:
    """Removes scratch folders of processes that were killed before they could."""
    for path in folder.glob("case2code-*"):
        process = path.name.split("-")[1]
        if process.isdigit() and not Path(f"/proc/{process}").exists():
            shutil.rmtree(path, ignore_errors=True)


def _describe(name: str, path: Path) -> ArtifactFile:
    return ArtifactFile(name=name, size=path.stat().st_size, sha256=sha256_of(path))


def sha256_of(path: Path) -> str:
    """Of the file's content."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
