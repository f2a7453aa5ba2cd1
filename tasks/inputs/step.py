"""The steps `search`, `ask` and `inputs`."""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import chain

from sandbox import Outcome, Program, Sandbox
from tasks.inputs.asking import STEP, answers_to, requests_for
from tasks.inputs.paying import Asking
from tasks.inputs.short import asked_about
from tasks.inputs.writing import LIMITS, search_inputs, stack_inputs
from tasks.models.keeping import KeptAnswers
from tasks.models.opening import identity_of, open_generator, require
from tasks.records.artifacts import ArtifactRef
from tasks.records.cases import Answer, WrittenFunction
from tasks.records.configs import AskConfig, InputsConfig
from tasks.records.functions import Function
from tasks.records.steps import Place, Shard, ShardsResult, StepResult, WriterUsage
from tasks.records.writers import SEARCH
from tasks.settings import load_settings
from tasks.steps import sift, step, store_at
from tasks.store.artifacts import ArtifactStore

ASK_VERSION = 3
INPUTS_VERSION = 5
"""Of the search, which two of the steps do: with answers and without."""
STACK_VERSION = INPUTS_VERSION + 1
"""Of what is made of the two; raise the other where only the search changes."""


@step("search", version=INPUTS_VERSION, executes=True)
def search_shard(
    shard: ArtifactRef, config: InputsConfig | None, seed: int, place: Place
) -> StepResult:
    """Searches inputs for the functions of a shard, without any model. Nothing is dropped yet."""
    began = time.monotonic()
    with store_at(place) as store, Sandbox(limits=LIMITS) as sandbox:
        functions = list(store.read_records(shard, Function))
        result = sift(
            store,
            search_inputs(functions, partial(sandbox.run, arcs=True), config, seed),
            step="search",
            unit="functions",
            kind="searched",
            model=WrittenFunction,
        )
    seconds = round(time.monotonic() - began, 3)
    usage = WriterUsage(writer=SEARCH, functions=len(functions), seconds=seconds)
    return result.model_copy(update={"counts": (), "usage": (usage,) if config else ()})


def require_models(asks: tuple[AskConfig, ...]) -> tuple[AskConfig, ...]:
    """The same with the names that answers are kept under.

    Raises ConfigError, before anything is done, where a model cannot be asked.
    """
    settings = load_settings()
    for ask in asks:
        require(ask.name, settings)
    return tuple(ask.model_copy(update={"identity": identity_of(ask.name)}) for ask in asks)


@step("ask", version=ASK_VERSION, limits=("llm",))
def ask_about(shards: tuple[Shard, ...], config: AskConfig, place: Place) -> ShardsResult:
    """Asks a model for inputs of what the search left short. Each answer is paid for once.

    All shards in one step: one queue, one pace, one budget, one model in memory.
    """
    settings = load_settings()
    identity = f"{config.name.engine}:{config.identity or config.name.model}"
    with (
        store_at(place) as store,
        KeptAnswers(store, identity, settings.home) as kept,
    ):
        everything = chain.from_iterable(_written(store, shard) for shard in shards)
        ids = asked_about(everything, config.share)
        asking = Asking(config, kept, open=partial(open_generator, config.name, settings))
        for shard in shards:
            asking.foresee(requests_for(_chosen(store, shard, ids), config))
        asking.announce()
        results = {
            shard.label: _ask_shard(store, _chosen(store, shard, ids), asking) for shard in shards
        }
    return ShardsResult(
        kept=tuple(Shard(label=label, ref=result.kept) for label, result in results.items()),
        drops=tuple(result.drops for result in results.values()),
        counts=tuple(chain.from_iterable(result.counts for result in results.values())),
        usage=(asking.usage,),
    )


def _written(store: ArtifactStore, shard: Shard) -> Iterator[WrittenFunction]:
    return store.read_records(shard.ref, WrittenFunction)


def _chosen(store: ArtifactStore, shard: Shard, ids: frozenset[str]) -> list[Function]:
    return [each.function for each in _written(store, shard) if each.function.id in ids]


def _ask_shard(store: ArtifactStore, functions: list[Function], asking: Asking) -> StepResult:
    replies = asking.replies(list(requests_for(functions, asking.config)))
    return sift(
        store,
        answers_to(functions, replies, asking.config),
        step=STEP,
        unit="answers",
        kind="answers",
        model=Answer,
    )


@step("inputs", version=STACK_VERSION, executes=True)
def write_inputs_shard(
    shard: ArtifactRef,
    answers: tuple[ArtifactRef, ...],
    config: InputsConfig,
    seed: int,
    place: Place,
) -> StepResult:
    """Gives the functions of a shard what the search found, or what it finds with the answers."""
    with store_at(place) as store, ExitStack() as stack:
        # Without answers nothing is run, and no jail need start.
        sandbox = stack.enter_context(Sandbox(limits=LIMITS)) if answers else None
        run = partial(sandbox.run, arcs=True) if sandbox else _runs_nothing
        by_function: dict[str, list[Answer]] = defaultdict(list)
        for ref in answers:
            for answer in store.read_records(ref, Answer):
                by_function[answer.function].append(answer)
        searched = list(store.read_records(shard, WrittenFunction))
        return sift(
            store,
            stack_inputs(searched, by_function, run, config, seed),
            step="inputs",
            unit="functions",
            kind="inputs",
            model=WrittenFunction,
        )


def _runs_nothing(programs: Sequence[Program]) -> Iterable[tuple[Outcome, ...]]:
    raise AssertionError(f"{len(programs)} programs to run without any answers")
