"""Cells compared function by function: lost, changed, and wrong."""

from tasks.records.configs import BuildConfig, InputsConfig
from tasks.records.drops import Funnel, StepCount
from tasks.records.samples import Difficulty, Evidence, Sample, Shown, Template
from tasks.studies.yields import begin_alike, contents_of, yield_of

FUNNEL = Funnel(steps=(StepCount(step="inputs", unit="functions", taken=10, kept=10),))


def sample(function: str, *outputs: str, program: str = "def f(n): ...", name: str = "f") -> Sample:
    cases = tuple(
        Shown(arguments=f"{{'n': {place}}}", output=output) for place, output in enumerate(outputs)
    )
    return Sample(
        id=f"sample of {function}",
        function_id=function,
        prompt="p",
        completion=program,
        name=name,
        signature="(n)",
        shown=cases[:1],
        hidden=cases[1:],
        template=Template(
            instruction="i",
            header="h",
            case_format="c",
            argument_style="a",
            part_order="o",
            named=True,
            signed=True,
        ),
        difficulty=Difficulty(outputs=len(set(outputs))),
        evidence=Evidence(mutants=4, killed_shown=3),
        group="g",
        source="s",
        licence="MIT",
        revision="r",
        first_line=1,
        last_line=2,
    )


BASELINE = contents_of([sample("a", "1", "2"), sample("b", "1", "2"), sample("c", "1", "2")])


def test_a_cell_counts_what_it_keeps_of_what_it_began_with() -> None:
    row = yield_of("x", "", FUNNEL, BASELINE, None)
    assert (row.taken, row.functions, row.samples, row.share.value) == (10, 3, 3, 0.3)
    assert (row.cases, row.distinct_outputs, row.mutants_killed) == (2, 2, 0.75)
    assert row.p_value is None


def test_wrong_outputs_are_counted_by_call_and_by_function() -> None:
    own = contents_of([sample("a", "1", "9"), sample("b", "1", "2"), sample("c", "1", "2")])
    row = yield_of("x", "", FUNNEL, own, BASELINE)
    assert (row.wrong_functions, row.wrong_cases, row.changed_functions) == (1, 1 / 6, 0)


def test_a_mistake_in_a_function_is_changed_and_shows_where_outputs_differ() -> None:
    bug = "def f(n): return -n"
    own = contents_of(
        [sample("a", "1", "9", program=bug), sample("b", "1", "2", program=bug), sample("c", "1")]
    )
    row = yield_of("x", "", FUNNEL, own, BASELINE)
    assert (row.changed_functions, row.showing, row.wrong_functions) == (2, 1, 0)


def test_another_name_is_no_other_program() -> None:
    own = contents_of([sample("a", "1", "2", program="def solve(n): ...", name="solve")])
    assert yield_of("x", "", FUNNEL, own, BASELINE).changed_functions == 0


def test_builds_begin_alike_where_only_later_steps_differ() -> None:
    usual = BuildConfig()
    assert begin_alike(usual, BuildConfig(inputs=InputsConfig(budget=3)))
    assert not begin_alike(usual, BuildConfig(limit=20))
    assert not begin_alike(usual, BuildConfig(corpus=("site-packages",)))


def test_a_twin_is_no_other_program_wherever_it_stands() -> None:
    own = sample("a", "1", "2")
    twin = sample("a", "1", "2", program="def g(x): ...", name="g").model_copy(
        update={"id": "twin", "twin_of": own.id}
    )
    row = yield_of("x", "", FUNNEL, contents_of([twin, own]), BASELINE)
    assert (row.changed_functions, row.samples, row.functions) == (0, 2, 1)


def test_functions_that_only_one_side_has_are_tested_exactly() -> None:
    own = contents_of([sample("a", "1"), sample("d", "1")])
    row = yield_of("x", "", FUNNEL, own, BASELINE)
    assert (row.only_here, row.only_baseline, row.p_value) == (1, 2, 1.0)


def test_an_empty_cell_is_all_zero() -> None:
    row = yield_of("x", "", FUNNEL, contents_of([]), BASELINE)
    assert (row.functions, row.only_baseline, row.wrong_cases) == (0, 3, 0)
