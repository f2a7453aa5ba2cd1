"""Repositories and sources that are left out because their owners asked for it."""

import re
from collections.abc import Iterator
from pathlib import Path

from tasks.errors import ConfigError
from tasks.records.base import digest_of
from tasks.records.drops import DropReason
from tasks.records.sources import Listing

_COMMENT = re.compile(r"(?:^|\s)#.*")
_HOSTS = ("github.com/", "gitlab.com/", "bitbucket.org/", "codeberg.org/")


class OptOut:
    """A list of repositories, corpora, folders and files."""

    def __init__(self, entries: frozenset[str] = frozenset()) -> None:
        self._entries = entries

    @property
    def digest(self) -> str:
        """sha256 of the entries, whatever their order; empty where there are none."""
        return digest_of(*sorted(self._entries)) if self._entries else ""

    def applied(self, listing: Listing) -> Listing:
        """The listing, unfit where it is covered."""
        if self.covers(listing):
            return listing.model_copy(update={"unfit": DropReason.OPTED_OUT})
        return listing

    def covers(self, listing: Listing) -> bool:
        """Whether the source's repository, its name, or a folder around it is on the list."""
        if not self._entries:
            return False
        names = (_plain(listing.repository), *_prefixes(listing.name), *_prefixes(listing.path))
        return any(name in self._entries for name in names if name)


def read_opt_out(file: str) -> OptOut:
    """The list in a file: an entry a line, `#` begins a comment. No file, no entries.

    An entry is a repository (`owner/name`, or its URL), a corpus by its label, or a folder or file
    by its path in the corpus, with or without the label.

    Raises:
        ConfigError: The file cannot be read.
    """
    if not file:
        return OptOut()
    try:
        text = Path(file).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the opt-out list {file}: {error}") from error
    entries = (_plain(_COMMENT.sub("", line)) for line in text.splitlines())
    return OptOut(frozenset(entry for entry in entries if entry))


def _plain(entry: str) -> str:
    """A repository's name as lists and data sets both have it: lower case, no host, no `.git`."""
    name = entry.strip().lower().removeprefix("https://").removeprefix("http://")
    for host in _HOSTS:
        name = name.removeprefix(host)
    return name.rstrip("/").removesuffix(".git")


def _prefixes(name: str) -> Iterator[str]:
    """The name and every folder around it."""
    name = name.lower()
    while name:
        yield name
        name = name.rpartition("/")[0]
