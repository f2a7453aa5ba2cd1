"""Studies: a question, the grid of runs that answers it, and what came of them.

A study is a small YAML file. What its cells have in common stands in `build`, `train` and
`evaluate`; a size (`smoke`, `cpu`, `full`) changes that for everyone, a cell for itself.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from tasks.records.artifacts import ArtifactRef
from tasks.records.base import Record
from tasks.records.configs import BuildConfig
from tasks.records.drops import Funnel
from tasks.records.evaluations import AskStyle, GradeConfig
from tasks.records.training import Launch, TrainConfig, TrainResult

FIGURES_NAME, PAGE_NAME, TEXT_NAME, PICTURE_NAME = (
    "study.json",
    "report.html",
    "summary.md",
    "study.svg",
)
"""What the artifact of a study consists of."""
UNTRAINED = "untrained"
"""The cell that every study with trainings has besides: the base model as it was."""
HELD_OUT = "held-out"
"""The test set that every study has: the test split of its own data set, no function trained on."""

Values = Mapping[str, Any]
"""Keys of a config with their values, nested as in the config."""
Size = Literal["smoke", "cpu", "full"]
"""For minutes on a laptop; for an hour or two on a CPU, with a pretrained model; for a GPU."""
Rows = Literal["samples", "without_cases", "answers"]
Name = Annotated[str, StringConstraints(pattern=r"^[\w.+-]+$")]
"""Of a cell or a test set: part of the name of its data set."""


class FreshModel(Record):
    """A small Llama of random weights, its vocabulary learnt from the study's own data set."""

    hidden: int = Field(default=128, gt=0)
    layers: int = Field(default=3, gt=0)
    heads: int = Field(default=4, gt=0)
    vocabulary: int = Field(default=1024, ge=300)
    context: int = Field(default=1024, gt=0)
    seed: int = 0


class ScoreConfig(Record):
    """How the models of a study are measured."""

    benchmarks: tuple[str, ...] = ()
    """Besides the held-out Case2Code, by the names of `case2code evaluate`."""
    limit: int | None = Field(default=None, gt=0)
    """Problems of each benchmark; of held-out Case2Code too."""
    answer_loss: bool = True
    """Measure how likely each model finds the right answers, which tells models apart that pass
    nothing."""
    ask: AskStyle = AskStyle()
    grade: GradeConfig = GradeConfig()


class Cell(Record):
    """One entry of the grid."""

    note: str = ""
    """What it stands for, in the table."""
    build: Mapping[str, Any] = {}
    """Keys of `BuildConfig` that are otherwise than in the rest of the study."""
    rows: Rows = "samples"
    """What is trained on: the samples; the same without their cases (name and signature alone);
    the answers as plain code."""
    mix: Mapping[str, Annotated[float, Field(gt=0)]] = {}
    """Shares by tokens, of `samples` and of `code` (the installed packages' source), `text` (the
    Python documentation), or data as `case2code mix` takes it. Empty: the samples alone."""
    train: Mapping[str, Any] = {}
    """Keys of `TrainConfig`."""


class SizeConfig(Record):
    """What a size changes for all cells."""

    about: str = ""
    """What it costs and where it runs."""
    build: Mapping[str, Any] = {}
    train: Mapping[str, Any] | None = None
    """Empty: as the study has it. `null` in both: nothing is trained."""
    evaluate: Mapping[str, Any] = {}
    base: str | FreshModel | None = None
    launch: Launch = Launch()
    seeds: tuple[int, ...] = Field(default=(0,), min_length=1)
    """Of the trainings: one of each cell for each."""
    cells: Mapping[Name, Cell] = {}
    """In place of the study's, where another size needs others."""

    @model_validator(mode="after")
    def _seeds_are_many(self) -> Self:
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError("seeds: one twice is the same training twice")
        return self


class StudyConfig(Record):
    """A study as its YAML has it."""

    question: str
    about: str = ""
    """How to read the result, and what is known already."""
    build: Mapping[str, Any] = {}
    train: Mapping[str, Any] | None = None
    evaluate: Mapping[str, Any] = {}
    tests: Mapping[Name, Mapping[str, Any]] = {}
    """More held-out test sets, each by the keys of `BuildConfig` that make it another."""
    baseline: str = ""
    """The cell that others are compared with. Empty: the first."""
    cells: Mapping[Name, Cell] = {}
    smoke: SizeConfig = SizeConfig()
    cpu: SizeConfig | None = None
    """None: the study has no such size; nor has it a `full` one."""
    full: SizeConfig | None = None

    @property
    def sizes(self) -> dict[Size, SizeConfig]:
        """Those that the study has."""
        all_of_them: dict[Size, SizeConfig | None]
        all_of_them = {"smoke": self.smoke, "cpu": self.cpu, "full": self.full}
        return {name: size for name, size in all_of_them.items() if size is not None}

    @model_validator(mode="after")
    def _has_cells(self) -> Self:
        for size in self.sizes.values():
            cells = size.cells or self.cells
            if not cells:
                raise ValueError("has no cells: name at least one under `cells`")
            if UNTRAINED in cells:
                raise ValueError(f"no cell can be called {UNTRAINED}: that is the base model")
            if HELD_OUT in self.tests:
                raise ValueError(f"no test can be called {HELD_OUT}: that is the study's own")
            if self.baseline and self.baseline not in cells:
                raise ValueError(
                    f"its baseline {self.baseline} is none of its cells: {', '.join(cells)}"
                )
        return self


