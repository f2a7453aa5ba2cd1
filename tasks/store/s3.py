"""S3 and servers that speak it, through boto3.

Content goes up with a conditional write (`IfNoneMatch="*"`): of two writers of one key
one wins and the other is told 412, which is success, since the key names the content.
Every upload carries its sha256, which S3 compares with what arrived.

Every call ends: boto3 tries `ATTEMPTS` times, waits `READ_SECONDS` for an answer and at most some
15 s between tries, and a body that breaks off is read `READS` times. What waiting does not mend
(expired credentials, a clock that is off, no permission) is not tried again at all.
"""

import base64
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING

import boto3
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tasks.settings import Settings
from tasks.store.backends import Entry, Leftover
from tasks.store.s3_errors import (
    CONTENDED,
    MISSING,
    STANDS_ALREADY,
    UNNAMED,
    code_of,
    not_reached,
    refused_or_failed,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef, GetObjectOutputTypeDef

PART_BYTES = 32 << 20
"""Larger files go up in parts of this size (S3 allows 10,000 of them: 312 GiB)."""
ATTEMPTS = 5
"""Of one request, the first among them."""
CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
"""Without a byte from the server."""
READS = 3
"""Of a small value whose body breaks off; boto3 tries again only up to the headers."""


class S3Bucket:
    """A prefix of a bucket."""

    def __init__(self, bucket: str, prefix: str, settings: Settings) -> None:
        self.bucket = bucket
        self.prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self.url = f"s3://{bucket}/{self.prefix}".rstrip("/")
        self._client = s3_client(settings)

    def put_file(self, key: str, source: Path, sha256: str) -> None:
        """See Backend."""
        with self._explaining(key), source.open("rb") as stream:
            size = source.stat().st_size
            if size > PART_BYTES:
                self._put_parts(key, stream, size)
            else:
                self._put_once(key, stream, sha256)

    def put_bytes(self, key: str, data: bytes) -> None:
        """See Backend."""
        with self._explaining(key):
            self._client.put_object(Bucket=self.bucket, Key=self.prefix + key, Body=data)

    def swap(self, key: str, data: bytes, *, expected: bytes | None) -> bool:
        """See Backend: by conditional writes.

        Where the answer is lost, boto3 asks again and is told that the value stands: then this
        says False though it did write. Callers look at what stands and see that it is theirs.
        """
        with self._explaining(key):
            try:
                return self._swapped(self.prefix + key, data, expected)
            except ClientError as error:
                if code_of(error) in STANDS_ALREADY | MISSING | CONTENDED:
                    return False
                raise

    def _swapped(self, whole_key: str, data: bytes, expected: bytes | None) -> bool:
        if expected is None:
            self._client.put_object(Bucket=self.bucket, Key=whole_key, Body=data, IfNoneMatch="*")
            return True
        answer, standing = self._read(whole_key)
        if standing != expected:
            return False
        self._client.put_object(
            Bucket=self.bucket, Key=whole_key, Body=data, IfMatch=answer["ETag"]
        )
        return True

    def get_bytes(self, key: str) -> bytes | None:
        """See Backend."""
        with self._explaining(key):
            try:
                return self._read(self.prefix + key)[1]
            except ClientError as error:
                if code_of(error) in MISSING:
                    return None
                raise

    def _read(self, whole_key: str) -> "tuple[GetObjectOutputTypeDef, bytes]":
        """A whole value: its length and, where the server sends one, its checksum are compared."""
        for left in reversed(range(READS)):
            answer = self._client.get_object(Bucket=self.bucket, Key=whole_key)
            try:
                return answer, answer["Body"].read()
            except BotoCoreError:
                if not left:
                    raise
        raise AssertionError("unreachable: the last try returns or raises")

    def size(self, key: str) -> int | None:
        """See Backend."""
        with self._explaining(key):
            try:
                answer = self._client.head_object(Bucket=self.bucket, Key=self.prefix + key)
            except ClientError as error:
                if code_of(error) in MISSING:
                    return None
                raise
            return answer["ContentLength"]

    def local_copy(self, key: str, scratch: Path) -> Path | None:
        """See Backend."""
        target = scratch / uuid.uuid4().hex
        with self._explaining(key):
            try:
                self._client.download_file(self.bucket, self.prefix + key, str(target))
            except ClientError as error:
                if code_of(error) in MISSING:
                    return None
                raise
        return target

    def delete(self, key: str) -> None:
        """See Backend."""
        with self._explaining(key):
            self._client.delete_object(Bucket=self.bucket, Key=self.prefix + key)

    def keys(self, prefix: str) -> Iterator[str]:
        """See Backend."""
        return (entry.key for entry in self.entries(prefix))

    def entries(self, prefix: str) -> Iterator[Entry]:
        """See Backend."""
        with self._explaining(prefix):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=self.prefix + prefix
            )
            for page in pages:
                for item in page.get("Contents", []):
                    key = item["Key"].removeprefix(self.prefix)
                    yield Entry(key, item["Size"], item["LastModified"])

    def modified(self, key: str) -> datetime | None:
        """See Backend."""
        with self._explaining(key):
            try:
                answer = self._client.head_object(Bucket=self.bucket, Key=self.prefix + key)
            except ClientError as error:
                if code_of(error) in MISSING:
                    return None
                raise
            return answer["LastModified"]

    def leftovers(self) -> Iterator[Leftover]:
        """See Backend: multipart uploads that never ended; S3 keeps and charges their parts."""
        with self._explaining(""):
            pages = self._client.get_paginator("list_multipart_uploads").paginate(
                Bucket=self.bucket, Prefix=self.prefix
            )
            for page in pages:
                for item in page.get("Uploads", []):
                    key = item["Key"].removeprefix(self.prefix)
                    upload = item["UploadId"]
                    size = self._size_of_parts(item["Key"], upload)
                    yield Leftover(key, item["Initiated"], size, upload)

    def _size_of_parts(self, whole_key: str, upload: str) -> int:
        pages = self._client.get_paginator("list_parts").paginate(
            Bucket=self.bucket, Key=whole_key, UploadId=upload
        )
        return sum(part["Size"] for page in pages for part in page.get("Parts", []))

    def discard(self, leftover: Leftover) -> None:
        """See Backend."""
        with self._explaining(leftover.key):
            self._abort(leftover.key, leftover.upload)

    def locate(self, key: str) -> str:
        """See Backend."""
        return f"s3://{self.bucket}/{self.prefix}{key}"

    def check(self) -> None:
        """See Backend."""
        key = f"tmp/{uuid.uuid4().hex}.check"
        self.put_bytes(key, b"ok")
        self.get_bytes(key)
        self.delete(key)

    def _put_once(self, key: str, stream: IO[bytes], sha256: str) -> None:
        checksum = base64.b64encode(bytes.fromhex(sha256)).decode()
        try:
            self._client.put_object(
                Bucket=self.bucket,
                Key=self.prefix + key,
                Body=stream,
                ChecksumSHA256=checksum,
                IfNoneMatch="*",
            )
        except ClientError as error:
            if code_of(error) not in STANDS_ALREADY:
                raise

    def _put_parts(self, key: str, stream: IO[bytes], size: int) -> None:
        """A multipart upload: nothing shows until it completes, and a failed one is aborted.

        That of a process which is killed is left to `leftovers`.
        """
        started = self._client.create_multipart_upload(
            Bucket=self.bucket, Key=self.prefix + key, ChecksumAlgorithm="SHA256"
        )
        upload = started["UploadId"]
        try:
            self._complete(key, upload, list(self._upload_parts(key, upload, stream)), size)
        except BaseException:
            # What went wrong before is what is said; an abort that fails too is a leftover.
            with suppress(ClientError, BotoCoreError):
                self._abort(key, upload)
            raise

    def _complete(
        self, key: str, upload: str, parts: "list[CompletedPartTypeDef]", size: int
    ) -> None:
        try:
            self._client.complete_multipart_upload(
                Bucket=self.bucket,
                Key=self.prefix + key,
                UploadId=upload,
                MultipartUpload={"Parts": parts},
                IfNoneMatch="*",
            )
        except ClientError as error:
            if code_of(error) in STANDS_ALREADY:
                self._abort(key, upload)
            elif not (code_of(error) == "NoSuchUpload" and self.size(key) == size):
                raise
            # Else it was completed, but the answer got lost and boto3 asked a second time.

    def _abort(self, key: str, upload: str) -> None:
        try:
            self._client.abort_multipart_upload(
                Bucket=self.bucket, Key=self.prefix + key, UploadId=upload
            )
        except ClientError as error:
            if code_of(error) != "NoSuchUpload":
                raise

    def _upload_parts(
        self, key: str, upload: str, stream: IO[bytes]
    ) -> "Iterator[CompletedPartTypeDef]":
        number = 0
        while part := stream.read(PART_BYTES):
            number += 1
            answer = self._client.upload_part(
                Bucket=self.bucket,
                Key=self.prefix + key,
                UploadId=upload,
                PartNumber=number,
                Body=part,
                ChecksumAlgorithm="SHA256",
            )
            yield {
                "PartNumber": number,
                "ETag": answer["ETag"],
                "ChecksumSHA256": answer["ChecksumSHA256"],
            }

    @contextmanager
    def _explaining(self, key: str) -> Iterator[None]:
        """Turns what boto3 raises into one sentence that says what to do."""
        try:
            yield
        except ClientError as error:
            raise refused_or_failed(self.locate(key), self._named(key, error)) from error
        except (BotoCoreError, Boto3Error) as error:
            raise not_reached(self.locate(key), error) from error

    def _named(self, key: str, error: ClientError) -> ClientError:
        """The error with its name: an answer to HEAD has none, so a byte is asked for with GET."""
        if code_of(error) in UNNAMED:
            try:
                self._client.get_object(
                    Bucket=self.bucket, Key=self.prefix + key, Range="bytes=0-0"
                )
            except ClientError as named:
                return named
            except BotoCoreError:
                return error
        return error


def s3_client(settings: Settings) -> "S3Client":
    """The client for the server and credentials of the settings; threads share it."""
    secrets = (settings.s3_access_key, settings.s3_secret_key, settings.s3_session_token)
    access, secret, token = (one.get_secret_value() if one else None for one in secrets)
    return _shared_client(settings.s3_endpoint, settings.s3_region, access, secret, token)


@lru_cache(maxsize=8)
def _shared_client(
    endpoint: str | None,
    region: str | None,
    access: str | None,
    secret: str | None,
    token: str | None,
) -> "S3Client":
    # Making one takes a tenth of a second, and a step opens its store several times.
    return boto3.session.Session().client(
        "s3",
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=access,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            # Servers other than AWS seldom have a host name for each bucket.
            s3={"addressing_style": "path" if endpoint else "auto"},
        ),
    )
