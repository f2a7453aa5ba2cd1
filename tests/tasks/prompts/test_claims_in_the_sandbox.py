"""What prompts say, run where untrusted code runs."""

from collections.abc import Iterator

import pytest

from sandbox import Sandbox, Status
from tasks.prompts.claims import check_program
from tasks.prompts.rendering import render
from tasks.prompts.weighing import unweighed
from tasks.records.cases import ExecutedFunction
from tasks.records.configs import PromptConfig
from tasks.records.samples import Sample


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


def samples_of(executed: ExecutedFunction, count: int) -> list[Sample]:
    config = PromptConfig(samples_per_function=count)
    return [one for one in render(unweighed(executed), config, 11) if isinstance(one, Sample)]


def test_every_claim_holds_in_the_sandbox(executed: ExecutedFunction, sandbox: Sandbox) -> None:
    programs = [check_program(sample) for sample in samples_of(executed, 30)]
    outcomes = [one for program in sandbox.run(programs) for one in program]
    assert len(outcomes) == sum(len(program.calls) for program in programs)
    assert {(one.status, one.value) for one in outcomes} == {(Status.OK, "True")}


def test_a_lie_is_found_in_the_sandbox(plain: ExecutedFunction, sandbox: Sandbox) -> None:
    samples = samples_of(plain, 30)
    lies = [one.model_copy(update={"prompt": one.prompt.replace("b|c", "b!c")}) for one in samples]
    wrong = [
        one.model_copy(update={"completion": one.completion.replace("' '", "'-'")}) for one in lies
    ]
    for program in sandbox.run([check_program(sample) for sample in wrong]):
        assert Status.RAISED in {one.status for one in program}
