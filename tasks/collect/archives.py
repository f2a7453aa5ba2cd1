"""Source distributions and wheels, read where they are: nothing is unpacked to a disk.

Covered: archives that unpack to more than they should (a limit for a file, and one for an archive),
headers that ask for more memory than there is, absolute names and `..` (listed as unreadable),
links and devices (left out), encrypted and damaged members.
"""

import gzip
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from email.parser import HeaderParser
from pathlib import PurePosixPath
from typing import IO, Any, Protocol, cast

from tasks.collect.corpus import ChangedError, sha256_of, unchanged
from tasks.collect.files import Files
from tasks.collect.folders import is_skipped
from tasks.collect.licence_files import MAX_BYTES, FolderLicences, is_licence_file
from tasks.collect.spdx import licence_of
from tasks.collect.unique import UniqueNames
from tasks.records.drops import DropReason
from tasks.records.sources import Listing

MAX_UNPACKED = 8 << 30
"""Bytes that an archive may come to."""
MAX_MEMBER = 32 << 20
"""Bytes of a member that are read at all: the largest file that is ever code, many times over."""
_MAX_READ = 64 << 20  # of one read: a header cannot ask for more

BROKEN = (
    OSError,
    EOFError,
    zlib.error,
    tarfile.TarError,
    zipfile.BadZipFile,
    # zipfile: encrypted, or packed in a way that it does not know.
    RuntimeError,
    NotImplementedError,
    # tarfile: numbers in headers that are none.
    ValueError,
)

_KNOWN_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Member(Protocol):
    """A regular file in an archive."""

    name: str
    size: int

    def read(self, limit: int) -> bytes:
        """At most `limit` bytes; only while the archive has not gone on to the next member."""


class ArchiveCorpus:
    """The files `*.py` of some archives."""

    vouched = False

    def __init__(self, label: str, files: Files, names: Sequence[str]) -> None:
        self.label = label
        self._files = files
        self._names = names
        self._open: tuple[str, Iterator[tuple[int, Member]]] = "", iter(())
        self._last = -1

    def list(self) -> Iterator[Listing]:
        """Every file, archive by archive, as it stands in them; a damaged one is counted."""
        with UniqueNames() as names:
            for listing in self._all():
                path = names.unique(listing.path)
                update = {"path": path, "name": f"{self.label}/{path}"}
                yield listing.model_copy(update=update)

    def at_once(self, listing: Listing) -> int:
        """It is read forwards."""
        del listing
        return 1

    def read(self, listing: Listing) -> bytes:
        """The bytes of a member. Raises as `Corpus.read`."""
        number, _, name = listing.at.partition("@")
        try:
            return unchanged(self._member(name, int(number)).read(listing.size + 1), listing)
        except BROKEN as error:
            raise OSError(f"damaged archive: {error}") from error

    def _all(self) -> Iterator[Listing]:
        for name in self._names:
            try:
                yield from self._of_archive(name)
            except BROKEN:
                yield self._listing(name, digest="", unfit=DropReason.UNREADABLE)

    def _of_archive(self, name: str) -> Iterator[Listing]:
        project, version, licences = self._facts(name)
        for number, member in enumerate(_members(self._files.open(name), name)):
            path = _inner(member.name, name)
            if not path.endswith(".py"):
                continue
            if not _is_safe(member.name):
                yield self._listing(ascii(member.name), digest="", unfit=DropReason.UNREADABLE)
                continue
            if is_skipped(path):
                continue
            digest, unfit = _digest(member)
            yield self._listing(
                f"{project}/{path}",
                digest=digest,
                unfit=unfit,
                size=member.size,
                repository=project,
                licence=licences.of(path),
                revision=f"{project}=={version}" if version else digest,
                at=f"{number}@{name}",
            )

    def _facts(self, name: str) -> "tuple[str, str, FolderLicences]":
        """Project, version and licences of an archive: a first pass over it."""
        texts: dict[str, bytes] = {}
        for member in _members(self._files.open(name), name):
            path = _inner(member.name, name)
            if is_licence_file(path) or _is_metadata(path):
                texts[_lifted(path)] = member.read(MAX_BYTES)
        metadata = next((texts[path] for path in sorted(texts) if _is_metadata(path)), b"")
        message = HeaderParser().parsestr(metadata.decode("utf-8", "replace"))
        project = message["Name"] or _stem(name)
        paths = [path for path in texts if is_licence_file(path)]
        licences = FolderLicences(paths, lambda path: texts[path], whole=licence_of(message))
        return project, message["Version"] or "", licences

    def _member(self, name: str, number: int) -> Member:
        if name != self._open[0] or number <= self._last:
            self._open = name, enumerate(_members(self._files.open(name), name))
        for at, member in self._open[1]:
            self._last = at
            if at == number:
                return member
        raise ChangedError

    def _listing(self, path: str, **facts: Any) -> Listing:
        printable = path.encode("utf-8", "backslashreplace").decode()
        known = {"size": 0, "revision": ""} | facts
        return Listing(name=printable, path=printable, corpus=self.label, **known)


