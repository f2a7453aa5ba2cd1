"""A data set that was made again."""

from tasks.records.artifacts import ArtifactRef
from tasks.records.base import Record


class Rebuild(Record):
    """What a rebuild came to."""

    wanted: ArtifactRef
    made: ArtifactRef
    path: str
    """Where the one that was made lies."""
    files: tuple[str, ...] = ()
    """Files that are not byte for byte the same."""
    why: tuple[str, ...] = ()
    """What differs that may explain it: versions, and the first step with another result."""

    @property
    def identical(self) -> bool:
        """Every byte is the same."""
        return self.wanted.digest == self.made.digest
