"""Writers compared: what each reached on the same functions, and what it took."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from tasks.records.artifacts import ArtifactRef
from tasks.records.base import Record
from tasks.records.configs import BuildConfig, InputsConfig

STACKED = ","
FIGURES, PICTURE = "comparison.json", "comparison.svg"
"""What the artifact of a comparison consists of."""


def _known_stacks(stacks: tuple[str, ...]) -> tuple[str, ...]:
    for stack in stacks:
        InputsConfig(writers=tuple(stack.split(STACKED)))
    if len(set(stacks)) != len(stacks):
        raise ValueError("lists the same writer twice")
    return stacks


class ComparisonConfig(Record):
    """Which writers write for which functions."""

    writers: Annotated[tuple[str, ...], Field(min_length=1), AfterValidator(_known_stacks)]
    """Each as in `InputsConfig.writers`; several with commas between them are one stack."""
    mutants: int = Field(default=20, ge=0)
    """Small changes of each function that its cases are tried on."""
    build: BuildConfig = BuildConfig(limit=100, inputs=InputsConfig(llm_share="all"))
    """Where the functions come from and how inputs are searched, asked for and run. Its writers
    are not used, nor what comes after the execution: filters, prompts, splits."""

    def inputs_of(self, stack: str) -> InputsConfig:
        """The config of one of the writers."""
        given = self.build.inputs.model_dump() | {"writers": tuple(stack.split(STACKED))}
        return InputsConfig.model_validate(given)


class Measured(Record):
    """What one writer reached on one function. All is 0 where none of its inputs ran."""

    function: str
    """Function.id"""
    name: str
    valid: int = 0
    """Chosen inputs that returned a value, twice the same."""
    inputs: int = 0
    outputs: int = 0
    """Distinct ones, of those."""
    predicate: bool = False
    """Its outputs are True and False, both."""
    exits: int = 0
    """Ways out of branches that these took, of `2 * branches`."""
    branches: int = 0
    killed: int = 0
    """Mutants that these tell from the function, of `mutants`."""
    mutants: int = 0


class WriterFigures(Record):
    """What one writer reached on all functions. Shares are of all of them, from 0 to 1."""

    writer: str
    """As it was named, but a model in this process by its content."""
    functions: int
    valid_3: float
    valid_8: float
    """Functions with at least three, and eight, inputs that returned a value."""
    distinct_3: float
    """Those with at least three distinct outputs."""
    varied: float
    """Those, and predicates that gave both answers."""
    inputs: float
    outputs: float
    """Distinct ones, mean of all functions."""
    branch_coverage: float
    """Ways out of branches that were taken, mean of the functions that have branches. One without
    valid inputs took none, so that writers are measured by the same functions."""
    mutants_killed: float
    """Mean of the functions that have mutants; likewise."""


class Comparison(Record):
    """What the artifact holds: no clock, no place."""

    config: ComparisonConfig
    writers: tuple[WriterFigures, ...]


class Taken(Record):
    """What a writer took: all models of a stack together."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    """Of all answers, those kept from earlier runs too."""
    cost: float | None = None
    """None where no price is known."""
    answers: int = 0
    new_answers: int = 0
    """Those that this run asked for."""
    seconds: float = 0.0
    """Of this run alone: searching and asking. What was kept from earlier ones took none."""


class WriterRow(Record):
    """One row of the table: what a writer reached, and what that took."""

    name: str
    """As the user named it."""
    figures: WriterFigures
    taken: Taken


class ComparisonSummary(Record):
    """What the flow `compare_writers` returns."""

    kind: Literal["comparison"] = "comparison"
    ref: ArtifactRef
    path: str
    """Where the figures and the picture lie."""
    rows: tuple[WriterRow, ...]
    flow_run: str
    task_runs: int
    cached_steps: int
    seconds: float
