"""The code that every Python brings: its standard library, and the packages installed for it."""

import platform
import sysconfig
from collections.abc import Iterable, Sequence
from importlib.metadata import Distribution, distributions
from pathlib import Path, PurePosixPath

from tasks.collect.folders import FolderCorpus
from tasks.collect.licence_files import MAX_BYTES, is_licence_file, licence_in
from tasks.collect.spdx import all_of, licence_of
from tasks.records.sources import Listing

# Tests and demos, programs rather than library, and what differs between machines.
_SKIPPED_IN_STDLIB = frozenset(
    (
        "test",
        "tests",
        "idlelib",
        "turtledemo",
        "site-packages",
        "dist-packages",
        "lib-dynload",
        "_bundled",
        "sitecustomize.py",
        "usercustomize.py",
    )
)
_SKIPPED_PREFIXES = ("config-", "_sysconfigdata")


class StandardLibrary(FolderCorpus):
    """The standard library of the interpreter under the environment, without its tests."""

    vouched = False

    def __init__(self, label: str = "stdlib", root: Path | None = None) -> None:
        super().__init__(label, root or Path(sysconfig.get_path("stdlib")), keep=_in_stdlib)

    def _described(self, listing: Listing) -> Listing:
        """The licence and the version of Python."""
        known = {"licence": "PSF-2.0", "revision": platform.python_version()}
        return listing.model_copy(update=known)


class SitePackages(FolderCorpus):
    """The packages installed in the running environment."""

    vouched = False

    def __init__(self, label: str = "site-packages", root: Path | None = None) -> None:
        super().__init__(label, root or Path(sysconfig.get_path("purelib")))
        self._owners: dict[str, dict[str, str]] | None = None

    def _described(self, listing: Listing) -> Listing:
        """What the distribution that installed the file says of itself.

        A licence file in the package's own folders goes before it: they hold code of others.
        """
        if self._owners is None:
            self._owners = _owners_of(self.root)
        own = {"licence": listing.licence} if listing.licence else {}
        return listing.model_copy(update=self._owners.get(listing.path, {}) | own)

    def _paths(self) -> tuple[Sequence[str], Sequence[str]]:
        """Licence files that lie beside the packages are nobody's."""
        code, licences = super()._paths()
        return code, [path for path in licences if "/" in path]


def _in_stdlib(path: str) -> bool:
    name = PurePosixPath(path).name
    return name not in _SKIPPED_IN_STDLIB and not name.startswith(_SKIPPED_PREFIXES)


def _owners_of(root: Path) -> dict[str, dict[str, str]]:
    """Licence, project and `name==version` of each file that a distribution below `root` records.

    Where the metadata is not clear, the licence files beside it are read.
    """
    owners: dict[str, dict[str, str]] = {}
    for distribution in distributions(path=[str(root)]):
        files = distribution.files or ()
        owner = {
            "licence": licence_of(distribution.metadata) or _licence_beside(distribution, files),
            "repository": distribution.name,
            "revision": f"{distribution.name}=={distribution.version}",
        }
        owners.update((str(file), owner) for file in files if file.suffix == ".py")
    return owners


def _licence_beside(distribution: Distribution, files: Iterable[PurePosixPath]) -> str:
    """What the licence files in the `.dist-info` folder of a distribution say."""
    found = [
        licence_in(_head(Path(str(distribution.locate_file(file)))))
        for file in files
        if file.parts[0].endswith(".dist-info") and is_licence_file(file.name)
    ]
    return all_of(found) if found else ""


def _head(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", errors="replace") as text:
            return text.read(MAX_BYTES)
    except OSError:
        return ""
