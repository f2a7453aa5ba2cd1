"""A model is asked about what the search leaves short, or about the share that was named."""

from typing import Any

import pytest

from tasks.inputs.short import asked_about, is_short
from tasks.records.cases import WrittenFunction

ENOUGH = {"valid": 8, "outputs": 3, "coverage": 1.0}


def written(make_function: Any, name: str = "f", **fields: Any) -> WrittenFunction:
    function = make_function(f"def {name}(a): return a", name)
    return WrittenFunction(function=function, inputs=(), tried=9, **(ENOUGH | fields))


def test_what_has_enough_is_not_short(make_function: Any) -> None:
    assert not is_short(written(make_function))


@pytest.mark.parametrize("less", [{"valid": 7}, {"outputs": 2}, {"coverage": 0.5}])
def test_too_little_of_anything_is_short(make_function: Any, less: dict[str, Any]) -> None:
    assert is_short(written(make_function, **less))


def test_both_truth_values_are_enough_of_a_predicate(make_function: Any) -> None:
    assert not is_short(written(make_function, outputs=2, predicate=True))
    assert is_short(written(make_function, outputs=1, predicate=True))


def test_a_share_takes_those_with_least_first(make_function: Any) -> None:
    some = [
        written(make_function, "none", valid=0, outputs=0),
        written(make_function, "plenty"),
        written(make_function, "few", valid=4),
        written(make_function, "half", coverage=0.5),
    ]
    by_name = {each.function.name: each.function.id for each in some}

    assert asked_about(some, 0.5) == {by_name["none"], by_name["few"]}
    assert asked_about(some, 0.0) == frozenset()
    assert asked_about(some, "short") == {by_name[name] for name in ("none", "few", "half")}
    assert asked_about(some, "all") == asked_about(some, 1.0) == set(by_name.values())
