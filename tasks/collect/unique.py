"""Names that are unique among millions, in bounded memory."""

import sqlite3
from contextlib import closing
from types import TracebackType
from typing import Self

from tasks.records.base import digest_of

_COUNT = (
    "INSERT INTO seen VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET times = times + 1"
    " RETURNING times"
)


class UniqueNames:
    """Tells names apart by how many were called the same before: `a`, `a#2`, `a#3`.

    What was seen is kept in a temporary file of SQLite, which goes when this is closed: some
    megabytes of it are in memory at a time.
    """

    def __init__(self) -> None:
        # An empty name is a private database on the disk.
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute("CREATE TABLE seen (name INTEGER PRIMARY KEY, times INTEGER)")
        self._database.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._database.close()

    def unique(self, name: str) -> str:
        """The name, or the name with its number where it was given before."""
        times = self._times(name)
        while times > 1:
            numbered = f"{name}#{times}"
            if self._times(numbered) == 1:
                return numbered
            times = self._times(name)
        return name

    def _times(self, name: str) -> int:
        # 63 bits of a hash: one wrong number in a name among a hundred million of them.
        key = int(digest_of(name)[:16], 16) >> 1
        with closing(self._database.execute(_COUNT, (key,))) as cursor:
            return int(cursor.fetchone()[0])
