"""Where bytes lie. Two backends with one face: a local folder, and S3 (`tasks.store.s3`).

Promised by both: what stands under a key is whole (never a part of it, however the
writer died), and two writers of one key cannot mix their bytes.
"""

import errno
import fcntl
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Protocol

from tasks.errors import StoreError, StoreRefusedError

_FINAL = frozenset(
    (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR)
)
"""Errors that no waiting mends."""
_LOCK = "tmp/swap.lock"


class Entry(NamedTuple):
    """What a listing says of a value."""

    key: str
    size: int
    """Bytes."""
    modified: datetime
    """By the clock of the disk or the server."""


class Leftover(NamedTuple):
    """What a writer that was killed has left: no key shows it, but it takes room."""

    key: str
    """Of a folder, the temporary file; of S3, what was being written."""
    started: datetime
    size: int
    """Bytes."""
    upload: str = ""
    """Of S3: names the multipart upload."""


class Backend(Protocol):
    """Bytes under keys. A key is a relative path with forward slashes."""

    url: str
    """A person can find the store by it."""

    def put_file(self, key: str, source: Path, sha256: str) -> None:
        """Stores a file under a key that always means this content; a second time is a no-op."""

    def put_bytes(self, key: str, data: bytes) -> None:
        """Stores a small value, replacing what was there."""

    def swap(self, key: str, data: bytes, *, expected: bytes | None) -> bool:
        """Stores a small value if what is there is what is expected (None: nothing).

        Returns whether it did. Of several who try at once, one does.
        """

    def get_bytes(self, key: str) -> bytes | None:
        """The value, or None where there is none."""

    def size(self, key: str) -> int | None:
        """Bytes under the key, or None where there is nothing."""

    def local_copy(self, key: str, scratch: Path) -> Path | None:
        """A local file with the value, downloaded to the scratch folder where it has to be."""

    def delete(self, key: str) -> None:
        """Removes the value, if there is one."""

    def keys(self, prefix: str) -> Iterator[str]:
        """All keys below a prefix that ends in a slash, sorted."""

    def entries(self, prefix: str) -> Iterator[Entry]:
        """As `keys`, with size and age."""

    def modified(self, key: str) -> datetime | None:
        """When the value was written, or None where there is nothing."""

    def leftovers(self) -> Iterator[Leftover]:
        """What was begun and is not a value, by those who work right now or were killed."""

    def discard(self, leftover: Leftover) -> None:
        """Removes it; its writer, if it lives, fails and leaves nothing half-written."""

    def locate(self, key: str) -> str:
        """Where a person finds the value: a path, or an s3:// address."""

    def check(self) -> None:
        """Raises StoreError with what to do, unless the store can be written and read."""


class LocalFolder:
    """A folder on a local or shared disk. Values appear by rename: whole, or not there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.url = str(root)

    def put_file(self, key: str, source: Path, sha256: str) -> None:  # noqa: ARG002 - S3 needs it
        """See Backend. The rename replaces: same content, and it heals a damaged copy."""
        with self._arriving(key) as temporary:
            shutil.copyfile(source, temporary)

    def put_bytes(self, key: str, data: bytes) -> None:
        """See Backend."""
        with self._arriving(key) as temporary:
            temporary.write_bytes(data)

    def swap(self, key: str, data: bytes, *, expected: bytes | None) -> bool:
        """See Backend."""
        with self._alone():
            if self.get_bytes(key) != expected:
                return False
            self.put_bytes(key, data)
            return True

    def get_bytes(self, key: str) -> bytes | None:
        """See Backend."""
        try:
            return (self.root / key).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise self._failed("read", error) from error

    def size(self, key: str) -> int | None:
        """See Backend."""
        try:
            return (self.root / key).stat().st_size
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise self._failed("read", error) from error

    def local_copy(self, key: str, scratch: Path) -> Path | None:  # noqa: ARG002 - it is local
        """See Backend: the stored file itself. Callers only read it."""
        return self.root / key if self.size(key) is not None else None

    def delete(self, key: str) -> None:
        """See Backend. Folders that are empty then go too."""
        path = self.root / key
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise self._failed("remove from", error) from error
        with _ignoring_os_errors():
            while (path := path.parent) != self.root:
                path.rmdir()

    def keys(self, prefix: str) -> Iterator[str]:
        """See Backend."""
        for folder, folders, files in os.walk(self.root / prefix):
            folders.sort()
            for name in sorted(files):
                yield (Path(folder) / name).relative_to(self.root).as_posix()

    def entries(self, prefix: str) -> Iterator[Entry]:
        """See Backend."""
        for key in self.keys(prefix):
            with suppress(FileNotFoundError):
                about = (self.root / key).stat()
                yield Entry(key, about.st_size, datetime.fromtimestamp(about.st_mtime, UTC))

    def modified(self, key: str) -> datetime | None:
        """See Backend."""
        with suppress(FileNotFoundError, NotADirectoryError):
            return datetime.fromtimestamp((self.root / key).stat().st_mtime, UTC)
        return None

    def leftovers(self) -> Iterator[Leftover]:
        """See Backend."""
        for entry in self.entries("tmp/"):
            if entry.key != _LOCK:
                yield Leftover(entry.key, entry.modified, entry.size)

    def discard(self, leftover: Leftover) -> None:
        """See Backend."""
        self.delete(leftover.key)

    def locate(self, key: str) -> str:
        """See Backend."""
        return str(self.root / key)

    def check(self) -> None:
        """See Backend."""
        self.put_bytes(f"tmp/{uuid.uuid4().hex}.check", b"ok")
        for path in (self.root / "tmp").glob("*.check"):
            path.unlink(missing_ok=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else, in this process or another, is in here on this folder."""
        path = self.root / _LOCK
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
        except OSError as error:
            raise self._failed("write to", error) from error

    @contextmanager
    def _arriving(self, key: str) -> Iterator[Path]:
        """A temporary file on the same disk, moved to its key when it is whole and on the disk."""
        temporary = self.root / "tmp" / uuid.uuid4().hex
        target = self.root / key
        try:
            temporary.parent.mkdir(parents=True, exist_ok=True)
            yield temporary
            with temporary.open("rb") as written:
                os.fsync(written.fileno())
            # Somebody may have emptied the folder meanwhile, and removed it.
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary.replace(target)
        except OSError as error:
            raise self._failed("write to", error) from error
        finally:
            with _ignoring_os_errors():
                temporary.unlink(missing_ok=True)

    def _failed(self, action: str, error: OSError) -> StoreError:
        kind = StoreRefusedError if error.errno in _FINAL else StoreError
        return kind(
            f"cannot {action} the store {self.url}: {error.strerror or error}; "
            "make room or permission there, or name another with --store"
        )


@contextmanager
def _ignoring_os_errors() -> Iterator[None]:
    """For the clean-up after a failure: a second error would hide the first."""
    try:
        yield
    except OSError:
        return
