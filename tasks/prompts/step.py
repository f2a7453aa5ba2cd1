"""The step `prompts`."""

from itertools import chain

from tasks.prompts.rendering import render
from tasks.records.artifacts import ArtifactRef
from tasks.records.cases import ExecutedFunction
from tasks.records.configs import PromptConfig
from tasks.records.samples import Sample
from tasks.records.steps import Place, StepResult
from tasks.steps import sift, step, store_at

PROMPTS_VERSION = 2


@step("prompts", version=PROMPTS_VERSION)
def render_shard(
    shard: ArtifactRef,
    config: PromptConfig,
    grammar: str,  # noqa: ARG001 - in the cache key: other templates, other samples
    seed: int,
    place: Place,
) -> StepResult:
    """Phrases each function in the forms that the seed draws.

    `grammar` is the digest of the templates (`tasks.prompts.grammar.grammar_digest`).
    """
    with store_at(place) as store:
        executed = store.read_records(shard, ExecutedFunction)
        return sift(
            store,
            chain.from_iterable(render(one, config, seed) for one in executed),
            step="prompts",
            unit="samples",
            kind="samples",
            model=Sample,
        )
