"""What each case is worth as evidence: the mutants that it tells from the function.

Covered: every mutant runs on every case, in the jail; what returns anything else than the case
says, or nothing, is killed by it. A mutant that does not load does not count. Programs with
`while` are run with a budget of lines, the same on every machine, since a mutant of theirs often
never ends. Not covered: whether a mutant that no case kills could be killed at all.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from random import Random
from typing import Any

from sandbox import Limits, Outcome, Program, Sandbox, Status, decode
from sandbox.parsing import parse_module
from tasks.programs.branches import branches_of, exits_taken
from tasks.programs.calls import call_of, decode_arguments
from tasks.programs.mutants import mutants
from tasks.records.cases import Case, ExecutedFunction, WeighedFunction

WINDOW = 64
"""Functions in the sandbox's hands at once."""
LIMITS = Limits(cpu_seconds=1.0, steps=5_000)
"""Of one call of a mutant. Most that run out of lines never end: lines are what they cost."""

Runner = Callable[[Iterable[Program]], Iterable[tuple[Outcome, ...]]]


@dataclass(frozen=True, slots=True)
class Runners:
    """Two ways to run programs: as they are, and counting lines."""

    plain: Runner
    counted: Runner

    @classmethod
    def of(cls, sandbox: Sandbox) -> "Runners":
        """Those of a sandbox, which should have the `LIMITS` of this module."""
        return cls(sandbox.run, partial(sandbox.run, arcs=True))


def weigh(
    functions: Iterable[ExecutedFunction], most: int, seed: int, runners: Runners
) -> Iterator[WeighedFunction]:
    """Each function with what its cases kill of at most `most` mutants, in the same order."""
    stream = iter(functions)
    while window := list(islice(stream, WINDOW)):
        tried = [(one, _mutated(one, most, seed)) for one in window]
        plain = _outcomes(tried, runners.plain, counted=False)
        counted = _outcomes(tried, runners.counted, counted=True)
        for one, programs in tried:
            said = counted if _may_loop(one) else plain
            yield _weighed(one, list(islice(said, len(programs))))


def _outcomes(
    tried: Iterable[tuple[ExecutedFunction, Sequence[Program]]], run: Runner, *, counted: bool
) -> Iterator[tuple[Outcome, ...]]:
    """What became of the mutants of all functions that are to be run in this way."""
    programs = [one for of, found in tried if _may_loop(of) is counted for one in found]
    return iter(run(programs))


def _may_loop(executed: ExecutedFunction) -> bool:
    return "while" in executed.function.program


def _mutated(executed: ExecutedFunction, most: int, seed: int) -> list[Program]:
    """The mutants of a function, each with a call for every case."""
    function = executed.function
    rng = Random(f"{seed}:{function.id}:mutants")  # noqa: S311  not for secrets
    calls = tuple(call_of(function.parameters, case.arguments) for case in executed.cases)
    found = mutants(function.program, most, rng) if most else []
    return [Program(one.source, function.name, calls) for one in found]


def _weighed(executed: ExecutedFunction, tried: Sequence[Sequence[Outcome]]) -> WeighedFunction:
    loaded = [outcomes for outcomes in tried if outcomes and _is_loaded(outcomes[0])]
    values = [decode_arguments(case.arguments) for case in executed.cases]
    return WeighedFunction(
        executed=executed,
        mutants=len(loaded),
        marks=_marks(executed.cases, loaded),
        branch_coverage=_branch_coverage(executed),
        input_types=_types(value for given in values for value in given.values()),
        output_types=_types(decode(case.output) for case in executed.cases if case.output),
    )


def unweighed(executed: ExecutedFunction) -> WeighedFunction:
    """The function where no mutant was tried: its cases differ in what they cover alone."""
    return _weighed(executed, ())


def _is_loaded(outcome: Outcome) -> bool:
    if outcome.status is Status.INTERNAL_ERROR:
        raise RuntimeError(f"the sandbox failed on a mutant: {outcome.error} {outcome.message}")
    return outcome.status not in {Status.BAD_PROGRAM, Status.REFUSED}


def _marks(cases: Sequence[Case], loaded: Sequence[Sequence[Outcome]]) -> tuple[str, ...]:
    arcs = sorted({arc for case in cases for arc in case.arcs})
    bits = {arc: 1 << (len(loaded) + number) for number, arc in enumerate(arcs)}
    masks = [sum(bits[arc] for arc in case.arcs) for case in cases]
    for number, outcomes in enumerate(loaded):
        for index, (case, outcome) in enumerate(zip(cases, outcomes, strict=True)):
            if outcome.status is not Status.OK or outcome.value != case.output:
                masks[index] |= 1 << number
    return tuple(f"{mask:x}" for mask in masks)


def _types(values: Iterable[Any]) -> tuple[str, ...]:
    return tuple(sorted({type_name(value) for value in values}))


def type_name(value: Any) -> str:
    """The type of a value, with that of its elements where they all have one: `list[int]`."""
    name = type(value).__name__
    if isinstance(value, dict):
        keys, items = ({type(one).__name__ for one in part} for part in (value, value.values()))
        return f"{name}[{', '.join((*keys, *items))}]" if len(keys) == len(items) == 1 else name
    if isinstance(value, (list, tuple, set, frozenset)):
        kinds = {type(one).__name__ for one in value}
        return f"{name}[{kinds.pop()}]" if len(kinds) == 1 else name
    return name


def _branch_coverage(executed: ExecutedFunction) -> float | None:
    branches = branches_of(parse_module(executed.function.program))
    if not branches:
        return None
    arcs = (arc for case in executed.cases for arc in case.arcs)
    return exits_taken(branches, arcs) / (2 * len(branches))
