"""Audits a data set of functions, ours or somebody else's, by the checks that a build makes.

Nothing is kept: no task runs, no artifacts. A data set of some ten thousand items fits.
"""

import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from sandbox import Sandbox
from tasks.audit.checks import Tally, check
from tasks.audit.items import items_of, rows_of
from tasks.benchmarks.finding import find
from tasks.benchmarks.loading import load_all
from tasks.decontaminate.matching import BehaviourIndex, TextIndex, find_hits
from tasks.decontaminate.solving import PROBING, solve
from tasks.dedup.groups import LIMITS, group
from tasks.dedup.near import near_duplicates
from tasks.dedup.sketching import sketch
from tasks.records.audits import AuditItem, AuditReport, Finding
from tasks.records.cases import ExecutedFunction
from tasks.records.configs import DecontaminationConfig, DedupConfig
from tasks.records.problems import Hit, Problem
from tasks.records.sketches import Sketch
from tasks.store.tables import write_records


def audit_dataset(path: Path, benchmarks: Sequence[str]) -> AuditReport:
    """All that is wrong with the data set in a JSONL file or a folder.

    Args:
        path: The file, or the folder of a data set.
        benchmarks: What it must not hold, as in `BuildConfig.benchmarks`.

    Raises:
        CorpusError, ConfigError: With what to do about it.
    """
    read = list(items_of(rows_of(path)))
    items = [item for item in read if item is not None]
    files, problems = load_all(find(benchmarks))
    tally = Tally()
    with Sandbox() as sandbox:
        findings = list(check(items, sandbox, tally))
        hits = _contamination(items, problems, sandbox)
    findings += [*_duplicates(items), *_alike(items), *map(_contaminated, hits)]
    return AuditReport(
        items=len(items),
        unreadable=len(read) - len(items),
        benchmarks=files,
        findings=tuple(findings),
        hits=tuple(hits),
        claims=tally.claims,
        false_claims=tally.false_claims,
        golds=tally.golds,
        wrong_golds=tally.wrong_golds,
    )


def _contamination(
    items: Sequence[AuditItem], problems: Sequence[Problem], sandbox: Sandbox
) -> list[Hit]:
    if not problems:
        return []
    with Sandbox(limits=PROBING) as prober:
        solved = list(solve(problems, sandbox, prober))
        texts = TextIndex(solved, DecontaminationConfig().min_ngram_share)
        behaviour = BehaviourIndex(solved, prober, sandbox)
        return list(find_hits((item.function for item in items), texts, behaviour, solved))


def _contaminated(hit: Hit) -> Finding:
    detail = f"{hit.benchmark} {hit.problem} by {hit.evidence}: {hit.detail}"
    return Finding(check="contaminated", item=hit.function, name=hit.name, detail=detail)


def _duplicates(items: Sequence[AuditItem]) -> Iterator[Finding]:
    """Copies and near-copies, each with the item that it equals."""
    first: dict[str, AuditItem] = {}
    for item in sorted(items, key=lambda one: one.function.id):
        same = first.setdefault(item.function.identity, item)
        if same is not item:
            yield _equal("duplicate", item, same.function.name, "")
    names = {item.function.id: item.function.name for item in items}
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "sketches"
        write_records(table, Sketch, sketch(item.function for item in first.values()))
        near = near_duplicates([table], 0, DedupConfig().jaccard, lambda *_: True)
    for item in first.values():
        if found := near.get(item.function.id):
            share = f" in {found.jaccard:.0%} of its shingles"
            yield _equal("near_duplicate", item, names[found.id], share)


def _equal(check_name: str, item: AuditItem, other: str, how: str) -> Finding:
    function = item.function
    detail = f"equals {other}{how}"
    return Finding(check=check_name, item=function.id, name=function.name, detail=detail)


def _alike(items: Sequence[AuditItem]) -> Iterator[Finding]:
    """Items that behave like others, and of these the ones on another side of a split."""
    with Sandbox(limits=LIMITS) as sandbox:
        executed = (ExecutedFunction(function=item.function, cases=()) for item in items)
        groups = [one.group for one in group(executed, sandbox.run)]
    members: dict[str, list[AuditItem]] = defaultdict(list)
    for item, name in zip(items, groups, strict=True):
        if name:
            members[name].append(item)
    for alike in members.values():
        for item in alike[1:]:
            yield _equal("same_behaviour", item, alike[0].function.name, " on a battery of inputs")
            if item.split != alike[0].split:
                yield _equal("split_leak", item, alike[0].function.name, f" in {alike[0].split}")
