"""The flow that turns a corpus into a verified data set: the method of Case2Code, a line a step.

Source: Case2Code, arXiv 2407.12504, section 3.
"""

import os
from collections.abc import Sequence
from typing import Annotated

from prefect import flow
from pydantic import Field

from flows.faults import disturbed, mutated, renderer, shuffled
from flows.lineage import asset_named, asset_of, record_asset
from flows.run_record import Finished, Stopwatch, record_run
from flows.shards import THREADS, ShardRun, by_shard
from tasks.collect.step import collect_shard, discover
from tasks.dataset.report.step import drawn_with, report
from tasks.dataset.step import publish
from tasks.decontaminate.step import (
    decontaminate_shard,
    find_benchmarks,
    find_contamination,
    solve_benchmarks,
)
from tasks.dedup.sketching import minhash_version
from tasks.dedup.step import deduplicate, find_earlier, group_shard, sketch_earlier, sketch_shard
from tasks.execute.auditing import require_agreement
from tasks.execute.step import execute_shard
from tasks.extract.step import extract_shard
from tasks.filters.step import filter_shard
from tasks.inputs.step import ask_about, require_models, search_shard, write_inputs_shard
from tasks.programs.behaviour import BATTERY_VERSION
from tasks.prompts.grammar import grammar_digest
from tasks.prompts.step import weigh_shard
from tasks.prompts.tokens import tokenizer_digest
from tasks.records.configs import AskConfig, BuildConfig
from tasks.records.problems import Benchmarks
from tasks.records.runners import Runner
from tasks.records.steps import BuildSummary, Discovered, Place, Shard
from tasks.settings import load_settings
from tasks.store.names import check_name, default_name


@flow(name="build-dataset", flow_run_name="build {config.title}", persist_result=False)
def build_dataset(  # noqa: PLR0913 - a form of its own for each
    config: BuildConfig,
    store: str = "",
    workers: Annotated[int, Field(gt=0)] = os.cpu_count() or 1,
    name: str = "",
    version: str = "",
    *,
    runner: Runner = THREADS,
) -> BuildSummary:
    """Builds a data set and returns where it is and what became of everything on the way.

    Args:
        config: Everything that shapes the data set.
        store: A folder or s3://bucket/prefix; empty for the one in the settings.
        workers: Shards worked on at once. Changes nothing in the result.
        name: Of the data set; empty for one made of the corpora's labels.
        version: Empty for the next number.
        runner: Where shards are worked on. Changes nothing in the result.

    Raises:
        AuditError: Outcomes were not the same again.
        StepFailedError: A shard failed; a second run does only what is missing.
        CorpusError, ConfigError, StoreError: With what to do about it.
    """
    watch = Stopwatch()
    check_name(name or "default", version)
    asks = require_models(config.inputs.asks)
    place = Place(
        store=store or load_settings().store_url, sources=config.corpus, opt_out=config.opt_out
    )
    with ShardRun(place, workers, runner) as run:
        found = run.once(discover, shards=config.shards, config=config.collect)
        earlier = run.once(find_earlier, against=config.dedup.against)
        benchmarks = run.once(find_benchmarks, wanted=config.benchmarks)
        solved = run.once(solve_benchmarks, problems=benchmarks.problems)
        files = run.each(collect_shard, found.shards, config=config.collect)
        extracted = run.each(extract_shard, files, config=config.extract)
        sketches = run.each(sketch_shard, extracted, minhash=minhash_version())
        unique = run.across(
            deduplicate,
            extracted,
            sketches=sketches,
            earlier=run.each(sketch_earlier, earlier, minhash=minhash_version()),
            jaccard=config.dedup.jaccard,
            limit=config.limit,
            seed=config.seed,
        )
        hits = run.each(
            find_contamination, unique, solved=solved, config=config.decontaminate.looking
        )
        searched = run.each(search_shard, unique, config=config.inputs.search, seed=config.seed)
        functions = run.each(
            decontaminate_shard,
            searched,
            hits=by_shard(searched, [hits]),
            config=config.decontaminate,
        )
        answers = [run.across(ask_about, functions, config=ask) for ask in asks]
        inputs = run.each(
            write_inputs_shard,
            functions,
            answers=by_shard(functions, answers),
            config=config.inputs.stack,
            seed=config.seed,
        )
        written = mutated(run, inputs, config)
        cases = run.each(execute_shard, written, config=config.execute, seed=config.seed)
        require_agreement(
            run.accounts.audited, run.accounts.funnel, strict=is_continuous_integration()
        )
        believed = disturbed(run, cases, config)
        kept = run.each(filter_shard, believed, config=config.filters)
        grouped = run.each(
            group_shard, kept, battery=BATTERY_VERSION, behaviour=config.dedup.behaviour
        )
        weighed = run.each(weigh_shard, grouped, mutants=config.prompts.mutants, seed=config.seed)
        samples = run.each(
            renderer(config),
            shuffled(run, weighed, config),
            config=config.prompts,
            limits=config.execute,
            grammar=grammar_digest(),
            tokenizer=tokenizer_digest(config.prompts.tokenizer),
            seed=config.seed,
        )
        dataset = run.once(
            publish,
            shards=samples,
            config=without_places(config, found, earlier, benchmarks, asks),
            benchmarks=benchmarks.files,
            hits=hits,
            grammar=grammar_digest(),
            funnel=run.accounts.funnel,
            made_from=(
                *found.shards,
                *unique,
                *(one for part in answers for one in part),
                *kept,
            ),
            drops=tuple(run.accounts.drops),
        )
        made = run.once(
            report,
            dataset=dataset.ref,
            executed=kept,
            answers=tuple(one for part in answers for one in part),
            drops=tuple(run.accounts.drops),
            drawn_with=drawn_with(),
        )
        called = name or default_name(found.corpora)
        parents = tuple(shard.ref for shard in earlier)
        made_of = [asset_named("corpus", one) for one in found.corpora]
        made_of += [asset_of(one) for one in parents]
        record_asset(run, dataset.ref, name=called, made_of=made_of)
    finished = Finished(dataset, made, called, version, found.corpora, parents)
    return record_run(finished, place, run.accounts, watch, workers)


def is_continuous_integration() -> bool:
    """As GitHub, GitLab and most others say: the environment variable CI is true."""
    return os.environ.get("CI", "").lower() not in {"", "0", "false"}


def without_places(
    config: BuildConfig,
    found: Discovered,
    earlier: Sequence[Shard],
    benchmarks: Benchmarks,
    asks: Sequence[AskConfig],
) -> BuildConfig:
    """The config as it is published: names and digests, where a person gave paths."""
    against = tuple(shard.ref.digest for shard in earlier)
    tokenizer = tokenizer_digest(config.prompts.tokenizer)
    return config.model_copy(
        update={
            "corpus": found.corpora,
            "opt_out": found.opt_out,
            "benchmarks": tuple(f"{file.name}@{file.sha256}" for file in benchmarks.files),
            "dedup": config.dedup.model_copy(update={"against": against}),
            "prompts": config.prompts.model_copy(update={"tokenizer": tokenizer}),
            "inputs": config.inputs.named_after(asks),
        }
    )
