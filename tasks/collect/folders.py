"""Python files below a folder.

Covered: unreadable folders and files (listed, so that they are counted), names that are not
UTF-8, files that are no files (a pipe named .py is never opened to wait). Links to folders are
not followed, so no loop is. Left out: hidden folders, virtual environments, `node_modules`,
`__pycache__`.
"""

import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tasks.collect.corpus import unchanged
from tasks.collect.licence_files import MAX_BYTES, FolderLicences, is_licence_file
from tasks.records.sources import Listing

SKIPPED_FOLDERS = frozenset(("__pycache__", "node_modules"))
_ENVIRONMENT_MARKS = frozenset(("pyvenv.cfg", "conda-meta"))


def _keep_all(_path: str) -> bool:
    return True


def is_skipped(path: str) -> bool:
    """Whether a file lies in a folder that holds no code of the project it is in."""
    folders = path.split("/")[:-1]
    return any(name.startswith(".") or name in SKIPPED_FOLDERS for name in folders)


class FolderCorpus:
    """The files `*.py` below a folder."""

    vouched = True

    def __init__(self, label: str, root: Path, *, keep: Callable[[str], bool] = _keep_all) -> None:
        """Files and folders (`root` excepted) whose path `keep` refuses are left out."""
        self.label = label
        self.root = root
        self._keep = keep

    def list(self) -> Iterator[Listing]:
        """Every file, sorted by path; a folder that cannot be entered is one unreadable source."""
        paths, licence_files = self._paths()
        licences = FolderLicences(licence_files, self._head)
        for path in sorted(paths):
            sha256, size = self._digest(path)
            printable = path.encode("utf-8", "backslashreplace").decode()
            listing = Listing(
                name=f"{self.label}/{printable}",
                path=printable,
                corpus=self.label,
                digest=sha256 if printable == path else "",
                size=size,
                licence=licences.of(path),
                revision=sha256,
            )
            yield self._described(listing)

    def at_once(self, listing: Listing) -> int:
        """It is on a disk."""
        del listing
        return 1

    def read(self, listing: Listing) -> bytes:
        """The bytes of one file, at most one more than were listed. Raises as `Corpus.read`."""
        with os.fdopen(_open_regular(self.root / listing.path), "rb") as file:
            return unchanged(file.read(listing.size + 1), listing)

    def _described(self, listing: Listing) -> Listing:
        """The listing with what a kind of folder knows of its files."""
        return listing

    def _head(self, path: str) -> bytes:
        with os.fdopen(_open_regular(self.root / path), "rb") as file:
            return file.read(MAX_BYTES)

    def _paths(self) -> tuple[Sequence[str], Sequence[str]]:
        """Of code (and of folders that cannot be entered), and of licences."""
        denied: list[str] = []
        code: list[str] = []
        licences: list[str] = []
        for folder, folders, files in os.walk(
            self.root, onerror=lambda error: denied.append(str(error.filename))
        ):
            inside = os.path.relpath(folder, self.root)
            prefix = "" if inside == "." else f"{inside}/"
            if prefix and not _ENVIRONMENT_MARKS.isdisjoint([*files, *folders]):
                folders.clear()
                continue
            folders[:] = [name for name in folders if self._enters(prefix, name)]
            names = (prefix + name for name in files if name.endswith(".py"))
            code.extend(filter(self._keep, names))
            licences.extend(prefix + name for name in files if is_licence_file(name))
        code.extend(f"{os.path.relpath(folder, self.root)}/" for folder in denied)
        return code, licences

    def _enters(self, prefix: str, name: str) -> bool:
        hidden = name.startswith(".") or name in SKIPPED_FOLDERS
        return not hidden and self._keep(prefix + name)

    def _digest(self, path: str) -> tuple[str, int]:
        """The sha256 and size of a file, read in pieces; ("", 0) where it cannot be read."""
        try:
            with os.fdopen(_open_regular(self.root / path), "rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest(), file.tell()
        except OSError:
            return "", 0


def _open_regular(path: Path) -> int:
    """Open a regular file, and nothing that would block."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError("not a regular file")
    return descriptor
