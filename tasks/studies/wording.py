"""A study in sentences that claim no more than its intervals allow."""

from collections.abc import Iterator, Mapping, Sequence

from tasks.evaluation.estimates import LEVEL
from tasks.records.drops import DropReason, Funnel
from tasks.records.studies import CellScore, Difference, Figure, StudyPlan, Trained, Yield
from tasks.studies.comparing import LOSS, side_of
from tasks.studies.yields import FIRST_STEP

FEW_PROBLEMS = 30
"""Below so many problems an interval by bootstrap is too narrow to lean on."""
PROVES_LITTLE = 0.05
MOST_REASONS = 6
"""In a sentence; the funnels have them all."""


def sentences(
    plan: StudyPlan,
    yields: Sequence[Yield],
    funnels: Mapping[str, Funnel],
    scores: Sequence[CellScore],
    differences: Sequence[Difference],
) -> Iterator[str]:
    """What was found, and what that does not say."""
    for row in yields:
        yield _kept_by(plan, row)
        yield from _lost_by(plan, row, funnels)
        yield from _contents(plan, row)
    for measure in dict.fromkeys((one.test, one.measure) for one in scores):
        own = [one for one in scores if (one.test, one.measure) == measure]
        pairs = [one for one in differences if (one.test, one.measure) == measure]
        yield from _measured(own, pairs)
    yield from _caveats(plan, scores)


def _kept_by(plan: StudyPlan, row: Yield) -> str:
    text = (
        f"{row.cell} keeps {row.functions:,} of {row.taken:,} functions, "
        f"{share(row.share)} in {row.samples:,} samples"
    )
    if row.p_value is not None and (row.only_here or row.only_baseline):
        text += (
            f"; {row.only_here:,} that {plan.baseline} has not, {row.only_baseline:,} the other"
            f" way round, {_kept(row)} (McNemar p {p_value(row.p_value)})"
        )
    return text + "."


def _lost_by(plan: StudyPlan, row: Yield, funnels: Mapping[str, Funnel]) -> Iterator[str]:
    """Which step takes out more, or fewer, functions than it does in the baseline."""
    if not row.alike:
        yield (
            f"{row.cell} begins with other functions than {plan.baseline}, so that the two are "
            "not compared function by function."
        )
        return
    own, base = _dropped(funnels[row.cell]), _dropped(funnels[plan.baseline])
    moved_by = {key: own.get(key, 0) - base.get(key, 0) for key in own | base}
    listed = [
        f"{step} {reason} {number:+,}"
        for (step, reason), number in sorted(moved_by.items(), key=lambda one: -abs(one[1]))
        if number
    ]
    if listed and row.functions:
        yield f"Against {plan.baseline}, {row.cell} loses by: {', '.join(listed[:MOST_REASONS])}."


def _dropped(funnel: Funnel) -> dict[tuple[str, str], int]:
    """From the first step that all cells have alike on, by step and reason."""
    names = [step.step for step in funnel.steps]
    start = names.index(FIRST_STEP) if FIRST_STEP in names else 0
    return {
        (step.step, str(reason)): number
        for step in funnel.steps[start:]
        for reason, number in step.dropped.items()
    }


def _contents(plan: StudyPlan, row: Yield) -> Iterator[str]:
    if row.changed_functions:
        yield (
            f"In {row.cell}, {row.changed_functions:,} functions reach the data set with "
            f"another program than in {plan.baseline}; of {row.showing:,} of these a case "
            "that both have shows it."
        )
    if row.wrong_functions:
        yield (
            f"In {row.cell}, {row.wrong_functions:,} functions reach the data set with outputs"
            f" that are not those of {plan.baseline}: {row.wrong_cases:.1%} of all calls compared."
        )


def _kept(row: Yield) -> str:
    if (row.p_value or 0) >= PROVES_LITTLE:
        return "which tells the two apart no further"
    return "more" if row.only_here > row.only_baseline else "fewer"


