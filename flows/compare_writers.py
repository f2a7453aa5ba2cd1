"""The flow that measures writers against each other: the same functions to each, a line a step.

Collected, extracted and drawn as a build does it, from whose cache the first steps come if there
was one. Each writer's inputs are run twice, as in a build, and tried on mutants of the functions.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Annotated

from prefect import flow
from prefect.runtime import flow_run
from pydantic import Field

from flows.run_record import Stopwatch
from flows.shards import THREADS, ShardRun, by_shard
from tasks.collect.step import collect_shard, discover
from tasks.dedup.sketching import minhash_version
from tasks.dedup.step import deduplicate, sketch_shard
from tasks.execute.step import execute_shard
from tasks.extract.step import extract_shard
from tasks.inputs.comparing.step import measure_shard, publish_comparison
from tasks.inputs.step import ask_about, require_models, search_shard, write_inputs_shard
from tasks.prompts.step import weigh_shard
from tasks.records.artifacts import ArtifactRef
from tasks.records.comparisons import (
    FIGURES,
    STACKED,
    Comparison,
    ComparisonConfig,
    ComparisonSummary,
    Taken,
    WriterRow,
)
from tasks.records.configs import (
    AskConfig,
    BuildConfig,
    DedupConfig,
    InputsConfig,
    PromptConfig,
)
from tasks.records.runners import Runner
from tasks.records.steps import Discovered, Place, Shard, WriterUsage
from tasks.records.writers import SEARCH
from tasks.settings import load_settings
from tasks.store.artifacts import open_store


@dataclass(frozen=True)
class Entry:
    """One of the writers that are compared."""

    name: str
    """As the user named it."""
    inputs: InputsConfig
    asks: tuple[AskConfig, ...]

    @property
    def published(self) -> str:
        """Its name without a place."""
        return STACKED.join(self.inputs.named_after(self.asks).writers)


@flow(name="compare-writers", flow_run_name="compare {config.writers}", persist_result=False)
def compare_writers(
    config: ComparisonConfig,
    store: str = "",
    workers: Annotated[int, Field(gt=0)] = os.cpu_count() or 1,
    runner: Runner = THREADS,
) -> ComparisonSummary:
    """Gives the same functions to each writer and returns what each reached and took.

    Args:
        config: The writers, the functions, and all that shapes the result.
        store: A folder or s3://bucket/prefix; empty for the one in the settings.
        workers: Shards worked on at once. Changes nothing in the result.
        runner: Where shards are worked on. Changes nothing in the result.

    Raises:
        StepFailedError: A shard failed; a second run does only what is missing.
        CorpusError, ConfigError, StoreError, WriterError: With what to do about it.
    """
    watch = Stopwatch()
    entries = [_entry(config, name) for name in config.writers]
    place = Place(
        store=store or load_settings().store_url,
        sources=config.build.corpus,
        opt_out=config.build.opt_out,
    )
    measured, taken = [], []
    with ShardRun(place, workers, runner) as run:
        found = run.once(discover, shards=config.build.shards, config=config.build.collect)
        functions = _functions(run, found.shards, config.build)
        for entry in entries:
            run.accounts.usage = {}
            measured.append(_measured(run, functions, config, entry))
            taken.append(_taken(run.accounts.usage.values()))
        ref = run.once(
            publish_comparison,
            writers=tuple(entry.published for entry in entries),
            measured=tuple(measured),
            config=_without_places(config, found, entries),
            drawn_with=f"matplotlib {version('matplotlib')}",
        )
    reached, where = _read(place.store, ref)
    rows = [
        WriterRow(name=entry.name, figures=figures, taken=took)
        for entry, figures, took in zip(entries, reached.writers, taken, strict=True)
    ]
    return ComparisonSummary(
        ref=ref,
        path=where,
        rows=tuple(rows),
        flow_run=str(flow_run.id),
        task_runs=run.accounts.task_runs,
        cached_steps=run.accounts.cached,
        seconds=watch.seconds,
    )


def _entry(config: ComparisonConfig, name: str) -> Entry:
    inputs = config.inputs_of(name)
    return Entry(name=name, inputs=inputs, asks=require_models(inputs.asks))


def _functions(run: ShardRun, shards: Sequence[Shard], build: BuildConfig) -> tuple[Shard, ...]:
    """The functions that all writers write for."""
    files = run.each(collect_shard, shards, config=build.collect)
    extracted = run.each(extract_shard, files, config=build.extract)
    sketches = run.each(sketch_shard, extracted, minhash=minhash_version())
    none: tuple[Shard, ...] = ()
    return run.across(
        deduplicate,
        extracted,
        sketches=sketches,
        earlier=none,
        jaccard=build.dedup.jaccard,
        limit=build.limit,
        seed=build.seed,
    )


def _measured(
    run: ShardRun, functions: Sequence[Shard], config: ComparisonConfig, entry: Entry
) -> tuple[Shard, ...]:
    """What one writer reached, function by function."""
    seed = config.build.seed
    searched = run.each(search_shard, functions, config=entry.inputs.search, seed=seed)
    answers = [run.across(ask_about, searched, config=ask) for ask in entry.asks]
    inputs = run.each(
        write_inputs_shard,
        searched,
        answers=by_shard(searched, answers),
        config=entry.inputs.stack,
        seed=seed,
    )
    cases = run.each(execute_shard, inputs, config=config.build.execute, seed=seed)
    weighed = run.each(weigh_shard, cases, mutants=config.mutants, seed=seed)
    return run.each(
        measure_shard, functions, weighed=by_shard(functions, [weighed]), mutants=config.mutants
    )


def _taken(parts: Iterable[WriterUsage]) -> Taken:
    parts = list(parts)
    costs = [part.cost for part in parts if part.cost is not None]
    return Taken(
        prompt_tokens=sum(part.prompt_tokens for part in parts),
        completion_tokens=sum(part.completion_tokens for part in parts),
        cost=sum(costs) if costs else None,
        answers=sum(part.answers for part in parts),
        new_answers=sum(part.new_answers for part in parts),
        seconds=sum(part.seconds for part in parts),
    )


def _without_places(
    config: ComparisonConfig, found: Discovered, entries: Sequence[Entry]
) -> ComparisonConfig:
    """The config as it is published: names and digests, where a person gave paths."""
    inputs = config.build.inputs.model_copy(update={"writers": (SEARCH,), "prices": {}})
    build = config.build.model_copy(
        update={
            "corpus": found.corpora,
            "opt_out": found.opt_out,
            "inputs": inputs,
            # Not used here, and paths may be in them.
            "benchmarks": (),
            "dedup": DedupConfig(jaccard=config.build.dedup.jaccard),
            "prompts": PromptConfig(),
        }
    )
    writers = tuple(entry.published for entry in entries)
    return config.model_copy(update={"writers": writers, "build": build})


def _read(store: str, ref: ArtifactRef) -> tuple[Comparison, str]:
    """The figures, and where they lie."""
    with open_store(store, load_settings()) as opened:
        with opened.open(ref, FIGURES) as path:
            reached = Comparison.model_validate_json(path.read_bytes())
        return reached, opened.backend.locate(ref.key)
