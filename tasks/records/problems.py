"""Problems of benchmarks, and what was found of them in other people's code."""

from pydantic import Field

from tasks.records.artifacts import ArtifactRef
from tasks.records.base import Record


class HiddenCase(Record):
    """One call that an answer must get right."""

    arguments: str
    """Canonical literal of a dict from parameter name to value; empty where none can say it:
    the arguments are then those that `Problem.cases_source` makes for this case's number."""
    output: str = ""
    """What must be returned: a canonical literal, or what somebody printed (`Problem.printed`)."""
    error: str = ""
    """What was raised instead, as `TypeError: its message`; the paper's items alone have these."""


class Problem(Record):
    """One problem of a benchmark, whatever the shape of the file that it came in."""

    benchmark: str
    """Short name, such as `humaneval`."""
    id: str
    """As the benchmark has it, such as `HumanEval/0` or `MBPP/11`."""
    prompt: str
    """What a model is given: source with a docstring, or a sentence."""
    entry: str
    """Name of the function that a solution must define."""
    solution: str
    """A complete program that defines `entry`: the benchmark's own answer."""
    tests: str
    """Assertions, or a `def check(candidate)`."""
    context: str = ""
    """Source that tests rely on beside the solution: imports and helpers."""
    examples: tuple[str, ...] = ()
    """Single assertions that a prompt may show, where the benchmark has them so."""
    base_inputs: str = ""
    """Inputs of the benchmark that an extended one grew from: JSON, a list of argument lists."""
    plus_inputs: str = ""
    """Further inputs in the same form, where the benchmark is an extended one."""
    atol: float = 0.0
    """Allowed absolute error of floats on the inputs of an extended benchmark."""
    hidden: tuple[HiddenCase, ...] = ()
    """What grades an answer to a Case2Code item; such items have no tests."""
    printed: bool = False
    """The outputs of the hidden cases are what `repr` printed, as in the paper's items."""
    cases_source: str = ""
    """Source that fills a list `examples` with dicts of arguments: the paper's items."""


class BenchmarkFile(Record):
    """A benchmark that was read: what a data set says that it was checked against."""

    name: str
    sha256: str
    """Of the file, decompressed or not, as it lay there."""
    pinned: bool
    """It is the file that the field knows under that name, byte for byte."""
    problems: int = Field(ge=0)


class Benchmarks(Record):
    """What a run found to check against."""

    files: tuple[BenchmarkFile, ...]
    problems: ArtifactRef
    """Problem records of all files."""


class Probe(Record):
    """One input of a problem and what the benchmark's own solution answers."""

    arguments: str
    """Canonical literal of a tuple of positional arguments."""
    answer: str
    """Canonical literal."""


class SolvedProblem(Record):
    """A problem whose own solution has been run."""

    problem: Problem
    arity: int = Field(ge=0)
    """Arguments that the tests pass."""
    identity: str
    """Name-blind identity of the solution (`tasks.programs.identity`)."""
    ngrams: tuple[int, ...]
    """Hashes of the solution's runs of tokens, sorted."""
    description: str
    """What the problem says in words, lower case, without examples; empty where that is little."""
    probes: tuple[Probe, ...]
    """A few of the problem's own inputs, the ones that tell most, smallest first."""
    shared: tuple[Probe, ...] = ()
    """Inputs that all problems with the same types of arguments share, and its answers to them."""
    further: tuple[Probe, ...] = ()
    """Inputs of an extended benchmark, and its answers: who passes the tests is asked these too."""
    excluded: str = ""
    """Why the problem is not looked for by behaviour; empty where it is."""


class Hit(Record):
    """A function that solves a problem of a benchmark, and how that is known."""

    function: str
    """Function.id"""
    name: str
    source: str
    benchmark: str
    problem: str
    evidence: str
    """`docstring`, `ngrams`, `syntax` or `behaviour`."""
    detail: str
    """What exactly: tests passed, share of n-grams."""
