"""The figures of a data set: one JSON object that says all that the page shows in numbers.

Promised: no clock and no place; the same data set, drops and answers give the same figures.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tasks.dataset.contamination import CONTAMINATION_NAME
from tasks.dataset.report.dropped import DropExample, meanings
from tasks.dataset.report.measures import Measures, cases_of, program_of
from tasks.records.cases import Answer, ExecutedFunction
from tasks.records.drops import DropReason, Funnel
from tasks.records.samples import Sample
from tasks.reports.parts import Block, Item

HITS_SHOWN = 40
_TOP = 40
"""Of each kind, in the figures: the commonest and the rarest."""


def figures(
    measures: Measures,
    funnel: Funnel,
    dropped: Mapping[tuple[str, str], DropExample],
    writers: Mapping[str, Any],
    meta: Mapping[str, Any],
) -> dict[str, Any]:
    """Everything but the samples and the contaminated functions.

    Args:
        measures: Of all samples.
        funnel: What became of everything on the way.
        dropped: Examples by step and reason.
        writers: What `count_writers` counted.
        meta: Of the data set's manifest.
    """
    return {
        "counts": {
            "samples": measures.samples,
            "functions": len(measures.functions),
            "cases": measures.cases,
            "functions_with_8_cases": meta["counts"]["functions_with_8_cases"],
            "splits": meta["counts"]["splits"],
        },
        "funnel": [_stage(row.model_dump(mode="json"), dropped) for row in funnel.steps],
        "distributions": {
            name: {str(value): number for value, number in sorted(counts.items())}
            for name, counts in measures.numbers.items()
        },
        "kinds": {name: ranked(counts) for name, counts in measures.kinds.items()},
        "writers": dict(writers),
        "benchmarks": meta.get("benchmarks"),
        "duplicates": _duplicates(funnel),
        "config": meta["config"],
        "versions": meta["versions"],
    }


def _stage(
    row: Mapping[str, Any], dropped: Mapping[tuple[str, str], DropExample]
) -> dict[str, Any]:
    reasons = sorted(row["dropped"].items(), key=lambda one: (-one[1], one[0]))
    return {
        **{name: row[name] for name in ("step", "unit", "taken", "kept")},
        "dropped": [
            {
                "reason": reason,
                "number": number,
                "meaning": meanings().get(reason, ""),
                "example": _shown_example(dropped.get((row["step"], reason))),
            }
            for reason, number in reasons
        ],
    }


def _shown_example(example: DropExample | None) -> dict[str, Any] | None:
    return example.model_dump(mode="json") if example is not None else None


def ranked(counts: Mapping[str, int]) -> dict[str, Any]:
    """How many kinds there are, the commonest, and where there are more, the rarest."""
    order = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return {
        "different": len(order),
        "most": dict(order[:_TOP]),
        "least": dict(order[_TOP:][-_TOP:]),
    }


def _duplicates(funnel: Funnel) -> dict[str, int]:
    total: Counter[DropReason] = Counter()
    for row in funnel.steps:
        total.update(row.dropped)
    kinds = (DropReason.DUPLICATE, DropReason.NEAR_DUPLICATE, DropReason.SAME_SAMPLE)
    return {str(kind): total[kind] for kind in kinds}


def count_writers(
    executed: Iterable[ExecutedFunction], answers: Iterable[Answer]
) -> dict[str, Any]:
    """Who wrote the cases that were kept, and what the models among them used.

    Returns:
        `cases` by writer, and for each model its answers and tokens.
    """
    cases = Counter(case.writer for one in executed for case in one.cases)
    models: dict[str, Counter[str]] = {}
    for answer in answers:
        models.setdefault(answer.model, Counter()).update(
            answers=1,
            prompt_tokens=answer.prompt_tokens,
            completion_tokens=answer.completion_tokens,
        )
    return {
        "cases": dict(sorted(cases.items(), key=lambda one: (-one[1], one[0]))),
        "models": {name: dict(counts) for name, counts in sorted(models.items())},
    }


def contaminated(folder: Path) -> list[dict[str, str]]:
    """The first functions that solve a benchmark's problem, as the data set lists them."""
    path = folder / CONTAMINATION_NAME
    if not path.is_file():
        return []
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for _, line in zip(range(HITS_SHOWN), lines, strict=False)]


def item_of(sample: Sample) -> Item:
    """A sample as the browser of the page shows it."""
    asked = "completion" if sample.program else "program"
    shown = set(sample.shown)
    rows = tuple(
        (case.arguments, case.output, "shown" if case in shown else "hidden")
        for case in cases_of(sample)
    )
    blocks = [
        Block("Prompt", sample.prompt),
        Block(asked.capitalize(), sample.completion, language="python"),
        Block("Program", sample.program, language="python"),
        Block("Verified cases", columns=("arguments", "output", ""), rows=rows),
        Block("Origin", columns=("", ""), rows=_origin(sample)),
    ]
    return Item(
        title=sample.name,
        subtitle=f"{sample.source}:{sample.first_line}",
        facets=_facets(sample),
        blocks=tuple(block for block in blocks if block.text or block.rows),
    )


def _facets(sample: Sample) -> dict[str, str | tuple[str, ...]]:
    return {
        "split": sample.split,
        "task": str(sample.task).replace("_", " "),
        "format": sample.template.case_format,
        "output": sample.evidence.output_types,
        "corpus": sample.source.partition("/")[0],
        "licence": sample.licence or "not known",
        "imports": "imports" if "import " in program_of(sample) else "no imports",
        "benchmark": sample.tags,
    }


def _origin(sample: Sample) -> tuple[tuple[str, str], ...]:
    lines = f"{sample.first_line}-{sample.last_line}"
    rows = (
        ("source", sample.source),
        ("lines", lines),
        ("revision", sample.revision),
        ("licence", sample.licence or "not known"),
        ("function", sample.function_id[:12]),
        ("sample", sample.id[:12]),
    )
    return tuple((name, value) for name, value in rows if value)
