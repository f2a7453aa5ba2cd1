"""A data set under audit, and what was found."""

from pydantic import Field

from tasks.records.base import Record
from tasks.records.functions import Function
from tasks.records.problems import BenchmarkFile, Hit


class Gold(Record):
    """One case of an item, as the data set has it."""

    arguments: str
    """Canonical literal of a dict from parameter to value."""
    output: str | None
    """Text of the value that the data set says is returned; None where it has an exception."""


class AuditItem(Record):
    """One row of a data set, whatever its columns are called."""

    function: Function
    prompt: str = ""
    golds: tuple[Gold, ...] = ()
    split: str = ""


class Finding(Record):
    """One thing that is wrong with one item."""

    check: str
    """Such as `unresolved_name`, `nondeterministic`, `near_duplicate`, `contaminated`."""
    item: str
    """Id of the item's function."""
    name: str
    detail: str = ""


class AuditReport(Record):
    """All that was found."""

    items: int = Field(ge=0)
    unreadable: int = Field(ge=0)
    """Rows without a function that can be parsed: not among the items."""
    benchmarks: tuple[BenchmarkFile, ...]
    findings: tuple[Finding, ...]
    hits: tuple[Hit, ...]
    claims: int = Field(ge=0)
    """Statements in prompts about what a call gives, such as `assert f(1) == 2`."""
    false_claims: int = Field(ge=0)
    golds: int = Field(ge=0)
    """Cases whose output was compared with what the function returns."""
    wrong_golds: int = Field(ge=0)
