"""Kinds of argument: cases of one function should agree on them, unless it tells them apart."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from tasks.inputs.shapes import BASES, Base, Shape, weights
from tasks.inputs.trials import Trial

ENOUGH = 8
"""Inputs of the main kinds that make all others superfluous."""
MAIN_AT = 3
"""Inputs that a kind needs to be the main one of a parameter, if any kind has as many."""
_NUMBERS = frozenset((Base.INT, Base.FLOAT, Base.BOOL, Base.COMPLEX))
_ROWS = frozenset((Base.LIST, Base.TUPLE))


def of_main_kinds(trials: Sequence[Trial], shapes: Mapping[str, Shape]) -> list[Trial]:
    """Those of the trials whose arguments are of the likeliest kinds that ran.

    All of them where those are too few, and always those that people or models wrote and those
    that reach code which the others do not.
    """
    told = [name for name, shape in shapes.items() if not shape.mixed]
    main = {name: _main(name, trials, shapes[name]) for name in told}
    fitting = [trial for trial in trials if _fits(trial, main)]
    if len(fitting) < ENOUGH:
        return list(trials)
    reached = {arc for trial in fitting for arc in _arcs(trial)}
    return [trial for trial in trials if _fits(trial, main) or not reached.issuperset(_arcs(trial))]


def kind_of(value: Any) -> str:
    """The kind of a value: numbers are one, lists and tuples another."""
    base = BASES[type(value)]
    if base in _NUMBERS:
        return "number"
    if base in _ROWS:
        return "row"
    return base.value


def _main(name: str, trials: Sequence[Trial], shape: Shape) -> str:
    known = weights(shape)
    counts: Counter[str] = Counter()
    worth: dict[str, float] = {}
    for trial in trials:
        value = trial.values.get(name)
        if value is not None:
            kind = kind_of(value)
            counts[kind] += 1
            worth[kind] = max(worth.get(kind, 0.0), known[BASES[type(value)]])
    most = max(counts.values(), default=0)
    common = [kind for kind in counts if counts[kind] >= min(MAIN_AT, most)]
    return max(common, key=lambda kind: (worth[kind], counts[kind]), default="")


def _fits(trial: Trial, main: Mapping[str, str]) -> bool:
    if trial.writer not in {"search", "mutation"}:
        return True
    return all(
        value is None or not main.get(name) or kind_of(value) == main[name]
        for name, value in trial.values.items()
    )


def _arcs(trial: Trial) -> tuple[tuple[int, int], ...]:
    return (trial.outcome.arcs or ()) if trial.outcome else ()
