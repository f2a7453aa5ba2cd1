"""What a model is trained on."""

from enum import StrEnum

from pydantic import Field

from tasks.records.base import Record


class Task(StrEnum):
    """What the prompt gives and what the completion must be."""

    INDUCTION = "induction"
    """Cases are given; the completion is a program that gives these and the hidden ones."""
    OUTPUT_PREDICTION = "output_prediction"
    """A program and a call are given; the completion is the literal of the value returned."""
    INPUT_PREDICTION = "input_prediction"
    """A program and a value are given; the completion is a call that returns the value."""


class Shown(Record):
    """One verified case as a data set carries it."""

    arguments: str
    """Canonical literal of a dict from parameter name to value."""
    output: str
    """Canonical literal of the value returned."""


class Template(Record):
    """Everything that was drawn to phrase a sample, so that an ablation can select on it."""

    instruction: str
    """For the other tasks than induction, the name of the whole question."""
    header: str
    """Empty where there is none, as in the questions."""
    case_format: str
    argument_style: str
    part_order: str
    claim: str = ""
    """What a case says, as `templates.toml` has it: `statement`, `printed`, `value`, ..."""
    cases_first: bool = False
    """The cases (or the program) stand before the instruction."""
    named: bool
    """The prompt gives the function's own name; else a neutral one stands for it everywhere."""
    signed: bool
    """The prompt shows the signature."""


class Difficulty(Record):
    """What is known of how hard a sample is, without asking a model."""

    operations: int = 0
    """Calls, operators, comparisons, subscripts and comprehensions of the function."""
    branches: int = 0
    """Statements and expressions of the function that decide where to go on."""
    outputs: int = 0
    """Distinct outputs among all cases, shown and hidden."""
    solve_rate: float | None = None
    """Share of a model's answers that were right; None where no model was asked."""


class Evidence(Record):
    """How well the cases of a function pin it down."""

    branch_coverage: float | None = None
    """Share of the ways out of if, for, while, except and case that any case takes; None for
    a function that has none of them on lines of their own."""
    arcs_shown: float = 1.0
    """Of the line to line jumps that all cases take, the share that the shown ones take."""
    mutants: int = 0
    """Small changes of the function that still load: what the cases were tried on."""
    killed: int = 0
    """Mutants that answer at least one of all cases in another way."""
    killed_shown: int = 0
    """Mutants that answer at least one of the shown cases in another way."""
    input_types: tuple[str, ...] = ()
    """Types of the arguments of all cases, sorted: `int`, `list[str]`."""
    output_types: tuple[str, ...] = ()
    """Types of the outputs of all cases, sorted."""


class Sample(Record):
    """A prompt, what answers it, and the cases that grade an answer."""

    id: str
    function_id: str
    task: Task = Task.INDUCTION
    twin_of: str = ""
    """Id of the sample that this one repeats with all names made neutral; mostly empty."""
    split: str = ""
    """`train`, `validation` or `test`; filled where the data set is put together."""
    prompt: str
    completion: str
    program: str = ""
    """The program that the cases are of, where it is not the completion: in all tasks but
    induction."""
    name: str
    """Name of the function: an answer must define it, or call it."""
    signature: str
    """For example `(text, width=70)`."""
    shown: tuple[Shown, ...]
    """Cases that stand in the prompt, as a whole."""
    hidden: tuple[Shown, ...]
    """Kept out of the prompt, for grading. For the tasks that predict, the one asked for."""
    template: Template
    difficulty: Difficulty = Difficulty()
    evidence: Evidence = Evidence()
    prompt_tokens: int | None = None
    """Tokens of the prompt under the tokenizer of the config; None without one."""
    group: str
    """Functions of one group (copies, and what behaves alike) are always on one side of a split."""
    tags: tuple[str, ...] = ()
    """What is known of the function: `mbpp:MBPP/11` for a benchmark's problem that it solves."""
    source: str
    licence: str
    revision: str
    first_line: int = Field(ge=1)
    last_line: int = Field(ge=1)
