"""Inputs that were tried, and what came of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox import Outcome, Status
from tasks.inputs.drawing import Plan
from tasks.programs.telling import telling

MAX_ARGUMENT_CHARS = 500
MAX_OUTPUT_CHARS = 1_000
"""Longer ones run, but nobody learns from reading them."""

OWN_WRITERS = frozenset(("search", "mutation"))
"""Their inputs are held to good manners; those of people and models are taken as they come."""

Plans = Mapping[str, Plan]


@dataclass(slots=True)
class Trial:
    """One input."""

    values: Mapping[str, Any]
    """By parameter, in the order of the signature."""
    arguments: str
    """Their canonical text, which tells inputs apart."""
    writer: str
    plans: tuple[tuple[str, Plan], ...] = ()
    """What the values were drawn from; empty where they were not."""
    outcome: Outcome | None = None
    new_arcs: int = 0
    """Arcs that no earlier input took."""
    new_output: bool = False
    weight: float = 1.0
    """How much its output says beside its arguments, see `tasks.programs.telling`."""

    @property
    def valid(self) -> bool:
        """It ran, and its text and its output are small enough to be read."""
        return (
            self.outcome is not None
            and self.outcome.status is Status.OK
            and len(self.arguments) <= MAX_ARGUMENT_CHARS
            and len(self.outcome.value or "") <= MAX_OUTPUT_CHARS
        )

    @property
    def telling(self) -> bool:
        """It ran, and not just because there was nothing in it."""
        return self.valid and not any(is_empty(value) for value in self.values.values())


def is_empty(value: Any) -> bool:
    """A text or container without anything in it."""
    return isinstance(value, (str, bytes, list, tuple, set, dict)) and not value


@dataclass(slots=True)
class Record:
    """All the trials of one function, and what they reached together."""

    trials: list[Trial] = field(default_factory=list)
    arcs: set[tuple[int, int]] = field(default_factory=set)
    outputs: set[str] = field(default_factory=set)
    """Those that are more than an argument again."""

    def add(self, trial: Trial, outcome: Outcome) -> None:
        """Take in what became of a trial."""
        trial.outcome = outcome
        self.trials.append(trial)
        if trial.valid:
            arcs = set(outcome.arcs or ())
            trial.new_arcs = len(arcs - self.arcs)
            trial.weight = telling(trial.values, outcome.value or "")
            trial.new_output = trial.weight > 0 and outcome.value not in self.outputs
            self.arcs |= arcs
            if trial.weight > 0:
                self.outputs.add(outcome.value or "")

    @property
    def valid(self) -> list[Trial]:
        """Those that can be chosen."""
        return [trial for trial in self.trials if trial.valid]
