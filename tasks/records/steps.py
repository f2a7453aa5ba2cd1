"""What a step is told besides its inputs, and what it hands on."""

from pydantic import Field

from tasks.records.artifacts import ArtifactRef
from tasks.records.base import Record
from tasks.records.drops import Funnel, StepCount
from tasks.records.writers import amount_of


class Place(Record):
    """Where a step runs and what it is called there. Never in a cache key, never in an artifact."""

    store: str
    """Address of the store, as `tasks.store.artifacts.open_store` takes it."""
    label: str = "all"
    """What a person reads in the name of the task run: the shard."""
    sources: tuple[str, ...] = ()
    """The corpora as the user named them, paths and all; only collect reads them."""
    opt_out: str = ""
    """The file of what is left out; only discover reads it."""


class Shard(Record):
    """One bucket of the corpus on its way through the steps."""

    label: str
    ref: ArtifactRef


class Discovered(Record):
    """What discover saw."""

    corpora: tuple[str, ...]
    """Labels of the corpora: what is published names these, never the paths behind them."""
    opt_out: str = ""
    """sha256 of the entries of what is left out; empty where nothing is."""
    shards: tuple[Shard, ...]
    """Listings, one for each bucket that holds anything."""


class WriterUsage(Record):
    """What a writer took. It has a clock in it, so it is never in what is published."""

    writer: str
    functions: int = 0
    """Those that it wrote for, or was asked about."""
    answers: int = 0
    refused: int = 0
    """Requests that the server would not answer; asked again by the next run that does."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    """Of all answers, those kept from earlier runs too."""
    cost: float | None = None
    """What those cost; None where no price is known."""
    currency: str = ""
    new_answers: int = 0
    new_tokens: int = 0
    new_cost: float | None = None
    """What this run asked for and paid."""
    seconds: float = 0.0

    @property
    def said(self) -> str:
        """One line for the end of a run."""
        text = f"{self.writer}: {self.functions:,} functions"
        if self.answers or self.refused:
            tokens = self.prompt_tokens + self.completion_tokens
            text += f", {self.answers:,} answers with {tokens:,} tokens{self._money(self.cost)}"
            text += f"; of this run {self.new_answers:,} with {self.new_tokens:,}"
            text += self._money(self.new_cost)
        if self.refused:
            text += f"; {self.refused:,} refused"
        return f"{text}; {self.seconds:,.0f} s"

    def _money(self, cost: float | None) -> str:
        return "" if cost is None else f" for {amount_of(cost, self.currency)}"

    @property
    def from_cache(self) -> "WriterUsage":
        """The same in a run that found all of it done."""
        none = {"new_answers": 0, "new_tokens": 0, "new_cost": self.cost and 0.0, "seconds": 0.0}
        return self.model_copy(update=none)

    def __add__(self, other: "WriterUsage") -> "WriterUsage":
        """Both together, of one writer."""
        sums = {
            name: getattr(self, name) + getattr(other, name)
            for name in type(self).model_fields
            if isinstance(getattr(self, name), int | float)
        }
        return self.model_copy(update=sums)


class StepResult(Record):
    """What one task run leaves behind: two artifacts and its rows of the funnel."""

    kept: ArtifactRef
    drops: ArtifactRef
    counts: tuple[StepCount, ...]
    usage: tuple[WriterUsage, ...] = ()
    audited: int = Field(default=0, ge=0)
    """Functions that were run once more in a fresh jail; what answered another way is dropped."""


class ShardsResult(Record):
    """What a step that sees all shards at once leaves behind: the shards, fewer rows in them."""

    kept: tuple[Shard, ...]
    drops: tuple[ArtifactRef, ...]
    counts: tuple[StepCount, ...]
    usage: tuple[WriterUsage, ...] = ()


class DatasetResult(Record):
    """What a build comes to."""

    ref: ArtifactRef
    functions: int = Field(ge=0)
    samples: int = Field(ge=0)
    functions_with_8_cases: int = Field(ge=0)
    """Functions with at least eight verified cases, shown and hidden together."""
    funnel: Funnel


class BuildSummary(Record):
    """What the flow `build_dataset` returns: the data set, and how the run went."""

    dataset: DatasetResult
    path: str
    """Where the data set lies: a folder, or an s3:// address."""
    report: str = ""
    """Where its page lies, beside it."""
    name: str = ""
    version: str = ""
    """What it is called: `name@version` finds it again."""
    flow_run: str
    """Id of the flow run."""
    task_runs: int
    cached_steps: int
    """Task runs that an earlier run had done already."""
    seconds: float
    writers: tuple[WriterUsage, ...] = ()
    """What each writer took."""
