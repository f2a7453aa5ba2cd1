"""The faults of a study, put between the steps of a build. Without any, nothing is run here."""

from collections.abc import Sequence

from prefect.tasks import Task

from flows.shards import ShardRun
from tasks.prompts.step import render_shard, render_unchecked_shard
from tasks.records.configs import BuildConfig
from tasks.records.steps import Shard, StepResult
from tasks.studies.faults_step import disturb_shard, mutate_shard, shuffle_shard

Shards = Sequence[Shard]


def mutated(run: ShardRun, inputs: Shards, config: BuildConfig) -> Shards:
    """Functions with their inputs, some of them with a mistake in them."""
    share = config.faults.mutated
    return run.each(mutate_shard, inputs, share=share, seed=config.seed) if share else inputs


def disturbed(run: ShardRun, cases: Shards, config: BuildConfig) -> Shards:
    """Cases as an unreliable executor reports them."""
    if not config.faults.noisy:
        return cases
    return run.each(disturb_shard, cases, faults=config.faults, seed=config.seed)


def shuffled(run: ShardRun, weighed: Shards, config: BuildConfig) -> Shards:
    """Weighed functions whose outputs belong to other arguments."""
    return run.each(shuffle_shard, weighed, seed=config.seed) if config.faults.shuffled else weighed


def renderer(config: BuildConfig) -> Task[..., StepResult]:
    """The step that phrases samples, and runs what they say unless a study leaves that out."""
    return render_shard if config.faults.checked else render_unchecked_shard
