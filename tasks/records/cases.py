"""Inputs that a writer proposed, and what the sandbox saw when it ran them.

Values are kept as canonical Python literals (see `sandbox.values`): text that
reads like the value and that `sandbox.decode` turns back into it, type for type.
"""

from pydantic import Field

from tasks.records.base import Record
from tasks.records.functions import Function


class Answer(Record):
    """What a language model answered when asked for inputs. The one thing that costs money."""

    function: str
    """Function.id"""
    model: str
    sample: int = Field(ge=0)
    """Which of several samples for the same prompt."""
    text: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    error: str = ""
    """Why there is no text: what the server said when it refused."""


class Input(Record):
    """Arguments for one call of a function."""

    arguments: str
    """Canonical literal of a dict from parameter name to value, in the signature's order."""
    writer: str
    """Who wrote it: `mined`, `search`, `mutation`, or the name of a model."""


class WrittenFunction(Record):
    """A function and the inputs chosen for it."""

    function: Function
    inputs: tuple[Input, ...]
    tried: int = Field(ge=0)
    """How many inputs were tried to choose these."""
    valid: int = Field(default=0, ge=0)
    """How many of those ran and can be shown."""
    outputs: int = Field(default=0, ge=0)
    """Distinct outputs of those, echoes of an argument left out."""
    predicate: bool = False
    """All outputs are True or False."""
    coverage: float = 1.0
    """Share of the ways out of branches that those took; 1 where there are no branches."""
    failure: str = ""
    """Why there are no inputs, where there are none: how most of those tried ended."""


class Case(Record):
    """One call and what became of it."""

    arguments: str
    writer: str
    status: str
    """Outcome, one of `sandbox.Status`."""
    output: str | None = None
    """Canonical literal of the value returned; None unless status is `ok`."""
    error: str = ""
    """Type of the exception where status is `raised`, or the detail of another outcome."""
    mutated: bool = False
    """The call changed its arguments."""
    arcs: tuple[tuple[int, int], ...] = ()
    """Line to line jumps of the program that the call took, sorted."""


class ExecutedFunction(Record):
    """A function and its cases, run and proved deterministic."""

    function: Function
    cases: tuple[Case, ...]
    group: str = ""
    """Functions of one group behave alike; empty where only copies of a function do."""


class WeighedFunction(Record):
    """An executed function, and what its cases are worth as evidence of what it does."""

    executed: ExecutedFunction
    mutants: int = Field(ge=0)
    """Small changes of the function that load: what the cases were tried on."""
    marks: tuple[str, ...]
    """For each case a hexadecimal mask. A bit of the lowest `mutants` ones: it answers that mutant
    in another way. A bit above: it takes that line to line jump, of all that any case takes."""
    branch_coverage: float | None = None
    """Share of the ways out of its branches that any case takes; None where it has none."""
    input_types: tuple[str, ...] = ()
    """Of the arguments of all cases, sorted: `int`, `list[str]`."""
    output_types: tuple[str, ...] = ()
