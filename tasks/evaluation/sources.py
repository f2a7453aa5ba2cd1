"""A program, and the calls of it, as the harness of its benchmark has them."""

from functools import lru_cache

from sandbox import Call
from tasks.benchmarks.typed_inputs import inputs_of
from tasks.records.problems import Problem


def full_source(problem: Problem, source: str) -> str:
    """A program with what its tests need before it, imported and not started as a script.

    EvalPlus runs programs as they are; the tests of the others use names of the prompt.
    """
    context = "" if problem.base_inputs else problem.context
    name = '__name__ = "solution"\n' if "__name__" in source else ""
    if "__future__" in source:  # nothing may stand before such an import
        return f"{source}\n{context}\n"
    return f"{name}{context}\n{source}" if name or context else source


@lru_cache(maxsize=512)
def calls_of(problem: Problem) -> tuple[Call, ...]:
    """One for each input of an extended benchmark: those of the base come first."""
    base, plus = inputs_of(problem)
    return tuple(map(Call, [*base, *plus]))
