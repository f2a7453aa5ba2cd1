"""The steps, from one artifact to the next."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tasks.prompts.grammar import grammar_digest
from tasks.prompts.step import render_shard, weigh_shard
from tasks.records.cases import ExecutedFunction, WeighedFunction
from tasks.records.configs import ExecuteConfig, PromptConfig
from tasks.records.drops import Drop
from tasks.records.functions import Parameter
from tasks.records.samples import Sample, Task
from tasks.records.steps import Place
from tasks.settings import Settings
from tasks.store.artifacts import open_store

Execution = Callable[..., ExecutedFunction]
CONFIG = PromptConfig(tasks=tuple(Task), twins=True)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(store=str(tmp_path / "store"))


def test_functions_become_weighed_and_checked_samples(execution: Execution, place: Place) -> None:
    program = "def clip(n):\n    if n > 4:\n        return 4\n    return n * 10\n"
    good = execution("clip", program, [Parameter(name="n")], [{"n": n} for n in range(8)])
    same = execution("same", "def same(n):\n    return n\n", [Parameter(name="n")], [{"n": 1}])
    with open_store(place.store, Settings()) as store:
        shard = store.put_records("cases", ExecutedFunction, [good, same])

    weighed = weigh_shard.fn(shard, mutants=20, seed=0, place=place)
    done = render_shard.fn(
        weighed.kept, CONFIG, ExecuteConfig(), grammar_digest(), "", seed=0, place=place
    )

    with open_store(place.store, Settings()) as store:
        kept = list(store.read_records(weighed.kept, WeighedFunction))
        samples = list(store.read_records(done.kept, Sample))
        drops = list(store.read_records(done.drops, Drop))
    assert [one.executed for one in kept] == [good, same]
    assert kept[0].mutants > 5
    assert not weighed.counts
    assert {one.function_id for one in samples} == {good.function.id, same.function.id}
    assert [one.task for one in samples if one.twin_of and one.function_id == good.function.id] == [
        *Task
    ]
    [induction] = [one for one in samples if one.task is Task.INDUCTION and not one.twin_of]
    assert induction.evidence.killed_shown == induction.evidence.killed > 0
    assert induction.difficulty.outputs == 6
    assert [drop.reason for drop in drops] == ["too_few_to_show"]
    [count] = done.counts
    assert (count.taken, count.kept) == (len(samples) + 1, len(samples))
