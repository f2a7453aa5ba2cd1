"""What makes one data set another."""

from enum import StrEnum

from pydantic import Field

from tasks.records.artifacts import ArtifactRef
from tasks.records.base import Record


class Change(StrEnum):
    """What became of a function from one data set to the next."""

    CAME = "came"
    WENT = "went"
    CODE = "code"
    """The same place, another program."""
    CASES = "cases"
    """The same program, other cases."""
    PROMPTS = "prompts"
    """The same program and cases, phrased or split otherwise."""


class FunctionChange(Record):
    """One function that is not what it was."""

    change: Change
    source: str
    line: int = Field(ge=0)
    """Where it begins, in the new data set, or in the old one where it went."""
    name: str
    """As the samples call it, which may be a neutral name."""
    function: str
    """Its id, in the new data set, or in the old one where it went."""
    reason: str = ""
    """Step and reason of the drop that says why it is not in the other one; empty where none
    does."""
    detail: str = ""


class DatasetDiff(Record):
    """All functions that came, went and changed."""

    old: ArtifactRef
    new: ArtifactRef
    same: int = Field(ge=0)
    """Functions of which every sample is as it was."""
    changes: tuple[FunctionChange, ...]
    config: tuple[str, ...] = ()
    """Parameters that differ: `name: old -> new`."""

    def count(self, change: Change) -> int:
        """How many functions changed in this way."""
        return sum(one.change == change for one in self.changes)
