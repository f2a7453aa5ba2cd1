"""Prompts of every kind read back: what they say is run, and is true."""

import doctest
import json
import subprocess
import sys
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox import encode
from tasks.prompts.claims import check_program, checks
from tasks.prompts.grammar import CaseFormat, load_grammar
from tasks.prompts.rendering import render
from tasks.prompts.weighing import unweighed
from tasks.records.cases import ExecutedFunction
from tasks.records.configs import PromptConfig
from tasks.records.functions import Parameter
from tasks.records.samples import Sample, Task

Run = Callable[[str], dict[str, Any]]
Execution = Callable[..., ExecutedFunction]

FORMATS = {entry.name: entry for entry in load_grammar().case_format}


def samples_of(
    executed: ExecutedFunction, count: int, formats: tuple[CaseFormat, ...] = ()
) -> list[Sample]:
    grammar = load_grammar()
    if formats:
        grammar = grammar.only(case_format=formats)
    config = PromptConfig(samples_per_function=count)
    return [
        one for one in render(unweighed(executed), config, 5, grammar) if isinstance(one, Sample)
    ]


def assert_true(sample: Sample, run: Run) -> None:
    """Runs every claim of the prompt in the namespace of the completion."""
    statements = checks(sample)
    assert len(statements) == len(sample.shown)
    for statement in statements:
        exec(statement, run(sample.completion))  # noqa: S102  written by the tests


def test_every_claim_of_every_prompt_is_true(executed: ExecutedFunction, run: Run) -> None:
    for sample in samples_of(executed, 150):
        assert_true(sample, run)


@pytest.mark.parametrize("name", list(FORMATS))
def test_every_format_can_be_read_back(name: str, execution: Execution, run: Run) -> None:
    program = "def pair(left, right=', '):\n    return [left, right]\n"
    parameters = [Parameter(name="left"), Parameter(name="right", default="', '")]
    inputs = [
        {"left": n, "right": text} for n, text in enumerate([" == 1", " -> ", ": }", "# '", ""])
    ]
    executed = execution("pair", program, parameters, inputs)
    samples = samples_of(executed, 8, (FORMATS[name],))
    assert samples
    for sample in samples:
        assert_true(sample, run)


def test_a_claim_that_is_false_is_found(plain: ExecutedFunction, run: Run) -> None:
    [sample] = samples_of(plain, 1, (FORMATS["arrows"],))
    lie = sample.model_copy(update={"prompt": sample.prompt.replace("-> ''", "-> 'no'")})
    assert lie != sample
    with pytest.raises(AssertionError):
        assert_true(lie, run)


def test_a_case_that_is_missing_from_the_prompt_is_found(plain: ExecutedFunction) -> None:
    [sample] = samples_of(plain, 1, (FORMATS["asserts"],))
    head, _, rest = sample.prompt.partition("assert ")
    with pytest.raises(ValueError, match="can be read"):
        checks(sample.model_copy(update={"prompt": head + rest}))


def test_the_check_program_answers_for_each_claim(plain: ExecutedFunction, run: Run) -> None:
    for sample in samples_of(plain, 20):
        program = check_program(sample)
        namespace = run(program.source)
        assert len(program.calls) == len(sample.shown) + len(sample.hidden)
        assert all(namespace[program.entry](*call.args) is True for call in program.calls)


def blocks_of(executed: ExecutedFunction, *names: str) -> list[tuple[Sample, str]]:
    """Samples of these formats, each with its cases as they stand at the end of the prompt."""
    grammar = load_grammar().only(
        case_format=tuple(FORMATS[name] for name in names),
        header=tuple(entry for entry in load_grammar().header if entry.name == "examples"),
        part_order=tuple(
            order
            for order in load_grammar().part_order
            if order.name in {"instruction_cases", "instruction_signature_cases"}
        ),
    )
    config = PromptConfig(samples_per_function=20)
    samples = [
        one for one in render(unweighed(executed), config, 5, grammar) if isinstance(one, Sample)
    ]
    return [(sample, sample.prompt.partition("Examples:\n\n")[2]) for sample in samples]