def _digest(member: Member) -> tuple[str, DropReason | None]:
    """The sha256 of a member, or why it is not read."""
    if member.size > MAX_MEMBER:
        return "", DropReason.TOO_LARGE
    try:
        return sha256_of(member.read(MAX_MEMBER)), None
    except BROKEN:
        return "", DropReason.UNREADABLE


class _ZipMember:
    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
        self.name = info.filename
        self.size = info.file_size
        self._archive = archive
        self._info = info

    def read(self, limit: int) -> bytes:
        if self._info.compress_type not in _KNOWN_PACKINGS:
            # The header of another can ask for gigabytes to unpack with.
            raise NotImplementedError("an unusual compression")
        with self._archive.open(self._info) as stream:
            return stream.read(limit)


class _TarMember:
    def __init__(self, archive: tarfile.TarFile, info: tarfile.TarInfo) -> None:
        self.name = info.name
        self.size = info.size
        self._archive = archive
        self._info = info

    def read(self, limit: int) -> bytes:
        stream = self._archive.extractfile(self._info)
        return stream.read(limit) if stream else b""


class _Measured:
    """A decompressed stream that ends in an error where it comes to too much."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, size: int) -> bytes:
        if not 0 <= size <= _MAX_READ:
            raise tarfile.ReadError("a header asks for too much memory")
        return self._stream.read(size)

    def tell(self) -> int:
        return self._stream.tell()

    def seek(self, position: int) -> int:
        if position > MAX_UNPACKED:
            raise tarfile.ReadError(f"it unpacks to more than {MAX_UNPACKED:,} bytes")
        return self._stream.seek(position)


def _members(stream: IO[bytes], name: str) -> Iterator[Member]:
    """The regular files of an archive, in its order. Raises one of BROKEN."""
    if name.endswith((".whl", ".zip")):
        with zipfile.ZipFile(stream) as archive:
            total = 0
            for info in archive.infolist():
                total += info.file_size
                if total > MAX_UNPACKED:
                    raise zipfile.BadZipFile(f"it unpacks to more than {MAX_UNPACKED:,} bytes")
                if not info.is_dir():
                    yield _ZipMember(archive, info)
        return
    packed = not name.endswith(".tar")
    measured = _Measured(cast("IO[bytes]", gzip.GzipFile(fileobj=stream)) if packed else stream)
    with tarfile.open(fileobj=cast("IO[bytes]", measured), mode="r:") as tar:
        while header := tar.next():
            tar.members.clear()  # type: ignore[attr-defined]  # it would keep every header
            if header.isreg() and not header.issparse():
                yield _TarMember(tar, header)


def _inner(member: str, archive: str) -> str:
    """The path in the project: a source distribution has one folder round everything."""
    if archive.endswith(".whl"):
        return member
    return member.partition("/")[2] or member


def _is_safe(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return bool(parts[0]) and ".." not in parts and ":" not in parts[0]


def _is_metadata(path: str) -> bool:
    folder, _, name = path.rpartition("/")
    return path == "PKG-INFO" or (name == "METADATA" and folder.endswith(".dist-info"))


def _lifted(path: str) -> str:
    """Licence files of a wheel stand in its `.dist-info`, and hold for all of it."""
    folder, _, rest = path.partition("/")
    if folder.endswith(".dist-info") and not _is_metadata(path):
        return rest.rpartition("/")[2]
    return path


def _stem(name: str) -> str:
    """The project that a file's name begins with."""
    return PurePosixPath(name).name.partition("-")[0].partition(".")[0]
