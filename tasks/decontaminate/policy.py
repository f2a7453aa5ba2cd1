"""What becomes of a function that solves a benchmark's problem: it is dropped, or tagged."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from tasks.records.cases import WrittenFunction
from tasks.records.configs import DecontaminationConfig
from tasks.records.drops import Drop, DropReason
from tasks.records.functions import Function
from tasks.records.problems import Hit


def decontaminate(
    written: Iterable[WrittenFunction], hits: Iterable[Hit], config: DecontaminationConfig
) -> Iterator[WrittenFunction | Drop]:
    """What was written without what is too close to a benchmark, the others tagged."""
    found: dict[str, list[Hit]] = defaultdict(list)
    for hit in hits:
        found[hit.function].append(hit)
    for one in written:
        function = one.function
        own = found.get(function.id, [])
        worst = [hit for hit in own if hit.benchmark not in config.tagged]
        if worst:
            yield _drop(function, worst)
        elif own:
            tags = (*function.tags, *map(_tag, own))
            yield one.model_copy(update={"function": function.model_copy(update={"tags": tags})})
        else:
            yield one


def _tag(hit: Hit) -> str:
    return f"{hit.benchmark}:{hit.problem}"


def _drop(function: Function, hits: list[Hit]) -> Drop:
    said = (f"{_tag(hit)} by {hit.evidence}, {hit.detail}" for hit in hits)
    return Drop(
        step="decontaminate",
        reason=DropReason.CONTAMINATED,
        subject=function.id,
        detail="; ".join(said),
        record=function.model_dump_json(),
    )
