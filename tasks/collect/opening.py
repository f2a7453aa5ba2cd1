"""Finds out what a corpus is by looking at it, and opens it."""

import os
import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from tasks.collect.access import Access
from tasks.collect.archives import ArchiveCorpus
from tasks.collect.columns import Columns
from tasks.collect.corpus import Corpus
from tasks.collect.files import ARCHIVE_SUFFIXES, ROW_SUFFIXES, Files, LocalFiles
from tasks.collect.folders import FolderCorpus, is_skipped
from tasks.collect.git import GitCorpus, is_bare, is_repository
from tasks.collect.heritage import Heritage
from tasks.collect.hub import HubFiles
from tasks.collect.installed import SitePackages, StandardLibrary
from tasks.collect.rows import RowCorpus
from tasks.collect.s3_files import S3Files, S3Folder
from tasks.errors import ConfigError, CorpusError

KINDS = (
    "stdlib, site-packages, a folder, a git repository (PATH@REVISION), a .jsonl or .parquet file,"
    " a .tar.gz or .whl file, a pattern or a folder of such files, one of these under s3://, or"
    " hf://ORGANISATION/NAME"
)

_NAMED = re.compile(r"(?P<label>[\w.-]+)=(?P<place>.+)")
_WILDCARD = re.compile(r"[*?\[]")
_S3, _HUB = "s3://", "hf://"


def open_corpus(spec: str, access: Access) -> Corpus:
    """Open what one spec names, `NAME=` before it or not; contents are read later.

    Raises:
        ConfigError: The place has no name of its own, or needs what `access` lacks.
        CorpusError: The place does not exist, may not be read, or is none of the known kinds.
        StoreError: S3 cannot be reached.
    """
    label, place = split_label(spec)
    if place == "stdlib":
        return StandardLibrary(label or place)
    if place == "site-packages":
        return SitePackages(label or place)
    if place.startswith(_S3):
        return _on_s3(label, place, access)
    if place.startswith(_HUB):
        hub = HubFiles(place.removeprefix(_HUB))
        label = label or PurePosixPath(hub.name).name
        return _of_files(label, place, hub, hub.names(), access)
    return _on_disk(label, place, access)


def split_label(spec: str) -> tuple[str, str]:
    """The label that a spec gives (or an empty string), and the rest of it."""
    named = _NAMED.fullmatch(spec)
    return (named["label"], named["place"]) if named else ("", spec)


def _on_disk(label: str, place: str, access: Access) -> Corpus:
    path = Path(place).expanduser()
    repository, _, revision = place.rpartition("@")
    root = Path(repository).expanduser()
    if not path.exists() and repository and is_repository(root):
        return GitCorpus(label or _label(root.resolve().name, place), lambda: root, revision)
    if not path.exists() and _WILDCARD.search(place):
        base, pattern = _cut(place)
        files = LocalFiles(Path(base or ".").expanduser())
        names = _matching(files.names(), pattern)
        return _of_files(label or _label(Path(base).name, place), place, files, names, access)
    _check_readable(path)
    if path.is_file():
        return _of_files(
            label or _label(path.name, place), place, LocalFiles(path.parent), [path.name], access
        )
    return _of_folder(label or _label(path.resolve().name, place), path.resolve(), access)


def _of_folder(label: str, folder: Path, access: Access) -> Corpus:
    if is_bare(folder):
        return GitCorpus(label, lambda: folder)
    files = LocalFiles(folder)
    names = _large(files.names()) if not _holds_code(folder) else []
    if names:
        return _of_files(label, str(folder), files, names, access)
    return FolderCorpus(label, folder)


