"""What a model is trained on."""

from pydantic import Field

from tasks.records.base import Record


class Shown(Record):
    """One verified case as a data set carries it."""

    arguments: str
    """Canonical literal of a dict from parameter name to value."""
    output: str
    """Canonical literal of the value returned."""


class Template(Record):
    """Everything that was drawn to phrase a sample, so that an ablation can select on it."""

    instruction: str
    header: str
    case_format: str
    argument_style: str
    part_order: str
    named: bool
    """The prompt gives the function's own name; else a neutral one stands for it everywhere."""
    signed: bool
    """The prompt shows the signature."""


class Sample(Record):
    """A prompt, the program that answers it, and the cases that grade an answer."""

    id: str
    function_id: str
    split: str = ""
    """`train`, `validation` or `test`; filled where the data set is put together."""
    prompt: str
    completion: str
    name: str
    """Name of the function that an answer must define."""
    signature: str
    """For example `(text, width=70)`."""
    shown: tuple[Shown, ...]
    hidden: tuple[Shown, ...]
    """Kept out of the prompt, for grading."""
    template: Template
    group: str
    """Functions of one group (copies, and what behaves alike) are always on one side of a split."""
    tags: tuple[str, ...] = ()
    """What is known of the function: `mbpp:MBPP/11` for a benchmark's problem that it solves."""
    source: str
    licence: str
    revision: str
    first_line: int = Field(ge=1)
    last_line: int = Field(ge=1)
