"""S3 and servers that speak it, through boto3.

Content goes up with a conditional write (`IfNoneMatch="*"`): of two writers of one key
one wins and the other is told 412, which is success, since the key names the content.
Every upload carries its sha256, which S3 compares with what arrived.
"""

import base64
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tasks.errors import StoreError, StoreRefusedError
from tasks.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

PART_BYTES = 32 << 20
"""Larger files go up in parts of this size (S3 allows 10,000 of them: 312 GiB)."""

_ADVICE = {
    "NoSuchBucket": "the bucket does not exist; create it, or name another with --store",
    "AccessDenied": "access was denied; the key needs Get, Put, List and Delete on this prefix",
    "InvalidAccessKeyId": "the access key is not known there; check CASE2CODE_S3_ACCESS_KEY",
    "SignatureDoesNotMatch": "the secret key is wrong; check CASE2CODE_S3_SECRET_KEY",
    "ExpiredToken": "the credentials have expired; renew them and run again",
}
_MISSING = {"404", "NoSuchKey", "NotFound"}
# 409 (another writer is at it right now) is not among them: the step tries again.
_STANDS_ALREADY = {"412", "PreconditionFailed"}
_CONTENDED = {"409", "ConditionalRequestConflict"}


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
            if source.stat().st_size > PART_BYTES:
                self._put_parts(key, stream)
            else:
                self._put_once(key, stream, sha256)

    def put_bytes(self, key: str, data: bytes) -> None:
        """See Backend."""
        with self._explaining(key):
            self._client.put_object(Bucket=self.bucket, Key=self.prefix + key, Body=data)

    def swap(self, key: str, data: bytes, *, expected: bytes | None) -> bool:
        """See Backend: by conditional writes."""
        with self._explaining(key):
            try:
                return self._swapped(self.prefix + key, data, expected)
            except ClientError as error:
                if _code(error) in _STANDS_ALREADY | _MISSING | _CONTENDED:
                    return False
                raise

    def _swapped(self, whole_key: str, data: bytes, expected: bytes | None) -> bool:
        if expected is None:
            self._client.put_object(Bucket=self.bucket, Key=whole_key, Body=data, IfNoneMatch="*")
            return True
        answer = self._client.get_object(Bucket=self.bucket, Key=whole_key)
        if answer["Body"].read() != expected:
            return False
        self._client.put_object(
            Bucket=self.bucket, Key=whole_key, Body=data, IfMatch=answer["ETag"]
        )
        return True

    def get_bytes(self, key: str) -> bytes | None:
        """See Backend."""
        with self._explaining(key):
            try:
                answer = self._client.get_object(Bucket=self.bucket, Key=self.prefix + key)
            except ClientError as error:
                if _code(error) in _MISSING:
                    return None
                raise
            return answer["Body"].read()

    def size(self, key: str) -> int | None:
        """See Backend."""
        with self._explaining(key):
            try:
                answer = self._client.head_object(Bucket=self.bucket, Key=self.prefix + key)
            except ClientError as error:
                if _code(error) in _MISSING:
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
                if _code(error) in _MISSING:
                    return None
                raise
        return target

    def delete(self, key: str) -> None:
        """See Backend."""
        with self._explaining(key):
            self._client.delete_object(Bucket=self.bucket, Key=self.prefix + key)

    def keys(self, prefix: str) -> Iterator[str]:
        """See Backend."""
        with self._explaining(prefix):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=self.prefix + prefix
            )
            for page in pages:
                for item in page.get("Contents", []):
                    yield item["Key"].removeprefix(self.prefix)

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
        with _standing_already_is_fine():
            self._client.put_object(
                Bucket=self.bucket,
                Key=self.prefix + key,
                Body=stream,
                ChecksumSHA256=checksum,
                IfNoneMatch="*",
            )

    def _put_parts(self, key: str, stream: IO[bytes]) -> None:
        """A multipart upload: nothing shows until it completes, and a failed one is aborted."""
        bucket, whole_key = self.bucket, self.prefix + key
        upload = self._client.create_multipart_upload(
            Bucket=bucket, Key=whole_key, ChecksumAlgorithm="SHA256"
        )
        upload_id = upload["UploadId"]
        try:
            parts = list(self._upload_parts(key, upload_id, stream))
            with _standing_already_is_fine():
                self._client.complete_multipart_upload(
                    Bucket=bucket,
                    Key=whole_key,
                    UploadId=upload_id,
                    MultipartUpload={"Parts": parts},
                    IfNoneMatch="*",
                )
        except BaseException:
            self._client.abort_multipart_upload(Bucket=bucket, Key=whole_key, UploadId=upload_id)
            raise

    def _upload_parts(
        self, key: str, upload_id: str, stream: IO[bytes]
    ) -> "Iterator[CompletedPartTypeDef]":
        number = 0
        while part := stream.read(PART_BYTES):
            number += 1
            answer = self._client.upload_part(
                Bucket=self.bucket,
                Key=self.prefix + key,
                UploadId=upload_id,
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
            code = _code(error)
            advice = _ADVICE.get(code, error.response.get("Error", {}).get("Message", code))
            kind = StoreRefusedError if code in _ADVICE else StoreError
            raise kind(f"{self.locate(key)}: {advice} ({code})") from error
        except BotoCoreError as error:
            raise StoreError(
                f"{self.locate(key)}: {error}; check CASE2CODE_S3_ENDPOINT, the network, "
                "and that credentials are set"
            ) from error


def s3_client(settings: Settings) -> "S3Client":
    """The client for the server and credentials of the settings; threads share it."""
    access, secret = settings.s3_access_key, settings.s3_secret_key
    return _shared_client(
        settings.s3_endpoint,
        settings.s3_region,
        access.get_secret_value() if access else None,
        secret.get_secret_value() if secret else None,
    )


@lru_cache(maxsize=8)
def _shared_client(
    endpoint: str | None, region: str | None, access: str | None, secret: str | None
) -> "S3Client":
    # Making one takes a tenth of a second, and a step opens its store several times.
    return boto3.session.Session().client(
        "s3",
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=access,
        aws_secret_access_key=secret,
        config=Config(
            retries={"mode": "standard", "max_attempts": 5},
            connect_timeout=5,
            # Servers other than AWS seldom have a host name for each bucket.
            s3={"addressing_style": "path" if endpoint else "auto"},
        ),
    )


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")


@contextmanager
def _standing_already_is_fine() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if _code(error) not in _STANDS_ALREADY:
            raise
