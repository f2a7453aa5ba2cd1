"""What was left out, why, and how much of it: the funnel."""

from collections.abc import Mapping
from enum import StrEnum

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
    """A row that is not an object with a text column."""
    CHANGED = "changed"
    """The content is not the one that was listed: it changed while the run was going on."""
    LICENCE = "licence"
    """Its licence is not on the allow-list, or not known; the detail names it."""
    OPTED_OUT = "opted_out"
    """Its repository is on the list of those that are left out."""
    VENDORED = "vendored"
    """The metadata says that it is another project's file."""
    GENERATED = "generated"
    """The metadata says that a program wrote it."""

    # extract: the file
    SYNTAX = "syntax"
    """The running Python cannot parse it."""
    TEST_FILE = "test_file"
    """Test code: it calls functions rather than being one."""

    # extract: the function
    TEST_FUNCTION = "test_function"
    """Its name says that it is a test."""
    COROUTINE = "coroutine"
    """`async def`, or it awaits."""
    GENERATOR = "generator"
    """It yields: calling it computes nothing."""
    NO_PARAMETERS = "no_parameters"
    """Nothing can be passed to it, or only `*args` and `**kwargs`."""
    NO_RETURN = "no_return"
    """No path returns a value."""
    OPAQUE_RETURN = "opaque_return"
    """It always returns what no literal can show: a function, an iterator, an object."""
    TRIVIAL = "trivial"
    """Fewer operations than the limit: a constant, a pass-through."""
    TOO_LONG = "too_long"
    """The function has more lines than the limit."""
    PROGRAM_TOO_LONG = "program_too_long"
    """With all that it needs it has more lines or characters than the limit."""
    DECORATOR = "decorator"
    """A decorator that is not known to leave the behaviour as it reads; the detail names it."""
    REDEFINED = "redefined"
    """A name that it stands on is bound more than once, so that its value is not plain to see."""
    CONDITIONAL = "conditional"
    """It is defined inside a condition, a loop or a `try`."""
    EXTERNAL_IMPORT = "external_import"
    """It needs a module that is not of the standard library; the detail names it."""
    STAR_IMPORT = "star_import"
    """A name may come from `from module import *` of a module that is not known."""
    IMPURE_MODULE = "impure_module"
    """It needs a module of the standard library that does I/O, or has a clock or state."""
    IMPURE_CALL = "impure_call"
    """It uses a builtin or attribute that does I/O, reads the clock, runs code, or the like."""
    GLOBAL_STATE = "global_state"
    """It changes a global, or reads one that other code changes."""
    UNRESOLVED = "unresolved"
    """A name is bound nowhere in the file; the detail names it."""
    OBJECT_PARAMETER = "object_parameter"
    """A parameter must be an object that no literal can write; the detail names it."""
    CALLABLE_PARAMETER = "callable_parameter"
    """A parameter must be a function or a class; the detail names it."""
    OBJECT_ATTRIBUTE = "object_attribute"
    """It uses an attribute that nothing in reach has: the object comes from elsewhere."""
    BROKEN_SLICE = "broken_slice"
    """The program cut out for it does not compile."""

    # deduplicate
    DUPLICATE = "duplicate"
    """Equals another function but for names; the detail says which."""
    NEAR_DUPLICATE = "near_duplicate"
    """Nearly equals another function, renamed or not; the detail says which, and how nearly."""
    OVER_LIMIT = "over_limit"
    """More functions than the build was limited to; the seed drew others."""

    # decontaminate
    CONTAMINATED = "contaminated"
    """It solves a problem of a benchmark; the detail names the problem and the evidence."""

    # ask
    NOT_ASKED = "not_asked"
    """The budget for models was used up."""

    # inputs
    NO_VALID_INPUT = "no_valid_input"
    """No input that was tried returned a value; the detail is how most of them ended."""

    # execute
    DOES_NOT_LOAD = "does_not_load"
    """The program raises while it is loaded in the jail; the detail has the exception."""
    AUDIT_MISMATCH = "audit_mismatch"
    """It was run once more, in a fresh jail, and answered another way: an alarm."""

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
    NO_TEMPLATE = "no_template"
    """None of the templates that the config allows can say what its cases are."""
    FALSE_CLAIM = "false_claim"
    """However it was phrased, a line of the prompt did not hold in the sandbox."""
    PROMPT_TOO_LONG = "prompt_too_long"
    """More tokens than the limit, even with as few cases as may be shown."""
    NO_TWIN = "no_twin"
    """Its names cannot be made neutral without changing what it does; the sample itself stays."""

    # training
    NO_ROW = "no_row"
    """A row without a prompt and completion, a chat or a text."""
    OVER_LENGTH = "over_length"
    """More tokens than a sequence of the training holds. It is dropped, never cut."""
    FULLY_MASKED = "fully_masked"
    """Nothing in it counts in the loss: no answer, or a chat template that hides where it is."""
    OVER_BUDGET = "over_budget"
    """More samples than the training was to take."""


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
    dropped: Mapping[DropReason, int] = Field(default_factory=dict)


class Funnel(Record):
    """What went in, came out and fell by the way, step by step."""

    steps: tuple[StepCount, ...]
