"""The tasks that predict, and neutral twins: read back, run, and true."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from sandbox import Sandbox, Status, encode
from tasks.prompts.checking import checked
from tasks.prompts.claims import check_program
from tasks.prompts.grammar import load_grammar
from tasks.prompts.rendering import Phraser, render
from tasks.prompts.weighing import unweighed
from tasks.records.cases import ExecutedFunction
from tasks.records.configs import PromptConfig
from tasks.records.drops import Drop, DropReason
from tasks.records.functions import Parameter, ParameterKind
from tasks.records.samples import Sample, Task

Execution = Callable[..., ExecutedFunction]
Run = Callable[[str], dict[str, Any]]
PREDICTIONS = (Task.OUTPUT_PREDICTION, Task.INPUT_PREDICTION)
TWINS = PromptConfig(tasks=tuple(Task), twins=True, samples_per_function=3, min_shown=2)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


def samples_of(executed: ExecutedFunction, config: PromptConfig, seed: int = 0) -> list[Sample]:
    return [one for one in render(unweighed(executed), config, seed) if isinstance(one, Sample)]


def assert_true(sample: Sample, run: Run) -> None:
    program = check_program(sample)
    namespace = run(program.source)
    assert program.calls
    assert all(namespace[program.entry](*call.args) is True for call in program.calls)


@pytest.mark.parametrize("task", PREDICTIONS)
def test_every_question_is_read_back_and_its_answer_is_true(
    task: Task, executed: ExecutedFunction, run: Run
) -> None:
    asked = set()
    for seed in range(12):
        for sample in samples_of(executed, PromptConfig(tasks=(task,)), seed):
            assert_true(sample, run)
            assert sample.program
            assert sample.program.rstrip("\n") in sample.prompt
            assert not sample.shown
            assert len(sample.hidden) == 1
            asked.add(sample.template.instruction)
    assert len(asked) >= 3


def test_all_questions_are_drawn(plain: ExecutedFunction) -> None:
    config = PromptConfig(tasks=PREDICTIONS)
    drawn = {
        one.template.instruction for seed in range(80) for one in samples_of(plain, config, seed)
    }
    assert drawn == {entry.name for entry in load_grammar().question}


def test_a_wrong_answer_is_found(execution: Execution, run: Run) -> None:
    program = "def add(n):\n    return n + 40\n"
    executed = execution("add", program, [Parameter(name="n")], [{"n": n} for n in range(4)])
    for sample in samples_of(executed, PromptConfig(tasks=PREDICTIONS)):
        answer = "add(77)" if sample.task is Task.INPUT_PREDICTION else "117"
        wrong = sample.model_copy(update={"completion": answer.replace("add", sample.name)})
        with pytest.raises(AssertionError):
            assert_true(wrong, run)


def test_each_sample_of_a_function_asks_for_another_case(execution: Execution) -> None:
    program = "def add(n):\n    return n + 40\n"
    executed = execution("add", program, [Parameter(name="n")], [{"n": n} for n in range(4)])
    config = PromptConfig(tasks=(Task.OUTPUT_PREDICTION,), samples_per_function=6)
    found = list(render(unweighed(executed), config, 0))
    asked = [one.hidden[0].arguments for one in found if isinstance(one, Sample)]
    assert sorted(asked) == [encode({"n": n}) for n in range(4)]
    drops = [one.reason for one in found if isinstance(one, Drop)]
    assert drops == [DropReason.TOO_FEW_TO_SHOW] * 2


def test_induction_is_the_same_whatever_else_is_asked_for(plain: ExecutedFunction) -> None:
    alone = samples_of(plain, PromptConfig())
    among = samples_of(plain, PromptConfig(tasks=tuple(Task)))
    assert [one for one in among if one.task is Task.INDUCTION] == alone


PROGRAM = '''\
# Of the width.
LIMIT = 3


def clipped(text, width):
    """Cut `text` to its width."""
    return f"{text[:width]!r:>{width}}"


def shorten(text, width=LIMIT, *, marker="...", **others):
    """Shorten the text to its width."""
    if width > 9:
        return shorten(text, width=9, marker=marker)
    return clipped(text=text, width=width) + marker + "text"
'''


@pytest.fixture
def shortened(execution: Execution) -> ExecutedFunction:
    parameters = [
        Parameter(name="text"),
        Parameter(name="width", default="LIMIT"),
        Parameter(name="marker", kind=ParameterKind.KEYWORD_ONLY, default="'...'"),
    ]
    inputs = [{"text": "abcdefghijk"[:n], "width": n, "marker": "-" * n} for n in range(3, 14, 2)]
    return execution("shorten", PROGRAM, parameters, inputs)


def test_a_twin_gives_no_name_away_and_is_true(shortened: ExecutedFunction, run: Run) -> None:
    samples = samples_of(shortened, TWINS)
    by_id = {one.id: one for one in samples}
    twins = [one for one in samples if one.twin_of]
    assert len(twins) == len(samples) / 2 == 9
    for twin in twins:
        assert_true(twin, run)
        original = by_id[twin.twin_of]
        assert twin.task is original.task
        assert twin.template == original.template.model_copy(update={"named": False})
        outputs = [case.output for case in (*original.shown, *original.hidden)]
        assert [case.output for case in (*twin.shown, *twin.hidden)] == outputs
        program = twin.program or twin.completion
        for name in ("shorten", "LIMIT", "marker", "Of the width", "Cut"):
            assert name not in program
        assert "width" not in twin.signature
        assert not any("text'" in case.arguments for case in (*twin.shown, *twin.hidden))


def test_neutral_names_stand_in_place_of_the_sample_and_are_the_twins(
    shortened: ExecutedFunction,
) -> None:
    alone = samples_of(shortened, PromptConfig(neutral_names=True, min_shown=2))
    beside = samples_of(shortened, PromptConfig(twins=True, min_shown=2))
    twins = [one.model_copy(update={"twin_of": ""}) for one in beside if one.twin_of]
    assert alone == twins != []


def test_a_config_takes_twins_or_neutral_names_alone() -> None:
    with pytest.raises(ValidationError, match="take one"):
        PromptConfig(twins=True, neutral_names=True)
    assert "neutral_names" not in PromptConfig().model_dump()
    assert PromptConfig(neutral_names=True).model_dump()["neutral_names"]


def test_what_renaming_would_break_has_no_twin(execution: Execution, sandbox: Sandbox) -> None:
    program = "def named(text):\n    return str(sorted(locals())) + text\n"
    executed = execution("named", program, [Parameter(name="text")], [{"text": c} for c in "abcd"])
    phraser = Phraser(PromptConfig(twins=True), 0)
    sample, drop = checked([unweighed(executed)], phraser, sandbox.run)
    assert isinstance(sample, Sample)
    assert isinstance(drop, Drop)
    assert drop.reason is DropReason.NO_TWIN


def test_every_task_and_twin_holds_in_the_sandbox(
    executed: ExecutedFunction, sandbox: Sandbox
) -> None:
    found = list(checked([unweighed(executed)], Phraser(TWINS, 3), sandbox.run))
    assert not [one for one in found if isinstance(one, Drop) and one.reason == "false_claim"]
    programs = [check_program(one) for one in found if isinstance(one, Sample)]
    outcomes = [one for each in sandbox.run(programs) for one in each]
    assert {(one.status, one.value) for one in outcomes} == {(Status.OK, "True")}
