"""Counts what the chosen inputs of a writer show of each function.

Every writer is measured by the same functions: where none of its inputs ran, it has reached
nothing, and that counts. A mutant is told from its function by a case if the call does not return
what it returned before. Not covered: mutants that no case could tell, which hold every writer
back alike.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from random import Random
from statistics import fmean

from sandbox import Status
from sandbox.parsing import parse_module
from tasks.programs.branches import branches_of, exits_taken
from tasks.programs.mutants import mutants
from tasks.records.cases import Case, WeighedFunction
from tasks.records.comparisons import Measured, WriterFigures
from tasks.records.functions import Function

FEW, MANY = 3, 8
"""Valid inputs. Source: the filters want three, and a prompt of Case2Code shows eight at most."""


def measure(
    functions: Iterable[Function], weighed: Mapping[str, WeighedFunction], most_mutants: int
) -> Iterator[Measured]:
    """Each function, in order, with what its cases show.

    Args:
        functions: All that the writer was to write for.
        weighed: Those with cases, by `Function.id`.
        most_mutants: How many were tried at most.
    """
    for function in functions:
        found = weighed.get(function.id)
        cases = found.executed.cases if found else ()
        valid = [place for place, case in enumerate(cases) if case.status == Status.OK]
        has_mutants = found.mutants > 0 if found else _has_mutants(function, most_mutants)
        branches = branches_of(parse_module(function.program))
        outputs = {cases[place].output for place in valid}
        yield Measured(
            function=function.id,
            name=function.name,
            valid=len(valid),
            inputs=len({cases[place].arguments for place in valid}),
            outputs=len(outputs),
            predicate=outputs == {"True", "False"},
            exits=exits_taken(branches, _arcs([cases[place] for place in valid])),
            branches=len(branches),
            killed=_killed(found, valid) if found else 0,
            mutants=found.mutants if found else int(has_mutants),
        )


def figures(writer: str, measured: Sequence[Measured]) -> WriterFigures:
    """The shares and means of all functions."""

    def share(reached: Callable[[Measured], bool]) -> float:
        return _mean([float(reached(one)) for one in measured])

    return WriterFigures(
        writer=writer,
        functions=len(measured),
        valid_3=share(lambda one: one.valid >= FEW),
        valid_8=share(lambda one: one.valid >= MANY),
        distinct_3=share(lambda one: one.outputs >= FEW),
        varied=share(lambda one: one.outputs >= FEW or one.predicate),
        inputs=_mean([one.inputs for one in measured]),
        outputs=_mean([one.outputs for one in measured]),
        branch_coverage=_mean([o.exits / (2 * o.branches) for o in measured if o.branches]),
        mutants_killed=_mean([one.killed / one.mutants for one in measured if one.mutants]),
    )


def _mean(values: Sequence[float]) -> float:
    return round(fmean(values), 6) if values else 0.0


def _arcs(cases: Sequence[Case]) -> set[tuple[int, int]]:
    return {arc for case in cases for arc in case.arcs}


def _killed(weighed: WeighedFunction, valid: Sequence[int]) -> int:
    """Mutants that the valid cases tell. A mask holds jumps too, above the mutants."""
    marks = 0
    for place in valid:
        marks |= int(weighed.marks[place], 16)
    return (marks & ((1 << weighed.mutants) - 1)).bit_count()


def _has_mutants(function: Function, most: int) -> bool:
    """Of a function that no mutant was tried on, since there were no cases to try."""
    rng = Random(0)  # noqa: S311 - whether there is any does not depend on the draw
    return bool(most and mutants(function.program, 1, rng))
