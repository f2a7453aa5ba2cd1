"""Nothing is written that does not hold in the sandbox."""

from collections.abc import Callable, Iterator

import pytest

from sandbox import Sandbox
from tasks.prompts.checking import ATTEMPTS, checked
from tasks.prompts.rendering import Phraser, render
from tasks.prompts.weighing import unweighed
from tasks.records.cases import ExecutedFunction
from tasks.records.configs import PromptConfig
from tasks.records.drops import Drop, DropReason
from tasks.records.functions import Parameter
from tasks.records.samples import Sample

Execution = Callable[..., ExecutedFunction]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


def with_outputs(executed: ExecutedFunction, *outputs: str) -> ExecutedFunction:
    cases = [
        case.model_copy(update={"output": output})
        for case, output in zip(executed.cases, outputs, strict=True)
    ]
    return executed.model_copy(update={"cases": tuple(cases)})


def test_what_holds_is_written_as_it_was_phrased(
    executed: ExecutedFunction, sandbox: Sandbox
) -> None:
    config = PromptConfig(samples_per_function=4)
    phraser = Phraser(config, 1)
    weighed = unweighed(executed)
    assert list(checked([weighed], phraser, sandbox.run)) == list(render(weighed, config, 1))


def test_a_case_that_is_not_true_is_a_drop_that_says_which(
    plain: ExecutedFunction, sandbox: Sandbox
) -> None:
    truth = [case.output or "" for case in plain.cases]
    wrong = with_outputs(plain, *truth[:-1], "'never'")
    [drop] = checked([unweighed(wrong)], Phraser(PromptConfig(min_shown=4), 0), sandbox.run)
    assert isinstance(drop, Drop)
    assert drop.reason is DropReason.FALSE_CLAIM
    assert "AssertionError" in drop.detail
    assert "claim 4" in drop.detail


def test_a_hidden_case_that_is_not_true_is_found_too(
    plain: ExecutedFunction, sandbox: Sandbox
) -> None:
    truth = [case.output or "" for case in plain.cases]
    wrong = with_outputs(plain, *truth[:-1], "'never'")
    config = PromptConfig(max_shown=3)
    [drop] = checked([unweighed(wrong)], Phraser(config, 0), sandbox.run)
    assert isinstance(drop, Drop)


def test_what_is_false_in_one_format_is_phrased_in_another(
    execution: Execution, sandbox: Sandbox
) -> None:
    # Equal to what it prints as, but nothing that it prints is what `printed` says.
    program = (
        "class Text(str):\n    def __repr__(self):\n        return 'Text'\n\n\n"
        "def wrap(n):\n    return Text(n)\n"
    )
    executed = execution("wrap", program.replace("Text(n)", "str(n)"), [Parameter(name="n")],
                         [{"n": n} for n in range(10, 16)])  # fmt: skip
    function = executed.function.model_copy(update={"program": program, "code": program})
    executed = executed.model_copy(update={"function": function})
    config = PromptConfig(samples_per_function=30, formats=("doctest", "arrows"))
    found = list(checked([unweighed(executed)], Phraser(config, 0), sandbox.run))
    samples = [one for one in found if isinstance(one, Sample)]
    assert len(samples) > 20
    assert {one.template.case_format for one in samples} == {"arrows"}
    assert len(found) == 30


def test_samples_come_in_the_order_of_their_functions(
    execution: Execution, sandbox: Sandbox
) -> None:
    program = "def add(n):\n    return n + {}\n"
    functions = [
        execution("add", program.format(k), [Parameter(name="n")], [{"n": n} for n in range(5)])
        for k in range(1, 6)
    ]
    found = checked(map(unweighed, functions), Phraser(PromptConfig(), 0), sandbox.run)
    assert [one.function_id for one in found if isinstance(one, Sample)] == [
        one.function.id for one in functions
    ]
    assert ATTEMPTS > 1
