"""The page of a study, and the same in Markdown: question, answer, tables, diagnosis."""

from collections.abc import Iterator, Sequence

from tasks.records.drops import DropReason, Funnel
from tasks.records.studies import Study
from tasks.reports import parts, plots
from tasks.reports.page import Fact, Section, page
from tasks.studies.comparing import LOSS
from tasks.studies.wording import moved, p_value, share, shown

Table = tuple[list[str], list[list[parts.Cell]]]


def page_of(study: Study) -> str:
    """The whole HTML text."""
    return page(
        study.plan.question,
        list(_sections(study)),
        kicker=f"Study {study.plan.name}, {study.plan.size} size",
        lead=study.plan.about,
        facts=list(_facts(study)),
        footer="Every figure is in study.json beside this page.",
    )


def _facts(study: Study) -> Iterator[Fact]:
    yield Fact(str(len(study.yields)), "cells")
    yield Fact(str(sum(1 for one in study.trainings if one.result)), "trainings")
    told = sum(one.verdict != "not told apart" for one in study.differences)
    if study.differences:
        yield Fact(str(told), "differences that stand", f"of {len(study.differences)} looked at")


def _sections(study: Study) -> Iterator[Section]:
    yield Section("Answer", parts.prose("\n\n".join(study.summary)))
    yield Section("Diagnosis", parts.table(*findings_table(study)))
    yield Section("Yield", _yields(study), lead="Of functions that inputs were looked for.")
    if study.scores:
        yield Section("Scores", _scores(study))
        yield Section(
            "Differences",
            parts.table(*differences_table(study)),
            lead="Paired by problem. p by a sign-flip test, adjusted by Holm over all comparisons"
            " of one measure on one test set.",
        )
        yield Section("Trainings", parts.table(*trainings_table(study)))
    yield Section("Funnels", parts.together(*(_funnel(*item) for item in study.funnels.items())))


def _yields(study: Study) -> str:
    points = [
        plots.Point(row.cell, *(100 * v for v in (row.share.value, row.share.low, row.share.high)))
        for row in study.yields
    ]
    drawn = [("Functions kept", plots.intervals("kept", points, x="per cent of functions"))]
    made = [
        parts.table(*cells_table(study)),
        parts.table(*yields_table(study)),
        parts.figures(drawn),
    ]
    if len(study.yields) > 1:
        made += [parts.heading(_against(study)), parts.table(*changes_table(study))]
    return parts.together(*made)


def _against(study: Study) -> str:
    return f"Functions, against {study.plan.baseline}"


def _scores(study: Study) -> str:
    drawn = []
    for number, key in enumerate(dict.fromkeys((o.test, o.measure) for o in study.scores)):
        factor = 1 if key[1] == LOSS else 100
        points = [
            plots.Point(
                one.cell,
                *(factor * v for v in (one.figure.value, one.figure.low, one.figure.high)),
            )
            for one in study.scores
            if (one.test, one.measure) == key
        ]
        unit = "nats a token, less is better" if key[1] == LOSS else "per cent"
        plot = plots.intervals(f"score{number}", points, x=f"{key[1]}, {unit}")
        drawn.append((f"{key[0]}: {key[1]}", plot))
    return parts.together(parts.table(*scores_table(study)), parts.figures(drawn))


def _funnel(cell: str, funnel: Funnel) -> str:
    stages = [
        parts.Stage(
            name=step.step,
            unit=step.unit,
            taken=step.taken,
            kept=step.kept,
            reasons=tuple(
                parts.Reason(str(reason), number)
                for reason, number in sorted(step.dropped.items(), key=lambda one: -one[1])
            ),
        )
        for step in funnel.steps
    ]
    return parts.details(cell, parts.funnel(stages))


def cells_table(study: Study) -> Table:
    """What each cell stands for."""
    return ["cell", "stands for"], [[cell.name, cell.note] for cell in study.plan.cells]


