"""What cases show of a function is counted the same for every writer."""

from xml.etree import ElementTree as ET

import pytest

from tasks.inputs.comparing.measuring import figures, measure
from tasks.inputs.comparing.picture import MEASURES, draw
from tasks.records.cases import Case, ExecutedFunction, WeighedFunction
from tasks.records.comparisons import Measured, WriterFigures
from tasks.records.functions import Function, Parameter

PROGRAM = """\
def sign(x):
    if x < 0:
        return -1
    return 1"""


def function(name: str = "sign", program: str = PROGRAM) -> Function:
    return Function(
        id=name,
        name=name,
        program=program,
        code=program,
        parameters=(Parameter(name="x"),),
        identity=name,
        operations=2,
        branches=1,
        source="s",
        path="s",
        corpus="c",
        first_line=1,
        last_line=4,
    )


def case(x: int, output: str, *arcs: tuple[int, int], status: str = "ok") -> Case:
    return Case(arguments=f"{{'x': {x}}}", writer="w", status=status, output=output, arcs=arcs)


def weighed(*cases: Case, marks: tuple[str, ...], mutants: int = 3) -> WeighedFunction:
    executed = ExecutedFunction(function=function(), cases=cases)
    return WeighedFunction(executed=executed, mutants=mutants, marks=marks)


NEGATIVE = case(-2, "-1", (1, 2), (2, 3))
POSITIVE = case(5, "1", (1, 2), (2, 4))


def test_valid_cases_distinct_values_exits_and_mutants_are_counted() -> None:
    # The bits above the three mutants are jumps.
    found = weighed(NEGATIVE, POSITIVE, POSITIVE, marks=("9", "12", "12"))
    [measured] = measure([function()], {"sign": found}, 3)
    assert measured == Measured(
        function="sign",
        name="sign",
        valid=3,
        inputs=2,
        outputs=2,
        exits=2,
        branches=1,
        killed=2,
        mutants=3,
    )


def test_a_case_that_did_not_return_shows_nothing() -> None:
    raised = NEGATIVE.model_copy(update={"status": "raised", "output": None})
    found = weighed(raised, POSITIVE, marks=("7", "1"))
    [measured] = measure([function()], {"sign": found}, 3)
    assert (measured.valid, measured.outputs, measured.exits, measured.killed) == (1, 1, 1, 1)


def test_a_function_without_cases_has_reached_nothing_of_what_could_be_reached() -> None:
    [measured] = measure([function()], {}, 3)
    assert (measured.valid, measured.exits, measured.killed) == (0, 0, 0)
    assert measured.branches == 1
    assert measured.mutants > 0


def test_a_function_without_branches_or_mutants_is_in_neither_mean() -> None:
    plain = function("same", "def same(x):\n    return x")
    rows = list(measure([function(), plain], {}, 3))
    assert (rows[1].branches, rows[1].mutants) == (0, 0)
    full = rows[0].model_copy(update={"exits": 2, "killed": 1, "mutants": 2})
    reached = figures("w", [full, rows[1]])
    assert reached.branch_coverage == 1.0
    assert reached.mutants_killed == 0.5


def test_shares_are_of_all_functions() -> None:
    rows = [
        Measured(function="a", name="a", valid=8, inputs=8, outputs=2, predicate=True),
        Measured(function="b", name="b", valid=3, inputs=3, outputs=3),
        Measured(function="c", name="c"),
        Measured(function="d", name="d", valid=1, inputs=1, outputs=1),
    ]
    reached = figures("w", rows)
    assert reached.functions == 4
    assert (reached.valid_3, reached.valid_8) == (0.5, 0.25)
    assert (reached.distinct_3, reached.varied) == (0.25, 0.5)
    assert (reached.inputs, reached.outputs) == (3.0, 1.5)


@pytest.fixture
def rows() -> list[WriterFigures]:
    one = figures("w", [Measured(function="a", name="a", valid=8, inputs=8, outputs=4)])
    return [one, one.model_copy(update={"writer": "v", "valid_8": 0.25})]


def test_the_picture_has_a_bar_for_each_writer_and_measure(rows: list[WriterFigures]) -> None:
    svg = draw(["search", "search,transformers:llama@" + "1" * 12], rows)
    text = " ".join(ET.fromstring(svg).itertext())  # noqa: S314 - our own text
    assert all(title in text for title in MEASURES.values())
    assert "search + llama@111111111111" in text
    assert "0.250" in text


def test_the_same_figures_give_the_same_picture(rows: list[WriterFigures]) -> None:
    assert draw(["a", "b"], rows) == draw(["a", "b"], rows)
