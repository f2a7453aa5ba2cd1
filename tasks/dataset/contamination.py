"""What a data set says about benchmarks: which it was checked against, and what was found."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tasks.records.configs import DecontaminationConfig
from tasks.records.problems import BenchmarkFile, Hit

CONTAMINATION_NAME = "contamination.jsonl"

_UNCHECKED = """\
**This data set was not checked against any benchmark**: none was at hand when it was built.
Scores of a model trained on it can be too high on any of them."""

_EXPLANATION = f"""\
A function solves a problem if it is the solution but for names (syntax), holds much of the
solution's renamed 10-grams (ngrams), holds the problem in words (docstring), or passes the
problem's own tests (behaviour). `{CONTAMINATION_NAME}` lists every one with its evidence."""


def sorted_hits(hits: Iterable[Hit]) -> list[Hit]:
    """In an order that does not depend on the shards."""
    return sorted(hits, key=lambda hit: (hit.benchmark, hit.problem, hit.function, hit.evidence))


def as_lines(hits: Iterable[Hit]) -> str:
    """One JSON object a line."""
    return "".join(json.dumps(hit.model_dump(), sort_keys=True) + "\n" for hit in hits)


def summary(
    benchmarks: Iterable[BenchmarkFile], hits: Sequence[Hit], config: DecontaminationConfig
) -> list[dict[str, Any]]:
    """For the manifest: a row for each benchmark that was checked against."""
    return [
        {
            **file.model_dump(),
            "action": "tagged" if file.name in config.tagged else "dropped",
            **_found(file.name, hits),
        }
        for file in benchmarks
    ]


def _found(name: str, hits: Iterable[Hit]) -> dict[str, Any]:
    own = [hit for hit in hits if hit.benchmark == name]
    return {
        "functions": len({hit.function for hit in own}),
        "problems_found": len({hit.problem for hit in own}),
        "evidence": dict(sorted(Counter(hit.evidence for hit in own).items())),
    }


def section(meta: Mapping[str, Any]) -> str:
    """The part of the card, from the manifest's `benchmarks`; nothing where it has none."""
    rows = meta.get("benchmarks")
    if rows is None:
        return ""
    if not rows:
        return f"## Benchmarks\n\n{_UNCHECKED}"
    lines = [
        "| Benchmark | Problems | Functions that solve one | Of them solved | Were | sha256 |",
        "| --- | ---: | ---: | ---: | --- | --- |",
        *map(_line, rows),
    ]
    return "\n".join(["## Benchmarks\n", *lines, "", _EXPLANATION])


def _line(row: Mapping[str, Any]) -> str:
    name = row["name"] if row["pinned"] else f"{row['name']} (not a file known by its hash)"
    return (
        f"| {name} | {row['problems']:,} | {row['functions']:,} | {row['problems_found']:,} "
        f"| {row['action']} | `{row['sha256'][:12]}` |"
    )
