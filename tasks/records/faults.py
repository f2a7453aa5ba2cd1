"""What a study makes wrong on purpose in a build: an unreliable executor, mutated functions."""

from typing import Self

from pydantic import Field, model_validator

from tasks.records.base import Record


class FaultConfig(Record):
    """Faults that are put into a build to see what becomes of them. All zero: there are none."""

    mutated: float = Field(default=0.0, ge=0, le=1)
    """Share of functions that get one small mistake before they are executed, inputs written."""
    wrong: float = Field(default=0.0, ge=0, le=1)
    """Share of calls whose output comes back as another value."""
    lost: float = Field(default=0.0, ge=0, le=1)
    """Share of calls that are reported as crashed."""
    late: float = Field(default=0.0, ge=0, le=1)
    """Share of calls that are reported as out of time."""
    alike: bool = False
    """A fault hits both runs of a call alike, where the comparison of the two cannot see it."""
    shuffled: bool = False
    """Each function's outputs change places among its cases, after all filters."""
    checked: bool = True
    """Samples are run before they are written. Without it the prompts are taken on trust."""

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.wrong + self.lost + self.late > 1:
            raise ValueError("wrong, lost and late add up to more than all calls")
        return self

    @property
    def noisy(self) -> bool:
        """Whether calls come back otherwise than they went."""
        return bool(self.wrong or self.lost or self.late)
