"""The order in which cases say most about a function."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tasks.programs.calls import decode_arguments
from tasks.programs.telling import is_bare, telling
from tasks.records.cases import Case

BY_OUTPUT = 1.0
"""For an output that no earlier case gave. An arc that none took counts 1 too."""
BY_TELLING = 1.5
"""For an output that is not just an argument again: more than a new text that is handed back."""
BY_CONTENT = 0.4
"""For arguments with something in them."""
BY_REPEAT = 0.3
"""Off for each earlier case with the same output."""


@dataclass(frozen=True, slots=True)
class _Weighed:
    case: Case
    worth: float
    """Of the case on its own."""


def by_coverage(cases: Sequence[Case], count: int) -> list[Case]:
    """At most `count` cases, each the one that adds most to those before it.

    What a case adds is the number of arcs that no earlier one took, and something for an
    output that none gave, for one that is no argument again, and for arguments that are not
    empty; where two add the same, the one that stood first comes first.
    """
    left = [_Weighed(case, _worth(case)) for case in cases]
    chosen: list[Case] = []
    arcs: set[tuple[int, int]] = set()
    outputs: dict[str | None, int] = {}
    while left and len(chosen) < count:
        gains = [_gain(each, arcs, outputs) for each in left]
        best = left.pop(gains.index(max(gains))).case
        chosen.append(best)
        arcs.update(best.arcs)
        outputs[best.output] = outputs.get(best.output, 0) + 1
    return chosen


def _worth(case: Case) -> float:
    values: Mapping[str, Any] = decode_arguments(case.arguments)
    worth = BY_TELLING * telling(values, case.output or "")
    return worth + (0.0 if is_bare(values) else BY_CONTENT)


def _gain(
    weighed: _Weighed, arcs: set[tuple[int, int]], outputs: Mapping[str | None, int]
) -> float:
    repeats = outputs.get(weighed.case.output, 0)
    by_output = -BY_REPEAT * repeats if repeats else BY_OUTPUT
    return weighed.worth + len(set(weighed.case.arcs) - arcs) + by_output
