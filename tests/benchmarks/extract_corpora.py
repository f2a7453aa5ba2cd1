"""The files that `bench_extract.py` measures on, read into memory as a build would read them."""

import os
import random
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath

from tasks.programs.packages import package_key, project_key
from tasks.records.sources import SourceFile

DENSE = ("boltons", "more-itertools", "toolz", "sympy", "networkx")
MAX_BYTES = 1_000_000
_NOT_LIBRARY = frozenset(("site-packages", "dist-packages", "test", "tests", "idlelib"))

Package = list[SourceFile]
"""The files of a project, which are read together."""


def mixed(megabytes: float | None, seed: int) -> list[Package]:
    """The standard library without its tests, and what is installed: all, or a seeded draw.

    Folders are drawn, those of one project then stand together: a draw of whole projects would be
    what the few largest in it happen to be. Imports into folders left out are not followed.
    """
    library = Path(sysconfig.get_path("stdlib"))
    paths = (path for path in _sources(library) if _NOT_LIBRARY.isdisjoint(path.parts[:-1]))
    found = [*_read(library, paths, "stdlib")]
    installed = Path(sysconfig.get_path("purelib"))
    found += _read(installed, _sources(installed), "site-packages")
    if megabytes is not None:
        folders = _grouped(found, package_key)
        random.Random(seed).shuffle(folders)
        found = [file for folder in _up_to(folders, megabytes * 1e6) for file in folder]
    return _grouped(found, project_key)


def dense(folder: Path) -> list[Package]:
    """The modules in the source distributions of `DENSE`, which are fetched where there are none.

    Raises:
        OSError, subprocess.CalledProcessError: They are not to be had.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if len(list(folder.glob("*.tar.gz"))) < len(DENSE):
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-binary", ":all:"]
        subprocess.run([*command, "--no-deps", "--dest", str(folder), *DENSE], check=True)
    files = (file for path in sorted(folder.glob("*.tar.gz")) for file in _unpacked(path))
    return _grouped(files, lambda _: "")


def default_folder() -> Path:
    """Where source distributions are kept between runs."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "case2code-bench"


def size_of(packages: Iterable[Package]) -> float:
    """Megabytes of text."""
    return sum(len(file.text) for package in packages for file in package) / 1e6


def _sources(root: Path) -> list[Path]:
    return sorted(path.relative_to(root) for path in root.rglob("*.py"))


def _read(root: Path, paths: Iterable[Path], corpus: str) -> Iterator[SourceFile]:
    for path in paths:
        if (root / path).is_file():
            yield from _file((root / path).read_bytes(), path.as_posix(), corpus)


def _unpacked(archive: Path) -> Iterator[SourceFile]:
    with tarfile.open(archive) as tar:
        for member in sorted(tar.getmembers(), key=lambda one: one.name):
            content = tar.extractfile(member) if member.name.endswith(".py") else None
            if content is not None:
                path = PurePosixPath(*PurePosixPath(member.name).parts[1:]).as_posix()
                yield from _file(content.read(), path, archive.name.partition("-")[0])


def _file(data: bytes, path: str, corpus: str) -> Iterator[SourceFile]:
    if not data.strip() or len(data) > MAX_BYTES:
        return
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        return
    yield SourceFile(
        name=f"{corpus}/{path}", path=path, corpus=corpus, text=text, licence="", revision=""
    )


def _grouped(files: Iterable[SourceFile], key: Callable[[str], str]) -> list[Package]:
    packages: dict[tuple[str, str], Package] = {}
    for file in files:
        packages.setdefault((file.corpus, key(file.path)), []).append(file)
    return list(packages.values())


def _up_to(packages: Iterable[Package], limit: float) -> Iterator[Package]:
    size = 0
    for package in packages:
        size += sum(len(file.text) for file in package)
        yield package
        if size >= limit:
            return
