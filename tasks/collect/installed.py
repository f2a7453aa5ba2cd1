"""The code that every Python brings: its standard library, and the packages installed for it."""

import platform
import sysconfig
from importlib.metadata import Distribution, distributions
from pathlib import Path, PurePosixPath

from tasks.collect.folders import FolderCorpus
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

# Classifiers and free-text licences that say clearly which SPDX licence is meant.
_SPDX = {
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "Apache-2.0": "Apache-2.0",
    "BSD-2-Clause": "BSD-2-Clause",
    "BSD-3-Clause": "BSD-3-Clause",
    "BSD 3-Clause": "BSD-3-Clause",
    "ISC": "ISC",
    "ISC License (ISCL)": "ISC",
    "MIT": "MIT",
    "MIT License": "MIT",
    "MPL-2.0": "MPL-2.0",
    "MPL 2.0": "MPL-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "PSF-2.0": "PSF-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
}


class StandardLibrary(FolderCorpus):
    """The standard library of the interpreter under the environment, without its tests."""

    def __init__(self, label: str = "stdlib", root: Path | None = None) -> None:
        super().__init__(label, root or Path(sysconfig.get_path("stdlib")), keep=_in_stdlib)

    def licence(self, listing: Listing) -> str:
        """The licence of Python."""
        del listing
        return "PSF-2.0"

    def revision(self, listing: Listing) -> str:
        """The version of Python."""
        del listing
        return platform.python_version()


class SitePackages(FolderCorpus):
    """The packages installed in the running environment."""

    def __init__(self, label: str = "site-packages", root: Path | None = None) -> None:
        super().__init__(label, root or Path(sysconfig.get_path("purelib")))
        self._owners: dict[str, tuple[str, str]] | None = None

    def licence(self, listing: Listing) -> str:
        """What the distribution that installed the file says of itself."""
        return self._owner(listing)[0]

    def revision(self, listing: Listing) -> str:
        """Name and version of the distribution, or the content's sha256 where none owns it."""
        return self._owner(listing)[1] or listing.sha256

    def _owner(self, listing: Listing) -> tuple[str, str]:
        if self._owners is None:
            self._owners = _owners_of(self.root)
        return self._owners.get(listing.path, ("", ""))


def _in_stdlib(path: str) -> bool:
    name = PurePosixPath(path).name
    return name not in _SKIPPED_IN_STDLIB and not name.startswith(_SKIPPED_PREFIXES)


def _owners_of(root: Path) -> dict[str, tuple[str, str]]:
    """Licence and `name==version` of each file that a distribution below `root` records."""
    owners: dict[str, tuple[str, str]] = {}
    for distribution in distributions(path=[str(root)]):
        owner = licence_of(distribution), f"{distribution.name}=={distribution.version}"
        for file in distribution.files or ():
            if file.suffix == ".py":
                owners[str(file)] = owner
    return owners


def licence_of(distribution: Distribution) -> str:
    """The SPDX expression of a distribution, or an empty string where its metadata is not clear."""
    metadata = distribution.metadata
    if "License-Expression" in metadata:
        return str(metadata["License-Expression"])
    named = [str(text).strip() for text in metadata.get_all("License") or []]
    named += [
        line.rpartition(" :: ")[2]
        for line in metadata.get_all("Classifier") or []
        if line.startswith("License ::")
    ]
    known = sorted({_SPDX[name] for name in named if name in _SPDX})
    return " OR ".join(known)
