"""What became of the functions of each cell, and how its data compares with the baseline's.

Cells are compared function by function: the same source gives the same id, mutated or not.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tasks.evaluation.estimates import mcnemar, mean
from tasks.records.configs import BuildConfig
from tasks.records.drops import Funnel
from tasks.records.samples import Sample, Task
from tasks.records.studies import Yield
from tasks.studies.statistics import share_with_interval

FIRST_STEP = "inputs"
"""What goes into it are the functions that every cell of a study has to begin with."""

LATER = {"shards", "inputs", "execute", "filters", "prompts", "dataset", "faults"}
"""Keys of a build that do not shape which functions inputs are looked for of."""


@dataclass
class Function:
    """What a data set says of one function."""

    program: str
    outputs: dict[str, str] = field(default_factory=dict)
    """By arguments, all cases together."""


@dataclass
class Contents:
    """A data set as far as cells are compared by it."""

    functions: dict[str, Function] = field(default_factory=dict)
    samples: int = 0
    cases: list[int] = field(default_factory=list)
    outputs: list[int] = field(default_factory=list)
    killed: list[float] = field(default_factory=list)
    coverage: list[float] = field(default_factory=list)


def contents_of(samples: Iterable[Sample]) -> Contents:
    """All that is compared, read once."""
    found = Contents()
    for sample in samples:
        found.samples += 1
        # A twin writes the program of its sample, which is in the data set too, with other names.
        if not sample.twin_of:
            _note_function(found, sample)
        found.outputs.append(sample.difficulty.outputs)
        if sample.evidence.mutants:
            found.killed.append(sample.evidence.killed_shown / sample.evidence.mutants)
        if sample.evidence.branch_coverage is not None:
            found.coverage.append(sample.evidence.branch_coverage)
    return found


def _note_function(found: Contents, sample: Sample) -> None:
    known = found.functions.setdefault(sample.function_id, Function(_plain(sample)))
    if sample.task is Task.INDUCTION:
        known.outputs |= {case.arguments: case.output for case in sample.shown + sample.hidden}
        found.cases.append(len(sample.shown) + len(sample.hidden))


def _plain(sample: Sample) -> str:
    """The program whatever the function is called in it."""
    program = sample.program or sample.completion
    return re.sub(rf"\b{re.escape(sample.name)}\b", "_", program)


def yield_of(
    cell: str, note: str, funnel: Funnel, own: Contents, baseline: Contents | None
) -> Yield:
    """The row of a cell; `baseline` is None for the baseline itself."""
    taken = next((row.taken for row in funnel.steps if row.step == FIRST_STEP), 0)
    counted = Yield(
        cell=cell,
        note=note,
        taken=taken,
        functions=len(own.functions),
        samples=own.samples,
        share=share_with_interval(len(own.functions), taken),
        cases=mean(own.cases),
        distinct_outputs=mean(own.outputs),
        mutants_killed=mean(own.killed) if own.killed else None,
        branch_coverage=mean(own.coverage) if own.coverage else None,
    )
    return counted if baseline is None else counted.model_copy(update=_against(own, baseline))


def begin_alike(first: BuildConfig, second: BuildConfig) -> bool:
    """Whether two builds look for inputs of the same functions."""
    return first.model_dump(exclude=LATER) == second.model_dump(exclude=LATER)


def _against(own: Contents, baseline: Contents) -> Mapping[str, object]:
    shared = [name for name in own.functions if name in baseline.functions]
    pairs = [(own.functions[name], baseline.functions[name]) for name in shared]
    changed = [pair for pair in pairs if pair[0].program != pair[1].program]
    same = [pair for pair in pairs if pair[0].program == pair[1].program]
    calls = sum(len(_common(*pair)) for pair in same)
    only_here = len(own.functions) - len(shared)
    only_baseline = len(baseline.functions) - len(shared)
    return {
        "changed_functions": len(changed),
        "showing": sum(bool(_differing(*pair)) for pair in changed),
        "wrong_functions": sum(bool(_differing(*pair)) for pair in same),
        "wrong_cases": sum(_differing(*pair) for pair in same) / max(calls, 1),
        "only_here": only_here,
        "only_baseline": only_baseline,
        "p_value": mcnemar(only_here, only_baseline),
    }


def _common(first: Function, second: Function) -> Sequence[str]:
    return [call for call in first.outputs if call in second.outputs]


def _differing(first: Function, second: Function) -> int:
    """Calls that both were shown making and that returned something else."""
    return sum(first.outputs[call] != second.outputs[call] for call in _common(first, second))
