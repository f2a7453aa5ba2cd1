"""Every parameter that shapes a data set. All of it is in the cache keys and in the manifest.

What does not shape the result (workers, store, task runner, secrets) is not here.
"""

from typing import Annotated

from pydantic import AfterValidator, Field

from tasks.records.base import Record


def _unique(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) != len(values):
        raise ValueError("lists the same thing twice")
    return values


class CollectConfig(Record):
    """Which files of a corpus are read."""

    max_bytes: int = Field(default=1_000_000, gt=0)
    """A larger source file is dropped: it is data or generated code."""


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


MODEL_PREFIX = "openai:"


def _known_writer(writers: tuple[str, ...]) -> tuple[str, ...]:
    for writer in writers:
        model = writer.removeprefix(MODEL_PREFIX) if writer.startswith(MODEL_PREFIX) else None
        if writer != "search" and not model:
            raise ValueError(f"{writer!r} is no writer; use search or {MODEL_PREFIX}MODEL")
    return writers


class AskConfig(Record):
    """What a model is asked: all that its answers depend on, and nothing else."""

    model: str
    samples: int = Field(gt=0)
    temperature: float = Field(ge=0)
    max_tokens: int = Field(gt=0)


class InputsConfig(Record):
    """Who writes inputs, how many are tried, how many are chosen."""

    writers: Annotated[
        tuple[str, ...], Field(min_length=1), AfterValidator(_unique), AfterValidator(_known_writer)
    ] = ("search",)
    """`search` (no model), `openai:MODEL` (any OpenAI-compatible server), or both, in order."""
    budget: int = Field(default=160, gt=0)
    """Calls tried for a function. A count and not a time, so that it gives the same everywhere."""
    chosen: int = Field(default=12, gt=0)
    """Inputs handed on to the execution."""
    samples: int = Field(default=1, gt=0)
    """Answers asked of a model for each function."""
    temperature: float = Field(default=0.6, ge=0)
    max_tokens: int = Field(default=768, gt=0)

    @property
    def asks(self) -> tuple[AskConfig, ...]:
        """One for each model among the writers."""
        return tuple(
            AskConfig(
                model=writer.removeprefix(MODEL_PREFIX),
                samples=self.samples,
                temperature=self.temperature,
                max_tokens=self.max_tokens,
            )
            for writer in self.writers
            if writer.startswith(MODEL_PREFIX)
        )


class ExecuteConfig(Record):
    """Limits of one call."""

    cpu_seconds: float = Field(default=1.0, gt=0)
    memory_mb: int = Field(default=512, gt=0)


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


class DatasetConfig(Record):
    """How samples are divided and written."""

    validation_share: float = Field(default=0.05, ge=0, lt=1)
    test_share: float = Field(default=0.05, ge=0, lt=1)
    rows_per_file: int = Field(default=50_000, gt=0)


class BuildConfig(Record):
    """A whole data set. The same config and corpus give the same bytes, wherever it runs."""

    corpus: tuple[str, ...] = ("stdlib",)
    """`stdlib`, `site-packages`, a folder, or a `.jsonl` file; `NAME=PATH` to name one.
    In what is published, the labels alone."""
    limit: int | None = Field(default=None, gt=0)
    """Keep at most this many functions, drawn by the seed."""
    seed: int = 0
    shards: int = Field(default=16, gt=0, le=64)
    """Buckets that sources are hashed into. Fixed for a data set: another number moves them all."""
    collect: CollectConfig = CollectConfig()
    extract: ExtractConfig = ExtractConfig()
    inputs: InputsConfig = InputsConfig()
    execute: ExecuteConfig = ExecuteConfig()
    filters: FilterConfig = FilterConfig()
    prompts: PromptConfig = PromptConfig()
    dataset: DatasetConfig = DatasetConfig()
