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

    # filters
    NONDETERMINISTIC = "nondeterministic"
    """Two runs of one call disagreed: none of the function's outputs can be trusted."""
    NEVER_RETURNS = "never_returns"
    """No call returned a value; the detail says how most of them ended."""
    TOO_FEW_CASES = "too_few_cases"
    """Fewer calls than the limit returned a value."""
    LONG_VALUES = "long_values"
    """Enough calls returned, but too few with arguments and output short enough to show."""
    CONSTANT = "constant"
    """Every call returned the same value."""
    IDENTITY = "identity"
    """Every call returned one of its arguments unchanged; the detail names the parameter."""
    TOO_FEW_OUTPUTS = "too_few_outputs"
    """Fewer distinct outputs than the limit."""

    # prompts
    TOO_FEW_TO_SHOW = "too_few_to_show"
    """Fewer cases than the limit can be shown in a way that is true and of bearable length."""
    SAME_SAMPLE = "same_sample"
    """The same phrasing was drawn before for this function."""


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
