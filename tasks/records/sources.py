"""Where code comes from."""

from pydantic import Field

from tasks.records.base import Record
from tasks.records.drops import DropReason


class Listing(Record):
    """One source that `discover` saw: enough to tell later whether it changed, and to find it."""

    name: str
    """Stable name, unique in the data set: the corpus' label, `/` and the path in the corpus."""
    path: str
    """Path (or row id) inside the corpus; where the corpus lies is not part of any record."""
    corpus: str
    """Label of the corpus."""
    digest: str
    """What fixes the content, so that a change is seen: its sha256, or `git:`, `swh:`, `etag:` and
    the name under which the place itself keeps it. Empty where it could not be read (collect says
    why)."""
    size: int = Field(ge=0)
    """Bytes."""
    repository: str = ""
    """Repository or project, where the corpus has several."""
    licence: str = ""
    """SPDX expression, or an empty string where it is not known."""
    revision: str
    """What a person would ask for to get this content: a version, a commit, or its sha256."""
    encoding: str = ""
    """Of the bytes that are read; empty where the file declares its own (PEP 263)."""
    at: str = ""
    """Where it stands in the corpus, where the path does not say so: file and row, blob, member."""
    unfit: DropReason | None = None
    """Why it is dropped unread."""


class SourceFile(Record):
    """One file of Python code, decoded."""

    name: str
    path: str
    corpus: str
    text: str
    licence: str
    """SPDX expression, or an empty string where it is not known."""
    revision: str
    """What fixes the content: a version, a commit, or the content's sha256."""
