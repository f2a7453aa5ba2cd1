"""The order in which cases say most about a function."""

from collections.abc import Sequence

from tasks.records.cases import Case


def by_coverage(cases: Sequence[Case], count: int) -> list[Case]:
    """At most `count` cases, each the one that adds most to those before it.

    What a case adds is the number of arcs that no earlier one took, plus one for an output
    that none gave; where two add the same, the one that stood first comes first.
    """
    left = list(cases)
    chosen: list[Case] = []
    arcs: set[tuple[int, int]] = set()
    outputs: set[str | None] = set()
    while left and len(chosen) < count:
        gains = [len(set(case.arcs) - arcs) + (case.output not in outputs) for case in left]
        best = left.pop(gains.index(max(gains)))
        chosen.append(best)
        arcs.update(best.arcs)
        outputs.add(best.output)
    return chosen
