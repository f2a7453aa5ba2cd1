"""Contents of the Software Heritage archive, by the ids that The Stack v2 lists.

The layout: a gzip file `content/{blob_id}` for each content, in a public bucket. Covered: many at
once, retries, a content that is not the one its name says, one that unpacks to more than the
metadata promised. Bulk use of the bucket needs an agreement with Software Heritage.
"""

import hashlib
import zlib
from functools import cached_property
from typing import TYPE_CHECKING

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tasks.collect.corpus import ChangedError
from tasks.errors import StoreError
from tasks.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_AT_ONCE = 32
_GZIP = 31  # how zlib is told to expect a gzip header
_LIMIT = 10_000_000
"""Bytes of a content whose size the metadata does not say."""
_MISSING = ("404", "NoSuchKey", "NotFound")


class Heritage:
    """The archive, or a mirror of it with the same layout. Safe to share by threads."""

    at_once = _AT_ONCE
    """Contents worth fetching at the same time."""

    def __init__(self, settings: Settings) -> None:
        bucket, _, prefix = settings.heritage_url.removeprefix("s3://").partition("/")
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._endpoint = settings.heritage_endpoint

    @cached_property
    def _client(self) -> "S3Client":
        return boto3.session.Session().client(
            "s3",
            endpoint_url=self._endpoint,
            region_name="us-east-1",
            config=Config(
                signature_version=UNSIGNED,
                retries={"mode": "standard", "max_attempts": 5},
                connect_timeout=5,
                max_pool_connections=_AT_ONCE,
                s3={"addressing_style": "path" if self._endpoint else "auto"},
            ),
        )

    def read(self, blob: str, size: int) -> bytes:
        """The content as it was archived, at most a byte more than `size`.

        Raises:
            OSError: It is not in the archive, or not packed as it should be.
            ChangedError: It is not the content of that name.
            StoreError: The network failed.
        """
        data = _unpacked(self._fetched(blob), (size or _LIMIT) + 1)
        if blob not in _names_of(data):
            raise ChangedError
        return data

    def _fetched(self, blob: str) -> bytes:
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + blob)
            return answer["Body"].read()
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code in _MISSING:
                raise OSError("not in the archive") from error
            raise StoreError(
                f"s3://{self._bucket}/{self._prefix}{blob}: {code}; check CASE2CODE_HERITAGE_URL"
            ) from error
        except BotoCoreError as error:
            raise StoreError(
                f"the archive at s3://{self._bucket} cannot be read: {error}; check the network"
            ) from error


def _unpacked(data: bytes, limit: int) -> bytes:
    try:
        return zlib.decompressobj(_GZIP).decompress(data, limit)
    except zlib.error as error:
        raise OSError("not gzip") from error


def _names_of(data: bytes) -> tuple[str, str]:
    """The names that the archive and git have for a content; data sets use either."""
    plain = hashlib.sha1(data, usedforsecurity=False)
    as_git = hashlib.sha1(b"blob %d\0%b" % (len(data), data), usedforsecurity=False)
    return plain.hexdigest(), as_git.hexdigest()