class CellPlan(Record):
    """One cell, all of its values settled."""

    name: str
    note: str = ""
    build: BuildConfig
    rows: Rows = "samples"
    mix: Mapping[str, float] = {}
    train: TrainConfig | None = None


class StudyPlan(Record):
    """What is run for a study at a size."""

    name: str
    question: str
    about: str = ""
    size: str
    baseline: str
    cells: tuple[CellPlan, ...]
    tests: Mapping[str, BuildConfig] = {}
    """By name, the held-out set of the baseline first."""
    base: str | FreshModel | None = None
    launch: Launch = Launch()
    seeds: tuple[int, ...] = (0,)
    score: ScoreConfig = ScoreConfig()

    @property
    def trains(self) -> bool:
        """Whether any cell trains a model."""
        return any(cell.train for cell in self.cells)


class AnswerLoss(Record):
    """How likely a model finds the right answer to a problem."""

    problem: str
    nats: float
    """Minus the logarithm of its probability, all tokens together, the end included."""
    tokens: int = Field(gt=0)


class Trained(Record):
    """One training of a cell, and what it is measured by."""

    cell: str
    seed: int
    result: TrainResult | None = None
    """None for the base model."""
    model: str
    """Under what name its answers are kept."""
    rows: ArtifactRef | None = None
    """What it was trained on."""
    losses: Mapping[str, ArtifactRef] = {}
    """By test set, the `AnswerLoss` of each problem."""


class Built(Record):
    """The data set of a cell."""

    cell: str
    dataset: ArtifactRef | None
    """None where not one sample came out, which is a result too."""
    funnel: Funnel
    empty: str = ""
    """Why nothing came out."""


class Measured(Record):
    """The evaluation of all models on one test set, the models in their order."""

    test: str
    ref: ArtifactRef
    models: tuple[str, ...]


class Figure(Record):
    """A number with its 95 % interval."""

    value: float
    low: float
    high: float


class Yield(Record):
    """What became of a cell's functions, and what its data is like."""

    cell: str
    note: str = ""
    taken: int
    """Functions that inputs were looked for."""
    functions: int
    """Of these, those in the data set."""
    samples: int
    share: Figure
    cases: float
    """Of a sample, shown and hidden."""
    distinct_outputs: float
    """Of a sample, mean."""
    mutants_killed: float | None = None
    """Mean share of mutants that the shown cases tell from the function."""
    branch_coverage: float | None = None
    changed_functions: int = 0
    """Those whose program is not the baseline's."""
    showing: int = 0
    """Of these, those with an output that is not the baseline's for the same call."""
    wrong_functions: int = 0
    """Those with the baseline's program and an output that is not the baseline's."""
    wrong_cases: float = 0.0
    """Share of calls, of those the baseline made too, whose output is not the baseline's."""
    only_here: int = 0
    only_baseline: int = 0
    """Functions that only this cell's data set has, and only the baseline's."""
    p_value: float | None = None
    """Of McNemar's exact test that both keep equally many."""
    alike: bool = True
    """Inputs were looked for of the same functions as in the baseline. Else nothing is compared
    function by function."""


class CellScore(Record):
    """What the models of a cell come to on a test set, over seeds."""

    cell: str
    test: str
    measure: str
    """`pass@1`, `cases` or `answer loss`."""
    problems: int
    seeds: int
    figure: Figure
    """By a bootstrap over problems."""
    spread: float | None = None
    """Standard deviation of the seeds' means; None with one seed."""


class Difference(Record):
    """A cell less the cell it is compared with, on the same problems."""

    cell: str
    against: str
    test: str
    measure: str
    problems: int
    seeds: int
    figure: Figure
    """By a bootstrap over problems and seeds."""
    p_value: float
    """Of a sign-flip test over problems, two-sided."""
    adjusted: float
    """The same by Holm, over all comparisons of one measure on one test set."""
    verdict: Literal["better", "worse", "not told apart"]


class Finding(Record):
    """One of the paper's failure signatures, looked for in the figures."""

    signature: str
    seen: bool | None
    """None: not measured."""
    evidence: str
    advice: str = ""


class Study(Record):
    """What the artifact of a study holds: no clock, no place."""

    plan: StudyPlan
    yields: tuple[Yield, ...]
    funnels: Mapping[str, Funnel]
    trainings: tuple[Trained, ...] = ()
    scores: tuple[CellScore, ...] = ()
    differences: tuple[Difference, ...] = ()
    findings: tuple[Finding, ...] = ()
    empty: Mapping[str, str] = {}
    """By cell, why not one sample came out."""
    held_back: Mapping[str, int] = {}
    """By cell, samples that it was not trained on since their functions are tested on."""
    summary: tuple[str, ...] = ()
    """In sentences."""


class StudySummary(Record):
    """What the flow `study` returns."""

    ref: ArtifactRef
    study: Study
    path: str
    """Where the artifact lies, `report.html` in it: a folder, or an s3:// address."""
    flow_run: str
    task_runs: int
    """Of this flow alone."""
    grid_task_runs: int
    """Of all flows that it ran, its own among them."""
    cached_steps: int
    """Of those, how many an earlier run had done."""
    seconds: float
