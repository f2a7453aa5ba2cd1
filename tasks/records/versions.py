"""Names and versions of artifacts."""

from pydantic import Field

from tasks.records.base import Record

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
"""What a name or a version may be: part of a path, of an address and of a command line."""


class NamedVersion(Record):
    """One version of a name, and the artifact that it will always mean."""

    name: str = Field(pattern=NAME_PATTERN)
    version: str = Field(pattern=NAME_PATTERN)
    number: int = Field(gt=0)
    """Which entry of the name's log it is, counted from 1."""
    digest: str

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"
