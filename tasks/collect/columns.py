"""What the columns of a row mean, by the names that the usual data sets give them.

Covered: The Stack, The Stack v2 (with contents, or ids alone), StarCoderData, CodeSearchNet,
GitHub Code, and what calls its columns as these do; others through `ColumnsConfig`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tasks.collect.corpus import BadRowError
from tasks.collect.spdx import all_of, normalised
from tasks.errors import CorpusError
from tasks.records.configs import ColumnsConfig

# First match wins.
_USUAL: Mapping[str, tuple[str, ...]] = {
    "text": (
        "content",
        "code",
        "text",
        "whole_func_string",
        "original_string",
        "func_code_string",
    ),
    "path": (
        "path",
        "max_stars_repo_path",
        "func_path_in_repository",
        "id",
        "hexsha",
        "blob_id",
        "sha",
    ),
    "repository": ("repo_name", "max_stars_repo_name", "repository_name", "repo", "repository"),
    "licence": (
        "license",
        "licence",
        "licenses",
        "max_stars_repo_licenses",
        "detected_licenses",
    ),
    "revision": ("revision", "commit", "max_stars_repo_head_hexsha", "revision_id", "sha"),
    "language": ("language", "lang", "programming_language"),
}
_BLOB, _ENCODING, _LENGTH = "blob_id", "src_encoding", "length_bytes"
_FILES = "files"
_OTHERS = (_BLOB, _ENCODING, _LENGTH, _FILES, "is_vendor", "is_generated")
_PYTHON = ("python", "python3", "py")

# StarCoderData begins some files with what it knows of them.
_TAGS = re.compile(r"(?:<reponame>[^<\n]*)?(?:<filename>[^<\n]*)?(?:<gh_stars>[\d+-]*)?\n?")


@dataclass(frozen=True)
class Cells:
    """One source as a row describes it, its text apart."""

    path: str
    """With the repository before it; empty where the row has neither path nor id."""
    repository: str
    licence: str
    revision: str
    blob: str = ""
    """Where it has no text: the name of its content in the Software Heritage archive."""
    encoding: str = "utf-8"
    size: int = 0
    vendored: bool = False
    generated: bool = False


class Columns:
    """Reads cells by what they mean."""

    def __init__(self, config: ColumnsConfig) -> None:
        given = config.model_dump()
        self._names = {
            role: (given[role],) if given[role] else names for role, names in _USUAL.items()
        }

    def projection(self, names: Sequence[str]) -> list[str]:
        """The columns to read of those that there are. Raises CorpusError if none is the text."""
        text = next((name for name in self._names["text"] if name in names), None)
        if text is None and _BLOB not in names and _FILES not in names:
            raise CorpusError(
                f"no column holds code (there are {', '.join(names)}): name it in the config, as"
                " in `collect: {columns: {text: NAME}}`."
            )
        others = [name for role in self._names for name in self._names[role] if role != "text"]
        wanted = {text, *others, *_OTHERS}
        return [name for name in names if name in wanted]

    def sources(self, row: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """The sources that a row holds, by index: itself, or the files of a repository."""
        files = row.get(_FILES)
        if not isinstance(files, list):
            yield 0, row
            return
        shared = {name: value for name, value in row.items() if name != _FILES}
        for index, file in enumerate(files):
            if isinstance(file, Mapping):
                yield index, {**shared, **file}

    def is_python(self, row: Mapping[str, Any]) -> bool:
        """Whether the row's language is Python; one that names none is taken for it."""
        language = self._first(row, "language")
        return not isinstance(language, str) or language.lower() in _PYTHON

    def cells(self, row: Mapping[str, Any]) -> Cells:
        """All but the text."""
        repository = _joined(self._first(row, "repository"))
        path = _joined(self._first(row, "path"))
        length = row.get(_LENGTH)
        return Cells(
            path="/".join(part for part in (repository, path) if part),
            repository=repository,
            licence=_licence(self._first(row, "licence")),
            revision=_joined(self._first(row, "revision")),
            blob=_joined(row.get(_BLOB)) if self._first(row, "text") is None else "",
            encoding=_joined(row.get(_ENCODING)) or "utf-8",
            size=length if isinstance(length, int) and length >= 0 else 0,
            vendored=row.get("is_vendor") is True,
            generated=row.get("is_generated") is True,
        )

    def text(self, row: Mapping[str, Any], where: str) -> bytes:
        """The code as UTF-8. Raises BadRowError, which says where."""
        text = self._first(row, "text")
        if isinstance(text, bytes):
            text = text.decode("utf-8", "surrogateescape")
        if not isinstance(text, str):
            raise BadRowError(f"{where}: no text in {', '.join(self._names['text'])}")
        if text.startswith("<"):
            text = _TAGS.sub("", text, count=1)
        try:
            return text.encode()
        except UnicodeEncodeError as error:
            raise BadRowError(f"{where}: the text is not UTF-8") from error

    def _first(self, row: Mapping[str, Any], role: str) -> Any:
        return next((row[name] for name in self._names[role] if row.get(name) is not None), None)


def _licence(value: Any) -> str:
    """The SPDX expression of a cell; several licences of one file all hold."""
    if isinstance(value, list):
        return all_of(_licence(item) for item in value) if value else ""
    return normalised(value) if isinstance(value, str) else ""


def _joined(value: Any) -> str:
    if not isinstance(value, str | int):
        return ""
    return str(value).encode("utf-8", "backslashreplace").decode()
