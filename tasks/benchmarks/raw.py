"""The bytes of a benchmark's file, and the hash that it is known by."""

import gzip
import hashlib
from pathlib import Path

from tasks.errors import ConfigError


def read(path: Path) -> bytes:
    """The content, decompressed. Raises ConfigError."""
    try:
        raw = path.read_bytes()
        return gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw
    except (OSError, EOFError) as error:
        raise ConfigError(f"cannot read the benchmark {path}: {error}") from error


def content_hash(path: Path) -> str:
    """The sha256 of the content: packed or not, a file has the same. Raises ConfigError."""
    return hashlib.sha256(read(path)).hexdigest()
