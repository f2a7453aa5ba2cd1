"""The page of a data set: what went in and came out, what it looks like, and samples to browse.

Made of the figures (`tasks.dataset.report.figures`), the plots and samples, and, where there is
one, the record of the run, which alone knows clocks, hosts and prices.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from tasks.reports import parts, plots
from tasks.reports.page import Fact, Section, page

PLOTS: Mapping[str, tuple[str, str]] = {
    "lines": ("Length of programs", "lines"),
    "cases": ("Verified cases of a function", "cases"),
    "distinct_outputs": ("Different outputs of a function", "outputs"),
    "branches": ("Branches of a function", "branches"),
    "branch_coverage": ("Branches that the cases take", "per cent of the ways out"),
    "mutants_killed": ("Mutants that the cases tell apart", "per cent of the mutants"),
    "operations": ("Operations of a function", "operations"),
    "prompt_characters": ("Length of prompts", "characters"),
    "prompt_tokens": ("Length of prompts", "tokens"),
}
"""Caption and axis of each distribution that is drawn."""

_KINDS: Mapping[str, str] = {
    "output_type": "Types of outputs",
    "input_type": "Types of arguments",
    "module": "Modules imported",
    "case_format": "Formats of cases",
    "instruction": "Instructions",
    "header": "Headers",
    "argument_style": "Styles of arguments",
    "task": "Tasks",
    "licence": "Licences",
    "corpus": "Corpora",
    "name": "Names of functions",
    "tag": "Benchmarks' problems",
}
_MOST, _LEAST = 8, 4
_ELSEWHERE = {"writers", "dataset"}
"""Of the run's record: told in another place of the page."""


def draw_plots(distributions: Mapping[str, Mapping[str, int]]) -> dict[str, str]:
    """SVG for each distribution that there is anything to see of."""
    drawn = {}
    for number, (name, (_, axis)) in enumerate(PLOTS.items()):
        counts = {int(value): times for value, times in distributions.get(name, {}).items()}
        if len(counts) > 1:
            drawn[name] = plots.histogram(name, counts, x=axis, series=number % 3)
    return drawn


def report_page(
    name: str,
    figures: Mapping[str, Any],
    drawn: Mapping[str, str],
    samples: Sequence[parts.Item],
    run: Mapping[str, Any],
) -> str:
    """The whole HTML text.

    Args:
        name: Of the data set.
        figures: See `tasks.dataset.report.figures.figures`.
        drawn: SVG by the name of the distribution.
        samples: For the browser.
        run: What `run.json` holds; may be empty.
    """
    sections = [
        _funnel(figures),
        _shape(drawn),
        _kinds(figures["kinds"]),
        _writers(figures["writers"], run),
        _overlap(figures),
        _samples(samples, figures["counts"]["samples"]),
        _making(figures, run),
    ]
    return page(
        name,
        sections,
        kicker="Case2Code data set",
        lead=_lead(figures),
        facts=list(_facts(figures["counts"], figures["distributions"])),
        footer=_footer(run),
    )


def _lead(figures: Mapping[str, Any]) -> str:
    counts, first = figures["counts"], figures["funnel"][0]
    corpora = ", ".join(figures["kinds"]["corpus"]["most"])
    return (
        f"{counts['samples']:,} verified samples of {counts['functions']:,} functions, found in "
        f"{first['taken']:,} {first['unit']} of {corpora}. Every output was computed twice, in two "
        "jails with different hash seeds."
    )


def _facts(
    counts: Mapping[str, Any], distributions: Mapping[str, Mapping[str, int]]
) -> Iterator[Fact]:
    functions = counts["functions"]
    yield Fact(f"{counts['samples']:,}", "samples")
    yield Fact(f"{functions:,}", "functions")
    yield Fact(f"{counts['cases']:,}", "verified cases", f"{counts['cases'] / functions:.1f} each")
    share = 100 * counts["functions_with_8_cases"] / functions
    yield Fact(f"{share:.1f} %".replace(".0 %", " %"), "have 8 cases or more")
    for name, label in (
        ("branch_coverage", "of branches taken"),
        ("mutants_killed", "of mutants told apart"),
    ):
        if mean := _mean(distributions.get(name, {})):
            yield Fact(f"{mean:.0f} %", label, "mean")


def _mean(counts: Mapping[str, int]) -> float:
    total = sum(counts.values())
    return sum(int(value) * times for value, times in counts.items()) / total if total else 0.0


def _funnel(figures: Mapping[str, Any]) -> Section:
    stages = [
        parts.Stage(
            name=row["step"],
            unit=row["unit"],
            taken=row["taken"],
            kept=row["kept"],
            reasons=tuple(_reason(one) for one in row["dropped"]),
        )
        for row in figures["funnel"]
    ]
    lead = (
        "What went in, what came out, and what fell by the way. Open a step for its reasons, "
        "each with an example."
    )
    return Section("Funnel", parts.funnel(stages), lead=lead)


def _reason(row: Mapping[str, Any]) -> parts.Reason:
    example = row["example"] or {}
    said = " · ".join(filter(None, (example.get("subject"), example.get("detail"))))
    return parts.Reason(
        name=row["reason"],
        number=row["number"],
        meaning=row["meaning"],
        example=said,
        code=example.get("code", ""),
    )