def _on_s3(label: str, place: str, access: Access) -> Corpus:
    settings = access.require_settings(place)
    bucket, _, key = place.removeprefix(_S3).partition("/")
    key, _, revision = key.partition("@")
    label = label or _label(PurePosixPath(_cut(key)[0] or bucket).name, place)
    if _WILDCARD.search(key):
        base, pattern = _cut(key)
        files = S3Files(bucket, base, settings)
        return _of_files(label, place, files, _matching(files.names(), pattern), access)
    if _large([key]):
        parent, _, name = key.rpartition("/")
        return _of_files(label, place, S3Files(bucket, parent, settings), [name], access)
    files = S3Files(bucket, key, settings)
    names = list(_telling(files.names()))
    if "HEAD" in names or revision:
        folder = access.require_scratch(place) / label
        return GitCorpus(label, lambda: _downloaded(files, folder), revision or "HEAD")
    if not names or names[-1].endswith(".py"):
        return S3Folder(label, files)
    return _of_files(label, place, files, names, access)


def _downloaded(files: S3Files, folder: Path) -> Path:
    """A repository that lies on S3, on the disk: git cannot read it where it is."""
    files.download(folder)
    # S3 keeps no empty folders, and without this one git sees no repository.
    (folder / "refs").mkdir(exist_ok=True)
    return folder


def _telling(names: Iterable[str]) -> Iterable[str]:
    """Names that say what a prefix holds, up to the first that decides it."""
    for name in names:
        if name == "HEAD" or _large([name]):
            yield name
        elif name.endswith(".py") and not is_skipped(name):
            yield name
            return
        elif name.startswith("objects/"):
            return


def _of_files(label: str, place: str, files: Files, names: Iterable[str], access: Access) -> Corpus:
    """Rows, where any of the files has them; else archives."""
    names = list(names)
    rows = [name for name in names if name.endswith(ROW_SUFFIXES)]
    archives = [name for name in names if name.endswith(ARCHIVE_SUFFIXES)]
    if rows:
        heritage = Heritage(access.settings) if access.settings else None
        return RowCorpus(label, files, rows, Columns(access.columns), heritage)
    if archives:
        return ArchiveCorpus(label, files, archives)
    raise CorpusError(f"{place} holds nothing to read code from: name {KINDS}.")


def _large(names: Iterable[str]) -> list[str]:
    """The names of files that hold many sources each."""
    return [name for name in names if name.endswith((*ROW_SUFFIXES, *ARCHIVE_SUFFIXES))]


def _holds_code(folder: Path) -> bool:
    """Whether any Python file is below the folder; stops at the first."""
    return any(
        name.endswith(".py") and not is_skipped(f"{os.path.relpath(inside, folder)}/".lstrip("./"))
        for inside, _, names in os.walk(folder)
        for name in names
    )


def _cut(place: str) -> tuple[str, str]:
    """The folders before the first wildcard, and the pattern from there on."""
    parts = place.split("/")
    first = next((n for n, part in enumerate(parts) if _WILDCARD.search(part)), len(parts))
    return "/".join(parts[:first]), "/".join(parts[first:])


def _matching(names: Iterable[str], pattern: str) -> list[str]:
    """The names that a pattern means: `**` stands for any folders, or none; `*` for no slash."""
    return [name for name in names if _matches(name.split("/"), pattern.split("/"))]


def _matches(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return any(_matches(parts[n:], pattern[1:]) for n in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and _matches(parts[1:], pattern[1:])


def _label(name: str, place: str) -> str:
    """What a corpus is called by the last part of its place. Raises ConfigError if it has none."""
    for suffix in (*ROW_SUFFIXES, *ARCHIVE_SUFFIXES, ".git"):
        name = name.removesuffix(suffix)
    if not name:
        raise ConfigError(f"{place} has no name of its own: write NAME={place}.")
    return name


def _check_readable(path: Path) -> None:
    try:
        if path.is_dir():
            os.scandir(path).close()
        elif path.exists():
            path.open("rb").close()
        else:
            raise CorpusError(f"There is no {path}: name {KINDS}.")
    except OSError as error:
        raise CorpusError(
            f"{path} cannot be read ({error.strerror}): check the path and its permissions."
        ) from error
