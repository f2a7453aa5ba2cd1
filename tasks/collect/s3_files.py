"""Sources on S3: a prefix of Python files, and the large files that hold many sources each.

A folder of Python files is listed without reading them: S3 names each content by its ETag, and a
read asks for exactly that one. Large files are read by ranges, so nothing is downloaded whole.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from botocore.exceptions import BotoCoreError, ClientError

from tasks.collect.corpus import ChangedError
from tasks.collect.folders import is_skipped
from tasks.collect.licence_files import MAX_BYTES, FolderLicences, is_licence_file
from tasks.errors import CorpusError, StoreError
from tasks.records.sources import Listing
from tasks.settings import Settings
from tasks.store.s3 import s3_client

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_AT_ONCE = 10  # the connections that boto3 keeps
_BUFFER = 4 << 20
_MISSING = ("404", "NoSuchKey", "NotFound")
_CHANGED = ("412", "PreconditionFailed")


class S3Files:
    """The objects below a prefix (see `tasks.collect.files.Files`)."""

    def __init__(self, bucket: str, prefix: str, settings: Settings) -> None:
        self.bucket = bucket
        self.prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._client = s3_client(settings)

    def names(self) -> Iterator[str]:
        """See Files."""
        for name, _, _ in self.objects():
            yield name

    def objects(self) -> Iterator[tuple[str, int, str]]:
        """Name, size in bytes and ETag of every object, sorted by name."""
        with explained(f"s3://{self.bucket}/{self.prefix}"):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=self.prefix
            )
            for page in pages:
                for item in page.get("Contents", []):
                    name = item["Key"].removeprefix(self.prefix)
                    yield name, item["Size"], item["ETag"].strip('"')

    def open(self, name: str) -> IO[bytes]:
        """See Files."""
        key = self.prefix + name
        return cast(
            "IO[bytes]", io.BufferedReader(_S3File(self._client, self.bucket, key), _BUFFER)
        )

    def head(self, name: str, size: int, etag: str = "") -> bytes:
        """At most the first `size` bytes. Raises ChangedError where the ETag is another."""
        key = self.prefix + name
        condition = {"IfMatch": etag} if etag else {}
        with explained(f"s3://{self.bucket}/{key}"):
            answer = self._client.get_object(Bucket=self.bucket, Key=key, **condition)  # type: ignore[arg-type]  # the stubs want literal names
            return answer["Body"].read(size)

    def download(self, folder: Path) -> Path:
        """All objects as files in a folder. Returns the folder."""
        for name in self.names():
            target = (folder / name).resolve()
            if not target.is_relative_to(folder.resolve()):
                raise CorpusError(f"s3://{self.bucket}/{self.prefix}{name} is no name for a file.")
            target.parent.mkdir(parents=True, exist_ok=True)
            with explained(f"s3://{self.bucket}/{self.prefix}{name}"):
                self._client.download_file(self.bucket, self.prefix + name, str(target))
        return folder


class S3Folder:
    """The files `*.py` below a prefix."""

    vouched = True

    def __init__(self, label: str, files: S3Files) -> None:
        self.label = label
        self._files = files

    def list(self) -> Iterator[Listing]:
        """Every object, sorted by key. Holds one line an object in memory, no content."""
        objects = [one for one in self._files.objects() if not is_skipped(one[0])]
        licences = FolderLicences(
            (name for name, _, _ in objects if is_licence_file(name)),
            lambda name: self._files.head(name, MAX_BYTES),
        )
        for name, size, etag in objects:
            if name.endswith(".py"):
                yield Listing(
                    name=f"{self.label}/{name}",
                    path=name,
                    corpus=self.label,
                    digest=f"etag:{etag}",
                    size=size,
                    licence=licences.of(name),
                    revision=f"etag:{etag}",
                )

    def at_once(self, listing: Listing) -> int:
        """As many as there are connections."""
        del listing
        return _AT_ONCE

    def read(self, listing: Listing) -> bytes:
        """The object that was listed. Raises as `Corpus.read`."""
        etag = listing.digest.removeprefix("etag:")
        return self._files.head(listing.path, listing.size + 1, etag)


class _S3File(io.RawIOBase):
    """An object that is read by ranges."""

    def __init__(self, client: "S3Client", bucket: str, key: str) -> None:
        self._client = client
        self._bucket = bucket
        self._key = key
        self._position = 0
        with explained(f"s3://{bucket}/{key}"):
            answer = client.head_object(Bucket=bucket, Key=key)
        self._size = answer["ContentLength"]
        self._etag = answer["ETag"]

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]  # narrower, as io calls it
        size = min(len(buffer), self._size - self._position)
        if size <= 0:
            return 0
        with explained(f"s3://{self._bucket}/{self._key}"):
            answer = self._client.get_object(
                Bucket=self._bucket,
                Key=self._key,
                Range=f"bytes={self._position}-{self._position + size - 1}",
                IfMatch=self._etag,
            )
            data = answer["Body"].read()
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)


@contextmanager
def explained(place: str) -> Iterator[None]:
    """Turns what boto3 raises into what `Corpus.read` may raise."""
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in _CHANGED:
            raise ChangedError from error
        if code in _MISSING:
            raise FileNotFoundError(0, "not there", place) from error
        if code == "NoSuchBucket":
            raise CorpusError(f"{place}: the bucket does not exist.") from error
        raise StoreError(
            f"{place}: {code}; check CASE2CODE_S3_ENDPOINT and the credentials"
        ) from error
    except BotoCoreError as error:
        raise StoreError(
            f"{place}: {error}; check CASE2CODE_S3_ENDPOINT and the network"
        ) from error
