from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import Status
from tasks.filters.keep import keep
from tasks.filters.order import by_coverage
from tasks.records.cases import Case, ExecutedFunction
from tasks.records.configs import FilterConfig
from tasks.records.drops import Drop, DropReason
from tasks.records.functions import Function, Parameter

PROGRAM = "def double(n):\n    return 2 * n\n"


def case(n: object, output: object, status: Status = Status.OK, **more: object) -> Case:
    text = repr(output) if status is Status.OK else None
    return Case.model_validate(
        {"arguments": f"{{'n': {n!r}}}", "writer": "search", "status": status, "output": text}
        | more
    )


def executed(cases: Sequence[Case]) -> ExecutedFunction:
    function = Function(
        id="f" * 64,
        name="double",
        program=PROGRAM,
        code=PROGRAM,
        parameters=(Parameter(name="n"),),
        identity="i" * 64,
        operations=2,
        branches=0,
        source="corpus/a.py",
        path="a.py",
        corpus="corpus",
        first_line=1,
        last_line=2,
    )
    return ExecutedFunction(function=function, cases=tuple(cases))


def reason_of(cases: Sequence[Case], **config: int) -> DropReason:
    result = keep(executed(cases), FilterConfig(**config))
    assert isinstance(result, Drop)
    assert (result.step, result.subject) == ("filters", "f" * 64)
    return result.reason


def kept_of(cases: Sequence[Case], **config: int) -> tuple[Case, ...]:
    result = keep(executed(cases), FilterConfig(**config))
    assert isinstance(result, ExecutedFunction), result
    return result.cases


def test_a_function_with_enough_cases_is_kept_with_all_of_them() -> None:
    cases = [case(n, 2 * n) for n in range(5)]
    assert set(kept_of(cases)) == set(cases)


def test_only_calls_that_returned_are_cases() -> None:
    cases = [case(n, 2 * n) for n in range(3)]
    failed = [case(9, None, Status.RAISED, error="ValueError"), case(8, None, Status.TIMEOUT)]
    assert set(kept_of([*failed, *cases])) == set(cases)


def test_one_nondeterministic_call_drops_the_function_whatever_the_others_say() -> None:
    cases = [case(n, 2 * n) for n in range(9)]
    cases.append(case(9, None, Status.NONDETERMINISTIC))
    assert reason_of(cases) is DropReason.NONDETERMINISTIC


def test_a_fault_of_the_sandbox_is_not_held_against_the_function() -> None:
    cases = [case(n, 2 * n) for n in range(3)]
    assert len(kept_of([*cases, case(3, None, Status.INTERNAL_ERROR)])) == 3


def test_a_function_that_never_returns_says_how_it_ends() -> None:
    cases = [case(n, None, Status.RAISED, error="KeyError") for n in range(4)]
    result = keep(executed([case(7, None, Status.TIMEOUT), *cases]), FilterConfig())
    assert isinstance(result, Drop)
    assert (result.reason, result.detail) == (DropReason.NEVER_RETURNS, "raised KeyError")


def test_a_function_without_any_call_is_a_drop_and_not_an_error() -> None:
    assert reason_of([]) is DropReason.NEVER_RETURNS


def test_two_calls_with_the_same_arguments_count_once() -> None:
    assert reason_of([case(1, 2), case(1, 2), case(2, 4)]) is DropReason.TOO_FEW_CASES


def test_long_values_leave_the_case_out_and_never_cut_it() -> None:
    long = case("a" * 50, "b")
    cases = [case(n, 2 * n) for n in range(3)]
    assert set(kept_of([long, *cases], max_value_chars=40)) == set(cases)
    assert reason_of([long, *cases], max_value_chars=4) is DropReason.LONG_VALUES


def test_one_output_for_all_is_a_constant() -> None:
    assert reason_of([case(n, "x") for n in range(5)]) is DropReason.CONSTANT


def test_a_handed_back_argument_is_an_identity() -> None:
    result = keep(executed([case(n, n) for n in range(5)]), FilterConfig())
    assert isinstance(result, Drop)
    assert (result.reason, result.detail) == (DropReason.IDENTITY, "n")


def test_one_changed_argument_among_unchanged_ones_is_no_identity() -> None:
    assert len(kept_of([*(case(n, n) for n in range(5)), case(5, 6)])) == 6


def test_an_output_inside_an_argument_is_no_identity() -> None:
    assert len(kept_of([case([n, 7], n) for n in range(5)])) == 5


def test_two_outputs_are_too_few() -> None:
    assert reason_of([case(n, n % 2) for n in range(6)]) is DropReason.TOO_FEW_OUTPUTS


def test_both_bools_are_enough_for_a_predicate() -> None:
    assert len(kept_of([case(n, n % 2 == 1) for n in range(6)])) == 6


def test_a_case_that_changed_its_arguments_stays_and_says_so() -> None:
    cases = [case(n, 2 * n, mutated=True) for n in range(3)]
    assert all(kept.mutated for kept in kept_of(cases))


def test_the_cases_kept_cover_arcs_before_they_repeat_them() -> None:
    plain = [case(n, n % 2 + 40, arcs=((1, 2),)) for n in range(6)]
    branch = case(6, 42, arcs=((1, 3), (3, 2)))
    assert kept_of([*plain, branch], max_cases=3) == (branch, plain[0], plain[1])


def test_both_bools_are_among_the_few_kept() -> None:
    cases = [*(case(n, False) for n in range(9)), case(9, True)]
    assert {kept.output for kept in kept_of(cases, max_cases=3)} == {"False", "True"}


@given(st.lists(st.tuples(st.integers(0, 5), st.sets(st.integers(0, 4))), max_size=12))
def test_every_prefix_of_the_order_is_what_a_smaller_limit_would_keep(
    drawn: list[tuple[int, set[int]]],
) -> None:
    cases = [
        case(n, output, arcs=tuple((0, line) for line in sorted(lines)))
        for n, (output, lines) in enumerate(drawn)
    ]
    everything = by_coverage(cases, len(cases))
    assert sorted(everything, key=cases.index) == cases
    assert all(by_coverage(cases, n) == everything[:n] for n in range(len(cases)))


@pytest.mark.parametrize("limit", [1, 5])
def test_no_more_cases_are_kept_than_asked_for(limit: int) -> None:
    assert len(kept_of([case(n, 2 * n) for n in range(9)], max_cases=limit)) == limit


def test_cases_that_hand_their_argument_back_come_after_telling_ones() -> None:
    echoes = [case(f"word{n}", f"word{n}") for n in range(6)]
    told = [case(f"a/{n}", str(n)) for n in range(2)]
    assert set(kept_of([*echoes, *told])[:2]) == set(told)
