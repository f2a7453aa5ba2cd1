"""Which of the inputs that ran are kept: the few that together show most of a function.

Greedy: each next input is the one that adds most, counting new arcs first, then new outputs,
then how natural and how short it is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log

from tasks.inputs.trials import Trial, is_empty
from tasks.programs.telling import is_bare

ENOUGH = 8
"""Up to here a plain input is better than none; after it an odd one must add something."""
ODD = 0.02
"""Less natural than this is odd: the types are not those that people would pass."""
MAX_EMPTY = 2
_BY_WRITER = {"search": 0.0, "mutation": -0.3}
_WRITTEN = 0.8
"""For inputs that a person or a model wrote."""
BY_ARCS = 2.5
"""For any new arcs, so that an echo which takes one goes before a telling input without."""
BY_ARC = 1.5
BY_NEW_OUTPUT = 3.0
BY_ECHO = -2.5
"""For an output that is just an argument again: that it differs says little."""


@dataclass(slots=True)
class _Candidate:
    trial: Trial
    own: float
    """What it is worth whatever else is chosen."""
    odd: bool
    empty: bool
    arcs: frozenset[tuple[int, int]]
    output: str


def choose(
    trials: Sequence[Trial], count: int, natural: Callable[[Trial], float]
) -> tuple[Trial, ...]:
    """At most `count` of the valid trials, the most telling first."""
    left = [_candidate(trial, natural(trial)) for trial in trials if trial.valid]
    chosen: list[_Candidate] = []
    arcs: set[tuple[int, int]] = set()
    outputs: dict[str, int] = {}
    while left and len(chosen) < count:
        empties = sum(candidate.empty for candidate in chosen)
        gains = [_gain(each, arcs, outputs, empties) for each in left]
        best = max(range(len(left)), key=gains.__getitem__)
        candidate = left.pop(best)
        adds = candidate.output not in outputs or not candidate.arcs <= arcs
        if len(chosen) >= ENOUGH and candidate.odd and not adds:
            continue
        chosen.append(candidate)
        arcs |= candidate.arcs
        outputs[candidate.output] = outputs.get(candidate.output, 0) + 1
    return tuple(candidate.trial for candidate in chosen)


def _candidate(trial: Trial, natural: float) -> _Candidate:
    outcome = trial.outcome
    arcs = frozenset((outcome.arcs or ()) if outcome else ())
    output = (outcome.value or "") if outcome else ""
    own = 0.7 * log(max(natural, 1e-4)) + _BY_WRITER.get(trial.writer, _WRITTEN)
    own -= max(0, len(trial.arguments) - 60) / 90 + max(0, len(output) - 60) / 250
    own -= 0.8 * is_bare(trial.values)
    own += BY_ECHO * (1 - trial.weight)
    empty = any(is_empty(value) for value in trial.values.values())
    return _Candidate(trial, own, natural < ODD, empty, arcs, output)


def _gain(
    candidate: _Candidate, arcs: set[tuple[int, int]], outputs: dict[str, int], empties: int
) -> float:
    new = min(len(candidate.arcs - arcs), 4)
    gain = candidate.own + BY_ARC * new + (BY_ARCS if new else 0.0)
    repeats = outputs.get(candidate.output, 0)
    gain += BY_NEW_OUTPUT if not repeats else -0.4 * repeats
    if candidate.empty:
        gain -= 0.5 if empties < MAX_EMPTY else 6.0
    return gain
