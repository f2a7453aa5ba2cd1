"""Which functions came, went and changed between two data sets, and why.

A function is known by its id, which covers its place and its program. One that went and one that
came at the same place (by name in the file, else by the lines that they share) are one whose code
changed. Why a function is not in a data set is what that data set's build wrote down when it
dropped it; where the drops are not to be had, or say nothing, no reason is given.

Memory: some hundred bytes a function of both data sets, and the drops of one step at a time.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tasks.records.base import digest_of
from tasks.records.diffs import Change, FunctionChange
from tasks.records.drops import Drop
from tasks.records.samples import Sample


@dataclass
class Known:
    """What is kept of a function of one data set."""

    function: str
    source: str
    first: int
    last: int
    name: str
    cases: set[str] = field(default_factory=set)
    """Hashes of its cases, sample by sample."""
    samples: set[str] = field(default_factory=set)
    """Hashes of all else of its samples."""


def known(samples: Iterable[Sample]) -> dict[str, Known]:
    """The functions of a data set by id."""
    found: dict[str, Known] = {}
    for sample in samples:
        one = found.get(sample.function_id) or Known(
            function=sample.function_id,
            source=sample.source,
            first=sample.first_line,
            last=sample.last_line,
            name=sample.name,
        )
        found[sample.function_id] = one
        if sample.template.named:
            one.name = sample.name
        cases = sorted(f"{case.arguments}\n{case.output}" for case in sample.shown + sample.hidden)
        one.cases.add(digest_of(*cases)[:16])
        one.samples.add(digest_of(sample.model_dump_json())[:16])
    return found


def changes(
    old: Mapping[str, Known],
    new: Mapping[str, Known],
    dropped_from_new: Iterable[Drop] = (),
    dropped_from_old: Iterable[Drop] = (),
) -> list[FunctionChange]:
    """All changes, by what they are and where."""
    went = {key: one for key, one in old.items() if key not in new}
    came = {key: one for key, one in new.items() if key not in old}
    pairs = list(_pairs(went.values(), came.values()))
    for before, after in pairs:
        del went[before.function], came[after.function]
    gone = Reasons(went.values())
    gone.read(dropped_from_new)
    missed = Reasons(came.values())
    missed.read(dropped_from_old)
    found = [
        *(_change(Change.CAME, one, missed) for one in came.values()),
        *(_change(Change.WENT, one, gone) for one in went.values()),
        *(_change(Change.CODE, after) for _, after in pairs),
        *_rewritten(old, new),
    ]
    order = list(Change)
    return sorted(found, key=lambda one: (order.index(one.change), one.source, one.line))


def _rewritten(old: Mapping[str, Known], new: Mapping[str, Known]) -> Iterator[FunctionChange]:
    for key, after in new.items():
        before = old.get(key)
        if before is None or before.samples == after.samples:
            continue
        yield _change(Change.PROMPTS if before.cases == after.cases else Change.CASES, after)


def _pairs(went: Iterable[Known], came: Iterable[Known]) -> Iterator[tuple[Known, Known]]:
    """Functions of one file that were one and became another, each at most once."""
    by_source: dict[str, list[Known]] = defaultdict(list)
    for one in sorted(came, key=lambda one: one.first):
        by_source[one.source].append(one)
    for before in sorted(went, key=lambda one: (one.source, one.first)):
        others = by_source[before.source]
        after = next((one for one in others if one.name == before.name), None) or next(
            (one for one in others if one.first <= before.last and before.first <= one.last), None
        )
        if after is not None:
            others.remove(after)
            yield before, after


class Reasons:
    """Why functions were dropped, found in the drops as they go by."""

    def __init__(self, wanted: Iterable[Known]) -> None:
        self._found: dict[str, Drop] = {}
        self._by_key: dict[str, list[str]] = defaultdict(list)
        for one in wanted:
            # A function's id, its place before extraction gave it one, and its file.
            for key in (one.function, f"{one.source}:{one.first}:{one.name}", one.source):
                self._by_key[key].append(one.function)

    def read(self, drops: Iterable[Drop]) -> None:
        """Notes the drops that concern a function: the first for each."""
        for drop in drops:
            for function in self._by_key.get(drop.subject, ()):
                self._found.setdefault(function, drop)

    def of(self, one: Known) -> dict[str, Any]:
        """Reason and detail."""
        drop = self._found.get(one.function)
        if drop is None:
            return {}
        return {"reason": f"{drop.step}: {drop.reason}", "detail": drop.detail}


def _change(change: Change, one: Known, reasons: Reasons | None = None) -> FunctionChange:
    said = reasons.of(one) if reasons else {}
    return FunctionChange(
        change=change,
        source=one.source,
        line=one.first,
        name=one.name,
        function=one.function,
        **said,
    )


def config_changes(old: Mapping[str, Any], new: Mapping[str, Any], path: str = "") -> list[str]:
    """Parameters that differ between two configs, as `name: old -> new`."""
    found = []
    for key in sorted({*old, *new}):
        before, after = old.get(key), new.get(key)
        name = f"{path}.{key}" if path else key
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            found += config_changes(before, after, name)
        elif before != after:
            found.append(f"{name}: {before} -> {after}")
    return found
