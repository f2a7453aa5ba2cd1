"""Which functions behave alike: these are one group, and a group is on one side of a split.

The group of a function hangs on the function alone, so that one function more moves no other.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from sandbox import Limits, Outcome, Program
from tasks.programs.behaviour import arities, battery_program, signature
from tasks.records.cases import ExecutedFunction

Runner = Callable[[Iterable[Program]], Iterable[Sequence[Outcome]]]
"""Runs programs and gives their outcomes in the same order."""

LIMITS = Limits(cpu_seconds=0.1)
"""Of a call of the battery, whose inputs are small."""
_WINDOW = 64


def group(executed: Iterable[ExecutedFunction], run: Runner) -> Iterator[ExecutedFunction]:
    """The functions with their groups filled in, in order."""
    stream = iter(executed)
    while window := list(islice(stream, _WINDOW)):
        programs = [battery_program(one.function) for one in window]
        outcomes = iter(run([one for one in programs if one is not None]))
        for one, program in zip(window, programs, strict=True):
            if program is None:
                yield one
            else:
                arity = arities(one.function.parameters)[0]
                yield one.model_copy(update={"group": signature(next(outcomes), arity)})
