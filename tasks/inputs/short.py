"""Which functions a model is asked about: those that the search leaves short, as a rule.

A model is worth its cost where a search finds few inputs that run, where their outputs do not
differ, or where a branch is never taken. The rest has enough to choose from.
"""

from collections.abc import Iterable

from tasks.records.cases import WrittenFunction
from tasks.records.configs import LlmShare

ENOUGH_VALID = 8
"""Inputs that run. Source of both numbers: what a prompt of Case2Code shows at most, and the
fewest distinct outputs that the filters let through."""
ENOUGH_OUTPUTS = 3
ENOUGH_PREDICATE = 2
"""Distinct outputs of a function that says True and False."""


def asked_about(written: Iterable[WrittenFunction], share: LlmShare) -> frozenset[str]:
    """Ids of the functions that a model is asked about.

    `all`; `short`; or a share of all, those first that have least.
    """
    if share == "all":
        return frozenset(each.function.id for each in written)
    if share == "short":
        return frozenset(each.function.id for each in written if is_short(each))
    ranked = sorted((*shortness(each), each.function.id) for each in written)
    return frozenset(str(row[-1]) for row in ranked[: round(share * len(ranked))])


def is_short(written: WrittenFunction) -> bool:
    """Whether the search left anything to be wished for."""
    return (
        written.valid < ENOUGH_VALID
        or written.outputs < (ENOUGH_PREDICATE if written.predicate else ENOUGH_OUTPUTS)
        or written.coverage < 1.0
    )


def shortness(written: WrittenFunction) -> tuple[int, int, float]:
    """What sorts the function that needs help most first."""
    valid, outputs = min(written.valid, ENOUGH_VALID), min(written.outputs, ENOUGH_OUTPUTS)
    return valid, outputs, written.coverage
