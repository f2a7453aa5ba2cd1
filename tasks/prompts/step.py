"""The steps `weigh` and `prompts`."""

from sandbox import Sandbox
from tasks.prompts.checking import checked, unchecked
from tasks.prompts.rendering import Phraser
from tasks.prompts.tokens import token_count
from tasks.prompts.weighing import LIMITS, Runners, weigh
from tasks.records.artifacts import ArtifactRef
from tasks.records.cases import ExecutedFunction, WeighedFunction
from tasks.records.configs import ExecuteConfig, PromptConfig
from tasks.records.samples import Sample
from tasks.records.steps import Place, StepResult
from tasks.steps import limits_of, sift, step, store_at

WEIGH_VERSION = 2
PROMPTS_VERSION = 3


@step("weigh", version=WEIGH_VERSION, executes=True)
def weigh_shard(shard: ArtifactRef, mutants: int, seed: int, place: Place) -> StepResult:
    """Finds out which cases tell a function from so many mutants of it."""
    with store_at(place) as store, Sandbox(limits=LIMITS) as sandbox:
        executed = store.read_records(shard, ExecutedFunction)
        result = sift(
            store,
            weigh(executed, mutants, seed, Runners.of(sandbox)),
            step="weigh",
            unit="functions",
            kind="weighed",
            model=WeighedFunction,
        )
    # Nothing can be dropped here, so the funnel needs no row for it.
    return result.model_copy(update={"counts": ()})


@step("prompts", version=PROMPTS_VERSION, executes=True)
def render_shard(  # noqa: PLR0913, PLR0917 - all but the place are in the cache key
    shard: ArtifactRef,
    config: PromptConfig,
    limits: ExecuteConfig,
    grammar: str,  # noqa: ARG001 - in the cache key: other templates, other samples
    tokenizer: str,  # noqa: ARG001 - in the cache key: another vocabulary, other counts
    seed: int,
    place: Place,
) -> StepResult:
    """Phrases each function in the forms that the seed draws, and runs what they say.

    `grammar` is the digest of the templates (`tasks.prompts.grammar.grammar_digest`), `tokenizer`
    that of the tokenizer (`tasks.prompts.tokens.tokenizer_digest`).
    """
    phraser = Phraser(config, seed, count=token_count(config.tokenizer))
    with store_at(place) as store, Sandbox(limits=limits_of(limits)) as sandbox:
        return sift(
            store,
            checked(store.read_records(shard, WeighedFunction), phraser, sandbox.run),
            step="prompts",
            unit="samples",
            kind="samples",
            model=Sample,
        )


@step("prompts-unchecked", version=PROMPTS_VERSION)
def render_unchecked_shard(  # noqa: PLR0913, PLR0917 - as above
    shard: ArtifactRef,
    config: PromptConfig,
    limits: ExecuteConfig,  # noqa: ARG001 - as above; nothing is run here
    grammar: str,  # noqa: ARG001 - as above
    tokenizer: str,  # noqa: ARG001 - as above
    seed: int,
    place: Place,
) -> StepResult:
    """Phrases each function and takes its cases on trust: what a study of bad cases needs."""
    phraser = Phraser(config, seed, count=token_count(config.tokenizer))
    with store_at(place) as store:
        return sift(
            store,
            unchecked(store.read_records(shard, WeighedFunction), phraser),
            step="prompts",
            unit="samples",
            kind="samples",
            model=Sample,
        )