def yields_table(study: Study) -> Table:
    """What became of the functions of each cell."""
    columns = ["cell", "kept", "share", "samples", "cases", "outputs", "mutants told"]
    rows: list[list[parts.Cell]] = []
    for row in study.yields:
        killed = "" if row.mutants_killed is None else f"{row.mutants_killed:.0%}"
        kept = f"{row.functions:,} of {row.taken:,}"
        averages = [round(row.cases, 1), round(row.distinct_outputs, 1)]
        rows.append([row.cell, kept, share(row.share), row.samples, *averages, killed])
    return columns, rows


def changes_table(study: Study) -> Table:
    """Functions of each cell that are otherwise than in the baseline."""
    columns = ["cell", "gone", "new", "program changed", "and a case shows it", "wrong outputs"]
    rows: list[list[parts.Cell]] = [
        [
            *(row.cell, row.only_baseline, row.only_here, row.changed_functions),
            *(row.showing, row.wrong_functions),
        ]
        for row in study.yields
        if row.cell != study.plan.baseline and row.alike
    ]
    return columns, rows


def scores_table(study: Study) -> Table:
    """What the models of each cell come to."""
    columns = ["cell", "test set", "measure", "problems", "seeds", "score", "spread of seeds"]
    rows: list[list[parts.Cell]] = [
        [
            *(one.cell, one.test, one.measure, one.problems, one.seeds),
            shown(one.measure, one.figure),
            "" if one.spread is None else f"{one.spread:.3f}",
        ]
        for one in study.scores
    ]
    return columns, rows


def differences_table(study: Study) -> Table:
    """Each cell less the one it is compared with."""
    columns = ["cell", "less", "test set", "measure", "difference", "p", "p by Holm", "verdict"]
    rows: list[list[parts.Cell]] = [
        [
            *(one.cell, one.against, one.test, one.measure, moved(one.measure, one.figure)),
            *(p_value(one.p_value), p_value(one.adjusted), one.verdict),
        ]
        for one in study.differences
    ]
    return columns, rows


def trainings_table(study: Study) -> Table:
    """What each model was trained on, and how its loss went."""
    columns = [
        "cell",
        "seed",
        "samples",
        "tokens of its data",
        "held back",
        "too long",
        "steps",
        "held-out loss",
    ]
    rows: list[list[parts.Cell]] = []
    for one in study.trainings:
        if one.result is not None:
            losses = one.result.held_out_losses
            went = f"{losses[0]:.3f} to {losses[-1]:.3f}" if losses else ""
            counts = one.result.train
            held = study.held_back.get(one.cell, 0)
            too_long = counts.dropped.get(DropReason.OVER_LENGTH, 0)
            cells: list[parts.Cell] = [one.cell, one.seed, counts.samples, counts.tokens, held]
            cells.append(too_long)
            rows.append([*cells, one.result.steps, went])
    return columns, rows


def findings_table(study: Study) -> Table:
    """The failure signatures."""
    said = {True: "seen", False: "not seen", None: "not measured"}
    rows: list[list[parts.Cell]] = [
        [one.signature, said[one.seen], one.evidence, one.advice] for one in study.findings
    ]
    return ["signature", "", "figures", "look at"], rows


def markdown_of(study: Study) -> str:
    """The same without pictures, for a terminal, a pull request or a paper's appendix."""
    plan = study.plan
    lines = [f"# {plan.question}", "", f"Study `{plan.name}`, {plan.size} size. {plan.about}", ""]
    lines += [line for text in study.summary for line in (text, "")]
    tables = [
        ("Diagnosis", findings_table(study)),
        ("Cells", cells_table(study)),
        ("Yield", yields_table(study)),
    ]
    if len(study.yields) > 1:
        tables.append((_against(study), changes_table(study)))
    if study.scores:
        tables += [
            ("Scores", scores_table(study)),
            ("Differences", differences_table(study)),
            ("Trainings", trainings_table(study)),
        ]
    for title, (columns, rows) in tables:
        lines += [f"## {title}", "", *_markdown(columns, rows), ""]
    return "\n".join(lines).rstrip() + "\n"


def _markdown(columns: Sequence[str], rows: Sequence[Sequence[parts.Cell]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield "| " + " | ".join("---" for _ in columns) + " |"
    for row in rows:
        yield "| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |"
