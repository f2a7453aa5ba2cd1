"""Where code comes from."""

from pydantic import Field

from tasks.records.base import Record


class Listing(Record):
    """One source that `discover` saw: enough to tell later whether it changed."""

    name: str
    """Stable name, unique in the data set: the corpus' label, `/` and the path in the corpus."""
    path: str
    """Path (or row id) inside the corpus; where the corpus lies is not part of any record."""
    corpus: str
    """Label of the corpus."""
    sha256: str
    """Of the content; empty where it could not be read (collect says why)."""
    size: int = Field(ge=0)
    """Bytes."""


class SourceFile(Record):
    """One file of Python code, decoded."""

    name: str
    path: str
    corpus: str
    text: str
    licence: str
    """SPDX identifier, or an empty string where it is not known."""
    revision: str
    """What fixes the content: a version, a commit, or the content's sha256."""
