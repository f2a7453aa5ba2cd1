"""Inputs of extended benchmarks in their own types."""

import json
from typing import Any

import pytest

from tasks.benchmarks.typed_inputs import inputs_of
from tasks.records.problems import Problem


@pytest.mark.parametrize(
    ("number", "given", "typed"),
    [
        (2, [[1, 2], [3]], ((1, 2), (3,))),
        (63, [[[1, 2], [3]]], ([(1, 2), (3,)],)),
        (75, [[[1, 2]], 4], ([(1, 2)], 4)),
        (106, [[1], [2]], ([1], (2,))),
        (115, [[[1], []]], ([{1}, {}],)),
        (124, ["1", "2j"], (1.0, 2j)),
        (252, ["1+2j"], (1 + 2j,)),
        (259, [[[1], [2]]], (((1,), (2,)),)),
        (278, [[1, [2]]], ((1, (2,)),)),
        (307, [[1], 2, 3], ((1,), 2, 3)),
        (580, [[1, [2, [3]]]], ((1, (2, (3,))),)),
        (722, [{"a": [1]}, 2], ({"a": (1,)}, 2)),
        (999, [[1], 2], ([1], 2)),
    ],
)
def test_arguments_have_the_types_that_the_benchmark_means(
    number: int, given: list[Any], typed: tuple[Any, ...]
) -> None:
    problem = Problem(
        benchmark="mbpp+",
        id=f"Mbpp/{number}",
        prompt="",
        entry="f",
        solution="",
        tests="",
        base_inputs=json.dumps([given]),
        plus_inputs="{}",
    )
    assert inputs_of(problem) == ([typed], [])
