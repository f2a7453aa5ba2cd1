"""The licence of a file by the licence files of the folders around it.

Covered: LICENSE, LICENCE, COPYING, UNLICENSE (any ending) recognised by the sentences that only
one licence has, and `pyproject.toml`. The nearest folder that has any decides, so that a vendored
package keeps its own. Not covered: headers inside of source files.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

from tasks.collect.spdx import all_of, normalised

MAX_BYTES = 200_000
"""Of a licence file; what is larger lists the licences of others."""

_FILE = re.compile(r"(?:un)?licen[cs]e(?:[.\-_].*)?|copying(?:[.\-_].*)?", re.IGNORECASE)
_PROJECT = "pyproject.toml"
_CODE = (".py", ".pyi", ".pyc", ".c", ".h", ".js")

# Licences that quote no other: what the text begins with, after its title.
_BEGINNINGS = {
    "GPL-3.0": "gnu general public license version 3",
    "GPL-2.0": "gnu general public license version 2",
    "LGPL-3.0": "gnu lesser general public license version 3",
    "LGPL-2.1": "gnu lesser general public license version 2.1",
    "AGPL-3.0": "gnu affero general public license version 3",
    "MPL-2.0": "mozilla public license version 2.0",
}
_BEGINNING = 200

_SENTENCES = {
    "Apache-2.0": "apache license version 2.0 january 2004",
    "CC0-1.0": "cc0 1.0 universal",
    "PSF-2.0": "python software foundation license version 2",
    "Unlicense": "this is free and unencumbered software released into the public domain",
    "Zlib": "altered source versions must be plainly marked as such",
    "BSL-1.0": "boost software license version 1.0",
}
_MIT = "permission is hereby granted free of charge to any person obtaining a copy"
_MIT_NOTICE = "permission notice shall be included in all copies"
_BSD = "redistribution and use in source and binary forms with or without modification"
_BSD_3 = re.compile(r"neither the names? |may not be used to endorse or promote")
_BSD_4 = "all advertising materials"
_ISC = re.compile(
    r"permission to use copy modify and(?: or)? distribute this software for any purpose with or"
    r" without fee is hereby granted"
)
_ISC_NOTICE = "copyright notice and this permission notice appear"


def is_licence_file(path: str) -> bool:
    """Whether a file of that path says under which licence the files around it are."""
    name = PurePosixPath(path).name
    if name == _PROJECT:
        return True
    return bool(_FILE.fullmatch(name)) and not name.endswith(_CODE)


def licence_in(text: str) -> str:
    """The SPDX expression of a licence's text; several licences in one text all hold."""
    words = " ".join(re.sub(r"[^a-z0-9.]+", " ", text.lower()).split())
    for name, beginning in _BEGINNINGS.items():
        if beginning in words[:_BEGINNING]:
            return name
    found = [name for name, sentence in _SENTENCES.items() if sentence in words]
    return all_of([*found, *_by_parts(words)])


def _by_parts(words: str) -> Iterable[str]:
    """The licences that differ by a clause."""
    if _MIT in words:
        yield "MIT" if _MIT_NOTICE in words else "MIT-0"
    if _BSD in words and _BSD_4 not in words:
        yield "BSD-3-Clause" if _BSD_3.search(words) else "BSD-2-Clause"
    if _ISC.search(words):
        yield "ISC" if _ISC_NOTICE in words else "0BSD"


class FolderLicences:
    """Which licence the files of a tree are under."""

    def __init__(
        self, paths: Iterable[str], read: Callable[[str], bytes], *, whole: str = ""
    ) -> None:
        """Reads the licence files among `paths`; `read` may raise OSError.

        Args:
            paths: Of licence files (`is_licence_file`), relative, with forward slashes.
            read: Gives the first `MAX_BYTES` of one.
            whole: What is said of the whole tree elsewhere; goes before the files at its root.
        """
        self._by_folder: dict[str, str] = {}
        folders: dict[str, list[str]] = {}
        for path in sorted(paths):
            folders.setdefault(path.rpartition("/")[0], []).append(path)
        for folder, files in folders.items():
            licence = _licence_of_folder(files, read)
            if licence is not None:
                self._by_folder[folder] = licence
        if whole:
            self._by_folder[""] = whole

    def of(self, path: str) -> str:
        """The SPDX expression of a file, or an empty string."""
        folder = path
        while folder:
            folder = folder.rpartition("/")[0]
            if folder in self._by_folder:
                return self._by_folder[folder]
        return ""


def _licence_of_folder(files: Iterable[str], read: Callable[[str], bytes]) -> str | None:
    """What the files of one folder say; None where they say nothing (a bare pyproject.toml)."""
    said: list[str] = []
    for path in files:
        try:
            text = read(path).decode("utf-8", "replace")
        except OSError:
            continue
        if not path.endswith(_PROJECT):
            said.append(licence_in(text))
        elif declared := _declared(text):
            # The project's own words go before its licence files.
            return declared
    return all_of(said) if said else None


def _declared(text: str) -> str:
    """The licence that a `pyproject.toml` declares."""
    try:
        project: Any = tomllib.loads(text).get("project", {})
    except (tomllib.TOMLDecodeError, RecursionError):
        return ""
    licence = project.get("license", "") if isinstance(project, Mapping) else ""
    if isinstance(licence, Mapping):
        licence = licence.get("text", "")
    return normalised(licence) if isinstance(licence, str) else ""