def _measured(scores: Sequence[CellScore], pairs: Sequence[Difference]) -> Iterator[str]:
    first = scores[0]
    if first.measure != LOSS and not any(one.figure.value for one in scores):
        yield (
            f"{first.test}, {first.measure}: none on {first.problems:,} problems, by any model "
            f"({first.figure.low:.1%} to {first.figure.high:.1%}), which tells none from another."
        )
        return
    listed = "; ".join(f"{one.cell} {shown(one.measure, one.figure)}" for one in scores)
    yield f"{first.test}, {first.measure} on {first.problems:,} problems: {listed}."
    told = [one for one in pairs if one.verdict != "not told apart"]
    for one in told:
        yield (
            f"{one.cell} is {one.verdict} than {one.against} there, by "
            f"{moved(one.measure, one.figure)}, p {p_value(one.adjusted)} by Holm."
        )
    untold = [one for one in pairs if one.verdict == "not told apart"]
    unsure = [one for one in untold if side_of(one.measure, one.figure)]
    for one in unsure:
        yield (
            f"{one.cell} less {one.against} there is {moved(one.measure, one.figure)}, an interval "
            f"without 0 that the test does not bear out: p {p_value(one.adjusted)} by Holm."
        )
    rest = [one for one in untold if one not in unsure]
    if rest:
        bounds = "; ".join(
            f"{one.cell} less {one.against} {moved(one.measure, one.figure)}" for one in rest
        )
        yield f"Not told apart there: {bounds}. What lies inside these intervals stays open."


def left_out(trained: Sequence[Trained]) -> Iterator[str]:
    """How much of its data no model was trained on, since it does not fit into a sequence."""
    counts = {one.cell: one.result.train for one in trained if one.result}
    listed = [
        f"{count.dropped[DropReason.OVER_LENGTH]:,} of {count.taken:,} samples of {cell}"
        for cell, count in counts.items()
        if DropReason.OVER_LENGTH in count.dropped
    ]
    if listed:
        yield f"Longer than a sequence, and so not trained on: {', '.join(listed)}."


def _caveats(plan: StudyPlan, scores: Sequence[CellScore]) -> Iterator[str]:
    if not scores:
        return
    if min(one.problems for one in scores) < FEW_PROBLEMS:
        yield f"Fewer than {FEW_PROBLEMS} problems: intervals are too narrow to lean on."
    if len(plan.seeds) == 1:
        yield "One training of each cell: another seed may order them otherwise."
    yield f"Intervals are {LEVEL:.0%} and hold for {_setting(plan)} alone."


def _setting(plan: StudyPlan) -> str:
    """What the baseline was made of, and how."""
    cell = next(one for one in plan.cells if one.name == plan.baseline)
    base = f"the base model {plan.base}" if isinstance(plan.base, str) else "a model from nothing"
    said = f"the corpus {', '.join(cell.build.corpus)}, {base}"
    if cell.train is None:
        return said
    steps = f"{cell.train.steps:,} steps" if cell.train.steps else f"{cell.train.epochs:g} epochs"
    batch = f"{cell.train.batch:,} sequences" if cell.train.batch else "the usual sequences"
    return f"{said}, and {steps} of {batch} of up to {cell.train.max_length:,} tokens"


def share(figure: Figure) -> str:
    """For example `83.1% (79.8% to 86.0%)`."""
    return f"{figure.value:.1%} ({figure.low:.1%} to {figure.high:.1%})"


def shown(measure: str, figure: Figure) -> str:
    """A score as a person reads it: a share, or nats."""
    if measure != LOSS:
        return share(figure)
    return f"{figure.value:.3f} ({figure.low:.3f} to {figure.high:.3f})"


def moved(measure: str, figure: Figure) -> str:
    """A difference: in points of a per cent, or in nats a token."""
    factor, unit, digits = (1, "nats", 3) if measure == LOSS else (100, "points", 1)
    low, high, value = (factor * one for one in (figure.low, figure.high, figure.value))
    return f"{value:+.{digits}f} {unit} ({low:+.{digits}f} to {high:+.{digits}f})"


def p_value(value: float) -> str:
    """For example `0.031` or `< 0.001`."""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"  # noqa: PLR2004 - three digits are shown
