"""What was left out, why, and how much of it: the funnel."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from pydantic import Field

from tasks.records.base import Record


class DropReason(StrEnum):
    """The closed list of reasons. A step that needs another adds it here, with its meaning."""

    # collect
    UNREADABLE = "unreadable"
    """The file could not be opened (permission, dangling link, an error of the disk)."""
    TOO_LARGE = "too_large"
    """Larger than the limit for a source file."""
    EMPTY = "empty"
    """Nothing but white space."""
    NOT_TEXT = "not_text"
    """Not decodable by the encoding that it declares, or it holds NUL bytes."""
    BAD_ROW = "bad_row"
    """A row of a JSONL file that is not an object with a text column."""
    CHANGED = "changed"
    """The content is not the one that was listed: it changed while the run was going on."""

    # extract: the file
    SYNTAX = "syntax"
    """The running Python cannot parse it."""
    TEST_FILE = "test_file"
    """Test code: it calls functions rather than being one."""


class Drop(Record):
    """One thing that a step left out."""

    step: str
    reason: DropReason
    subject: str
    """Name of the source, or id of the function."""
    detail: str = ""
    """What exactly: the name that did not resolve, the module that was imported."""
    record: str | None = None
    """JSON of what was dropped; kept for a sample of the drops, None for the others."""


class StepCount(Record):
    """One row of the funnel."""

    step: str
    unit: str
    """What is counted: files, functions, samples."""
    taken: int = Field(ge=0)
    kept: int = Field(ge=0)
    dropped: Mapping[DropReason, int] = MappingProxyType({})


class Funnel(Record):
    """What went in, came out and fell by the way, step by step."""

    steps: tuple[StepCount, ...]
