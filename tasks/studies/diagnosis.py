"""The failure signatures of the paper, looked for in what a study measured.

Each is seen, not seen, or not measured, with the figures that say so and what to look at next.
The method: Case2Code, arXiv 2407.12504. The thresholds below are conventions, named so that they
can be argued with.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from tasks.records.drops import DropReason, Funnel
from tasks.records.studies import (
    HELD_OUT,
    UNTRAINED,
    CellScore,
    Difference,
    Finding,
    Trained,
    Yield,
)
from tasks.studies.comparing import LOSS, side_of

FAILS_TO_RUN = (
    DropReason.NO_VALID_INPUT,
    DropReason.DOES_NOT_LOAD,
    DropReason.AUDIT_MISMATCH,
    DropReason.NEVER_RETURNS,
    DropReason.NONDETERMINISTIC,
)
"""The code, or what runs it, is not fit."""
LEFT_OUT = (
    DropReason.TOO_FEW_CASES,
    DropReason.LONG_VALUES,
    DropReason.CONSTANT,
    DropReason.IDENTITY,
    DropReason.TOO_FEW_OUTPUTS,
    DropReason.TOO_FEW_TO_SHOW,
    DropReason.FALSE_CLAIM,
)
"""It ran, and a filter would not have it."""
MANY = 0.3
"""Of the functions: more lost than this by one cause are many."""
FEW_KILLED = 0.5
"""Of the mutants: cases that tell fewer from the function are weak evidence."""
FALLEN = 0.9
"""Of the held-out loss at the start: a training that ends above it has hardly begun."""
RISEN = 1.02
"""Times its lowest value: a held-out loss that ends above it is rising."""


def diagnosed(
    yields: Sequence[Yield],
    funnels: Mapping[str, Funnel],
    trained: Sequence[Trained],
    scores: Sequence[CellScore],
    differences: Sequence[Difference],
) -> Iterator[Finding]:
    """The three signatures, in the paper's order."""
    yield in_distribution_poor(yields, trained, scores, differences)
    yield overfitting(trained, differences)
    yield execution_failures(yields, funnels)


def in_distribution_poor(
    yields: Sequence[Yield],
    trained: Sequence[Trained],
    scores: Sequence[CellScore],
    differences: Sequence[Difference],
) -> Finding:
    """Held-out samples that trained models answer no better than the base model, or not at all."""
    signature = "poor in distribution"
    own = [one for one in differences if one.test == HELD_OUT and one.against == UNTRAINED]
    if not own:
        return Finding(
            signature=signature, seen=None, evidence="no trained model was compared with its base"
        )
    gained = {one.cell for one in own if one.verdict == "better"}
    open_ = {one.cell for one in own if _leans_to_better(one)} - gained
    poor = list(dict.fromkeys(one.cell for one in own if one.cell not in gained | open_))
    solved = [one for one in scores if one.test == HELD_OUT and one.measure != LOSS]
    best = max((one.figure.value for one in solved if one.cell != UNTRAINED), default=0.0)
    cells = {one.cell for one in own}
    evidence = (
        f"{len(gained)} of {len(cells)} cells are better than the base model on "
        f"held-out samples by some measure; the best solves or answers {best:.1%}"
    )
    if poor:
        evidence += f"; no better: {', '.join(poor)}"
        causes = [text for cell in poor for text in _causes(cell, yields, trained)]
        advice = "; ".join(causes) or "inputs, filter and training show nothing: use more data"
    elif open_:
        evidence += f"; too few problems to tell of {', '.join(sorted(open_))}"
        return Finding(signature=signature, seen=None, evidence=evidence)
    elif solved and not best:
        advice = "training: the loss falls, but nothing is answered yet: more steps, a larger model"
    else:
        advice = ""
    return Finding(signature=signature, seen=bool(advice), evidence=evidence, advice=advice)


def _leans_to_better(one: Difference) -> bool:
    """Its interval leaves out 0 on the good side, and the test does not bear it out."""
    return one.verdict == "not told apart" and side_of(one.measure, one.figure) == "better"


