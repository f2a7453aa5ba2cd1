"""The inputs of extended benchmarks, in their own types: JSON knows no tuple, set or complex.

Which arguments of MBPP+ are tuples stands in the loader of EvalPlus 0.3.1 by number of task, and
nowhere in the file; without it a third of these problems' own solutions fail. The table here says
the same. Covered: MBPP+ and HumanEval+; other files are taken as JSON has them.
"""

import json
from collections.abc import Callable
from typing import Any

from tasks.records.problems import Problem

Arguments = tuple[Any, ...]
Typing = Callable[[list[Any]], Any]


def inputs_of(problem: Problem) -> tuple[list[Arguments], list[Arguments]]:
    """Arguments of the calls of the benchmark itself, and of its extension."""
    typed = _TYPED.get(problem.id, list)
    base, plus = (json.loads(text or "[]") for text in (problem.base_inputs, problem.plus_inputs))
    # One problem without further inputs has an empty object in place of a list.
    return [tuple(typed(row)) for row in base], [tuple(typed(row)) for row in plus or ()]


def _all(row: list[Any]) -> Any:
    """f((1, 2), (3, 4))."""
    return map(tuple, row)


def _items(row: list[Any]) -> Any:
    """f([(1, 2), (3, 4)])."""
    return ([tuple(item) for item in argument] for argument in row)


def _items_of_first(row: list[Any]) -> Any:
    """f([(1, 2), (3, 4)], 5)."""
    return [[tuple(item) for item in row[0]], *row[1:2]]


def _first(row: list[Any]) -> Any:
    """f((1, 2), 3)."""
    return [tuple(row[0]), *row[1:]]


def _second(row: list[Any]) -> Any:
    """f([1, 2], (3, 4))."""
    return [row[0], tuple(row[1])]


def _tuples_in_all(row: list[Any]) -> Any:
    """f(((1, 2), (3, 4)))."""
    return (tuple(map(tuple, argument)) for argument in row)


def _lists_in_first(row: list[Any]) -> Any:
    """f((1, (2, 3)))."""
    return [tuple(tuple(item) if isinstance(item, list) else item for item in row[0])]


def _sets_in_first(row: list[Any]) -> Any:
    """f([{1, 2}, {}]): an empty one is a dict in EvalPlus."""
    return [[set(item) if isinstance(item, list) and item else {} for item in row[0]]]


def _values_of_first(row: list[Any]) -> Any:
    """f({"a": (1, 2)}, 3)."""
    return [{key: tuple(value) for key, value in row[0].items()}, *row[1:]]


def _complex_second(row: list[Any]) -> Any:
    return [float(row[0]), complex(row[1])]


def _complex_first(row: list[Any]) -> Any:
    return [complex(row[0])]


def _deep(row: Any) -> Any:
    """Every list at any depth."""
    return tuple(map(_deep, row)) if isinstance(row, list) else row


_TASKS: tuple[tuple[Typing, tuple[int, ...]], ...] = (
    (
        _all,
        # The numbers of tasks, as the benchmark has them.
        (
            *(2, 116, 132, 143, 222, 261, 273, 394, 399, 421, 424),
            *(429, 470, 560, 579, 596, 616, 630, 726, 740, 744, 809),
        ),
    ),
    (_items, (63, 64, 70, 94, 120, 237, 272, 299, 400, 409, 417, 438, 473, 614, 780)),
    (_items_of_first, (75, 413, 444, 753)),
    (_first, (250, 307, 405, 446, 617, 720, 763, 808)),
    (_second, (106, 750)),
    (_tuples_in_all, (259, 401, 445)),
    (_lists_in_first, (278,)),
    (_sets_in_first, (115,)),
    (_values_of_first, (722,)),
    (_complex_second, (124,)),
    (_complex_first, (252,)),
    (_deep, (580, 615, 791)),
)
_TYPED = {f"Mbpp/{number}": typed for typed, numbers in _TASKS for number in numbers}
