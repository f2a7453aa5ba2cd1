"""Kinds of argument: cases of one function should agree on them, unless it tells them apart."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from tasks.inputs.shapes import BASES, Base, Shape, weights
from tasks.inputs.trials import OWN_WRITERS, Trial

ENOUGH = 8
"""Inputs of the main kinds that make all others superfluous."""
MAIN_AT = 3
"""A kind that fewer inputs have comes after those that are more common."""
MAX_KINDS = 3
_NUMBERS = frozenset((Base.INT, Base.FLOAT, Base.BOOL, Base.COMPLEX))
_ROWS = frozenset((Base.LIST, Base.TUPLE))


def of_main_kinds(trials: Sequence[Trial], shapes: Mapping[str, Shape]) -> list[Trial]:
    """Those of the trials whose arguments are of the likeliest kinds that ran.

    The next likely kinds are let in as long as those are too few; those that people or models
    wrote, and those that reach code which the others do not, always are.
    """
    told = [name for name, shape in shapes.items() if not shape.mixed]
    ranked = {name: _ranked(name, trials, shapes[name]) for name in told}
    fitting: list[Trial] = []
    for count in range(1, MAX_KINDS + 1):
        main = {name: kinds[:count] for name, kinds in ranked.items()}
        fitting = [trial for trial in trials if _fits(trial, main)]
        if len(fitting) >= ENOUGH:
            reached = {arc for trial in fitting for arc in _arcs(trial)}
            return [t for t in trials if _fits(t, main) or not reached.issuperset(_arcs(t))]
    return list(trials)


def kind_of(value: Any) -> str:
    """The kind of a value: numbers are one, lists and tuples another."""
    base = BASES[type(value)]
    if base in _NUMBERS:
        return "number"
    if base in _ROWS:
        return "row"
    return base.value


def _ranked(name: str, trials: Sequence[Trial], shape: Shape) -> list[str]:
    """The kinds that the parameter had: those that people or models passed, then the likeliest.

    What few inputs have comes last.
    """
    known = weights(shape)
    counts: Counter[str] = Counter()
    worth: dict[str, float] = {}
    written: set[str] = set()
    for trial in trials:
        value = trial.values.get(name)
        if value is not None:
            kind = kind_of(value)
            counts[kind] += 1
            if trial.writer not in OWN_WRITERS:
                written.add(kind)
            worth[kind] = max(worth.get(kind, 0.0), known[BASES[type(value)]])

    def place(kind: str) -> tuple[bool, bool, float, int]:
        return kind not in written, counts[kind] < MAIN_AT, -worth[kind], -counts[kind]

    return sorted(counts, key=place)


def _fits(trial: Trial, main: Mapping[str, Sequence[str]]) -> bool:
    if trial.writer not in OWN_WRITERS:
        return True
    return all(
        value is None or name not in main or kind_of(value) in main[name]
        for name, value in trial.values.items()
    )


def _arcs(trial: Trial) -> tuple[tuple[int, int], ...]:
    return (trial.outcome.arcs or ()) if trial.outcome else ()