@pytest.mark.parametrize("name", ["doctest", "doctest_equality", "docstring"])
def test_doctests_pass_as_they_stand(name: str, executed: ExecutedFunction, run: Run) -> None:
    # Arrows take what a doctest cannot say.
    for sample, block in blocks_of(executed, name, "arrows"):
        if sample.template.case_format == name:
            text = block.removesuffix('"""').rstrip() + "\n"
            namespace = run(sample.completion)
            test = doctest.DocTestParser().get_doctest(text, namespace, "prompt", None, 0)
            assert len(test.examples) == len(sample.shown)
            assert doctest.DocTestRunner(verbose=False).run(test).failed == 0


@pytest.mark.parametrize("name", ["loop_asserts", "asserts_fenced", "pairs", "result_asserts"])
def test_python_blocks_run_as_they_stand(name: str, plain: ExecutedFunction, run: Run) -> None:
    for sample, block in blocks_of(plain, name):
        code = block.removeprefix("```python\n").removesuffix("\n```")
        exec(code, run(sample.completion))  # noqa: S102  written by the tests


def test_pytest_tables_pass_as_they_stand(plain: ExecutedFunction, tmp_path: Path) -> None:
    sample, block = blocks_of(plain, "parametrize")[0]
    path = tmp_path / "test_sample.py"
    path.write_text(f"import pytest\n\n{sample.completion}\n\n{block}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", path.name]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert f"{len(sample.shown)} passed" in done.stdout


def test_unittest_classes_pass_as_they_stand(plain: ExecutedFunction, run: Run) -> None:
    for sample, block in blocks_of(plain, "unittest"):
        namespace = run(sample.completion) | {"unittest": unittest}
        exec(block, namespace)  # noqa: S102  written by the tests
        suite = unittest.defaultTestLoader.loadTestsFromTestCase(namespace["Test"])
        assert suite.run(unittest.TestResult()).wasSuccessful()


def test_json_lines_are_json(plain: ExecutedFunction) -> None:
    for sample in samples_of(plain, 5, (FORMATS["json_lines"],)):
        lines = [line for line in sample.prompt.split("\n") if line.startswith("{")]
        found = [json.loads(line) for line in lines]
        assert [encode(one["output"]) for one in found] == [case.output for case in sample.shown]
        assert [encode(one["input"]) for one in found] == [case.arguments for case in sample.shown]


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.complex_numbers(),
    st.text(max_size=8),
    st.text("'\"\\`|#>-=, :()[]{}\n\t", max_size=8),
    st.binary(max_size=4),
)
HASHABLE = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(tuple), st.frozensets(inner, max_size=3)
    ),
    max_leaves=4,
)
VALUES = st.recursive(
    HASHABLE,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(HASHABLE, inner, max_size=3),
        st.sets(HASHABLE, max_size=3),
    ),
    max_leaves=6,
)


EVERY_TASK = PromptConfig(tasks=tuple(Task), twins=True)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(values=st.lists(VALUES, min_size=4, max_size=6, unique_by=encode))
def test_every_value_survives_being_written_and_read_back(
    values: list[Any], execution: Execution, run: Run
) -> None:
    program = "def wrap(value, other=0):\n    return (value,)\n"
    parameters = [Parameter(name="value"), Parameter(name="other", default="0")]
    executed = execution("wrap", program, parameters, [{"value": value} for value in values])
    for sample in samples_of(executed, 12):
        assert_true(sample, run)
    for one in render(unweighed(executed), EVERY_TASK, 5):
        if isinstance(one, Sample):
            program = check_program(one)
            holds = run(program.source)[program.entry]
            assert all(holds(*call.args) for call in program.calls)