def _shape(drawn: Mapping[str, str]) -> Section:
    captioned = [(PLOTS[name][0], svg) for name, svg in drawn.items()]
    lead = (
        "How long, how rich and how well covered the functions are; the dashed line is the median."
    )
    return Section("Shape", parts.figures(captioned), lead=lead)


def _kinds(kinds: Mapping[str, Any]) -> Section:
    rankings = [
        _ranking(title, kinds[name])
        for name, title in _KINDS.items()
        if kinds.get(name, {}).get("different")
    ]
    lead = "The most and the least common of each kind."
    return Section("Kinds", parts.flow(*rankings), lead=lead)


def _ranking(title: str, ranking: Mapping[str, Any]) -> str:
    order = list((ranking["most"] | ranking["least"]).items())
    top, rest = order[:_MOST], order[_MOST:]
    shown = parts.bars([parts.Bar(name, number) for name, number in top], title=title)
    if not rest:
        return shown
    rarest = ", ".join(f"{name} {number:,}" for name, number in rest[-_LEAST:])
    others = ranking["different"] - len(top)
    return parts.together(shown, parts.note(f"{others:,} more; the rarest: {rarest}"))


def _writers(writers: Mapping[str, Any], run: Mapping[str, Any]) -> Section:
    cases = writers["cases"]
    total = sum(cases.values()) or 1
    rows = [parts.Bar(name, number, f"{number / total:.0%}") for name, number in cases.items()]
    body = [parts.bars(rows, title="Cases kept, by who wrote their inputs")]
    if writers["models"]:
        body.append(_models(writers["models"], run))
    else:
        body.append(parts.prose("No language model was asked: the inputs cost nothing."))
    return Section("Writers", parts.together(*body), lead="Where the inputs come from.")


def _models(models: Mapping[str, Mapping[str, int]], run: Mapping[str, Any]) -> str:
    """What models used: by the record of the run, which knows prices, else by their answers."""
    used = [one for one in run.get("writers", ()) if one.get("answers")]
    rows = used or [{"writer": name, **counts} for name, counts in models.items()]
    columns = ["model", "answers", "prompt tokens", "completion tokens", "cost"]
    return parts.table(columns, [_used(one) for one in rows])


def _used(row: Mapping[str, Any]) -> list[parts.Cell]:
    cost = row.get("cost")
    return [
        row["writer"],
        row["answers"],
        row["prompt_tokens"],
        row["completion_tokens"],
        "no price given" if cost is None else round(float(cost), 4),
    ]


def _overlap(figures: Mapping[str, Any]) -> Section:
    found = figures["duplicates"]
    bars = [parts.Bar(name.replace("_", " "), number) for name, number in found.items()]
    body = [parts.bars(bars, title="Dropped as duplicates")]
    rows = figures["benchmarks"] or []
    if rows:
        body += [parts.heading("Problems of benchmarks"), _benchmarks(rows)]
    else:
        text = "This data set was checked against no benchmark: none was at hand."
        body.append(parts.prose(text))
    if figures["contaminated"]:
        body.append(parts.details("Functions that solve a problem", _hits(figures["contaminated"])))
    lead = "What the data set would have held twice, and what it holds of benchmarks."
    return Section("Overlap", parts.together(*body), lead=lead)


def _benchmarks(rows: Sequence[Mapping[str, Any]]) -> str:
    columns = ["benchmark", "problems", "found", "functions", "were", "by"]
    return parts.table(
        columns,
        [
            [
                row["name"],
                row["problems"],
                row["problems_found"],
                row["functions"],
                row["action"],
                ", ".join(f"{name} {number}" for name, number in row["evidence"].items()) or None,
            ]
            for row in rows
        ],
    )


def _hits(hits: Sequence[Mapping[str, str]]) -> str:
    columns = ["function", "source", "problem", "evidence", "detail"]
    rows = [
        [hit["name"], hit["source"], hit["problem"], hit["evidence"], hit["detail"]] for hit in hits
    ]
    return parts.table(columns, rows)


def _samples(samples: Sequence[parts.Item], total: int) -> Section:
    drawn = (
        "All of them" if len(samples) == total else f"{len(samples):,} of {total:,}, drawn evenly"
    )
    return Section("Samples", parts.browser(samples), lead=f"{drawn}.")


def _making(figures: Mapping[str, Any], run: Mapping[str, Any]) -> Section:
    config = yaml.safe_dump(figures["config"], sort_keys=False, allow_unicode=True)
    versions = [(name, str(value)) for name, value in figures["versions"].items()]
    body = [parts.columns(parts.pairs("Made with", versions), _how_it_went(run))]
    body.append(parts.details("The whole config", parts.code(config)))
    lead = "The same code, config and seed give the same bytes, with any number of workers."
    return Section("Making", parts.together(*body), lead=lead)


def _how_it_went(run: Mapping[str, Any]) -> str:
    rows = [
        (name.replace("_", " "), _plain(value))
        for name, value in run.items()
        if name not in _ELSEWHERE
    ]
    return parts.pairs("This run", rows) if rows else ""


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_plain, value))
    return str(value)


def _footer(run: Mapping[str, Any]) -> str:
    digest = str(run.get("dataset", ""))
    return f"Data set {digest}. Made by case2code, after Case2Code (arXiv 2407.12504)."
