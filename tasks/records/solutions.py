"""Programs found from examples: how they are asked for, and what was found."""

from pydantic import Field

from tasks.records.base import Record


class SolveConfig(Record):
    """How candidates are asked for."""

    samples: int = Field(default=10, gt=0)
    temperature: float = Field(default=0.8, ge=0)
    """Of all candidates but the first, which is the likeliest."""
    max_tokens: int = Field(default=512, gt=0)
    """Of one candidate."""
    seed: int = 0
    repair: int = Field(default=0, ge=0)
    """Rounds in which failing candidates go back to the model."""


class Examples(Record):
    """What a file of examples says, without the place where it lies."""

    text: str
    suffix: str
    """How the file's name ends, which says how to read it: `.json`, `.csv`, `.py`."""
    name: str = ""
    """What the function shall be called; empty for what the text says."""


class Evidence(Record):
    """One example, and what a program made of it."""

    call: str
    expected: str
    result: str
    right: bool


class Solution(Record):
    """The best program that was found."""

    solved: bool
    """It gives the output of every example."""
    source: str
    """Empty where no candidate holds a program."""
    evidence: tuple[Evidence, ...]
    candidates: int
    """Different programs that were tried."""
    passing: int
    """Of these, how many give every output."""
    rounds: int


class SolveSummary(Record):
    """What the flow `solve` returns: the program, and how the run went."""

    solution: Solution
    flow_run: str
    task_runs: int
    cached_steps: int
    seconds: float
