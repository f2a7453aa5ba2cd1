"""The corpora of a run: found by what the user names, listed and read as one."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tasks.collect.corpus import Corpus
from tasks.collect.folders import FolderCorpus
from tasks.collect.installed import SitePackages, StandardLibrary
from tasks.collect.rows import RowCorpus
from tasks.errors import ConfigError, CorpusError
from tasks.records.sources import Listing

_NAMED = re.compile(r"(?P<label>[\w.-]+)=(?P<place>.+)")


class Corpora:
    """Several corpora as one. Reads nothing until asked to."""

    def __init__(self, corpora: Mapping[str, Corpus]) -> None:
        """Takes the corpora by label."""
        self._corpora = corpora

    def list(self) -> Iterator[Listing]:
        """Every source of every corpus, corpus by corpus, each sorted by path.

        Raises:
            CorpusError: A corpus holds no Python code.
        """
        for label, corpus in self._corpora.items():
            empty = True
            for listing in corpus.list():
                empty = False
                yield listing
            if empty:
                raise CorpusError(
                    f"The corpus {label!r} holds no Python code: name a folder with .py files,"
                    " or a .jsonl file with one source file in each row."
                )

    def of(self, listing: Listing) -> Corpus:
        """The corpus that a source belongs to.

        Raises:
            CorpusError: No corpus of that label is open.
        """
        try:
            return self._corpora[listing.corpus]
        except KeyError:
            raise CorpusError(
                f"{listing.name} belongs to the corpus {listing.corpus!r}, which is not open:"
                " give the same corpora as when they were listed."
            ) from None


def open_corpora(specs: Sequence[str]) -> Corpora:
    """Open each corpus that `specs` names; the contents are read later.

    A spec is `stdlib`, `site-packages`, a folder, a `.jsonl` file, or `NAME=` and one of those.

    Raises:
        ConfigError: Nothing is named, or two corpora have the same label.
        CorpusError: A place does not exist or may not be read.
    """
    if not specs:
        raise ConfigError(
            "No corpus is named: use stdlib, site-packages, a folder or a .jsonl file."
        )
    corpora: dict[str, Corpus] = {}
    for spec in specs:
        corpus = _open(spec)
        if corpus.label in corpora:
            raise ConfigError(
                f"Two corpora are called {corpus.label!r}: name one of them, as in"
                f" NAME={_place(spec)[1]}."
            )
        corpora[corpus.label] = corpus
    return Corpora(corpora)


def _open(spec: str) -> Corpus:
    label, place = _place(spec)
    if place == "stdlib":
        return StandardLibrary(label or place)
    if place == "site-packages":
        return SitePackages(label or place)
    path = Path(place).expanduser()
    _check_readable(path)
    label = label or (path.resolve().name if path.is_dir() else path.stem)
    if not label:
        raise ConfigError(f"{place} has no name of its own: write NAME={place}.")
    return FolderCorpus(label, path.resolve()) if path.is_dir() else RowCorpus(label, path)


def _place(spec: str) -> tuple[str, str]:
    """The label that a spec gives (or an empty string), and the rest of it."""
    named = _NAMED.fullmatch(spec)
    return (named["label"], named["place"]) if named else ("", spec)


def _check_readable(path: Path) -> None:
    try:
        if path.is_dir():
            os.scandir(path).close()
        elif path.suffix == ".jsonl":
            path.open("rb").close()
        elif path.exists():
            raise CorpusError(f"{path} is neither a folder nor a .jsonl file: name its folder.")
        else:
            raise CorpusError(
                f"There is no {path}: name stdlib, site-packages, a folder or a .jsonl file."
            )
    except OSError as error:
        raise CorpusError(
            f"{path} cannot be read ({error.strerror}): check the path and its permissions."
        ) from error