def _causes(cell: str, yields: Sequence[Yield], trained: Sequence[Trained]) -> Iterator[str]:
    """Which of inputs, filter and training the figures of a cell point at."""
    row = next((one for one in yields if one.cell == cell), None)
    if row and row.mutants_killed is not None and row.mutants_killed < FEW_KILLED:
        yield f"{cell}, inputs: the cases shown tell only {row.mutants_killed:.0%} of mutants"
    if row and row.share.value < MANY:
        yield f"{cell}, filter: {row.functions:,} of {row.taken:,} functions are left"
    for one in trained:
        losses = one.result.held_out_losses if one.cell == cell and one.result else ()
        if len(losses) > 1 and losses[-1] > FALLEN * losses[0]:
            fell = f"from {losses[0]:.2f} to {losses[-1]:.2f}"
            yield f"{cell}, training: its held-out loss went {fell}"


def overfitting(trained: Sequence[Trained], differences: Sequence[Difference]) -> Finding:
    """Good in distribution and not elsewhere, or a held-out loss that rises."""
    signature = "good in distribution, poor in general"
    rising = [one.cell for one in trained if one.result and _rises(one.result.held_out_losses)]
    own = [one for one in differences if one.against == UNTRAINED]
    better = {one.cell for one in own if one.test == HELD_OUT and one.verdict == "better"}
    general = [one for one in own if one.test != HELD_OUT]
    worse = sorted({one.cell for one in general if one.cell in better and one.verdict == "worse"})
    if not (general or rising):
        return Finding(
            signature=signature,
            seen=None,
            evidence="no held-out loss rises, and no benchmark was measured"
            if any(one.result for one in trained)
            else "no model was trained",
        )
    said = [f"worse than the base model elsewhere: {', '.join(worse)}"] if worse else []
    said += [f"held-out loss rises: {', '.join(dict.fromkeys(rising))}"] if rising else []
    if not said:
        unclear = sorted({one.cell for one in general if one.verdict == "not told apart"})
        said = ["no cell that gains on held-out samples is worse than the base model elsewhere"]
        said += [f"not told apart from it there: {', '.join(unclear)}"] if unclear else []
    return Finding(
        signature=signature,
        seen=bool(worse or rising),
        evidence="; ".join(said),
        advice="fewer epochs, more templates, or a mix with other code" if worse or rising else "",
    )


def _rises(losses: Sequence[float]) -> bool:
    return len(losses) > 1 and losses[-1] > RISEN * min(losses)


def execution_failures(yields: Sequence[Yield], funnels: Mapping[str, Funnel]) -> Finding:
    """Many functions lost on the way, by their own fault or by the filter's."""
    said, advice = [], []
    for row in yields:
        if row.taken and not row.functions:
            said.append(f"{row.cell}: not one of {row.taken:,} functions is left")
            advice.append(f"{row.cell}: look at what runs the code, and at the config")
            continue
        failed = _lost(funnels[row.cell], FAILS_TO_RUN)
        refused = _lost(funnels[row.cell], LEFT_OUT)
        shares = [sum(each.values()) / max(row.taken, 1) for each in (failed, refused)]
        if max(shares) <= MANY:
            continue
        said.append(
            f"{row.cell}: of {row.taken:,} functions {_listed(failed)} did not run, "
            f"{_listed(refused)} were left out by a filter"
        )
        advice.append(
            f"{row.cell}: look at the code (unsafe, unfit to run) and at what runs it"
            if shares[0] >= shares[1]
            else f"{row.cell}: the filter may be too strict, or the inputs too alike"
        )
    evidence = "; ".join(said) or f"no cell lost more than {MANY:.0%} of its functions to one cause"
    return Finding(
        signature="many execution failures",
        seen=bool(said),
        evidence=evidence,
        advice="; ".join(advice),
    )


def _lost(funnel: Funnel, reasons: Iterable[DropReason]) -> dict[DropReason, int]:
    found = {
        reason: sum(step.dropped.get(reason, 0) for step in funnel.steps) for reason in reasons
    }
    return {reason: number for reason, number in found.items() if number}


def _listed(lost: Mapping[DropReason, int]) -> str:
    total = sum(lost.values())
    ranked = sorted(lost.items(), key=lambda one: (-one[1], one[0]))
    detail = ", ".join(f"{reason} {number:,}" for reason, number in ranked)
    return f"{total:,} ({detail})" if detail else "none"
