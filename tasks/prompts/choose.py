"""Which cases a prompt shows, and which it keeps for grading."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random

from tasks.prompts.scan import split_arguments
from tasks.prompts.values import is_comparable, is_printable
from tasks.records.cases import Case, ExecutedFunction
from tasks.records.configs import PromptConfig


@dataclass(frozen=True)
class Showable:
    """A case with what rendering asks of it more than once."""

    case: Case
    arguments: str
    output: str
    comparable: bool
    printable: bool

    @cached_property
    def by_name(self) -> dict[str, str]:
        """The literal of each argument."""
        return split_arguments(self.arguments)

    @property
    def chars(self) -> int:
        """How much of a prompt the case takes up, whatever the format."""
        return len(self.arguments) + len(self.output)


def showable(executed: ExecutedFunction) -> list[Showable]:
    """The cases of which something true can be said, in their order.

    That is all but those whose output holds a nan and a set at once: it equals nothing, and
    what the interpreter prints for it differs from run to run.
    """
    found: list[Showable] = []
    for case in executed.cases:
        output = case.output
        if output is None:
            continue
        comparable, printable = is_comparable(output), is_printable(output)
        if comparable or printable:
            found.append(Showable(case, case.arguments, output, comparable, printable))
    return found


def choose(
    cases: Sequence[Showable], total: int, config: PromptConfig, rng: Random
) -> list[Showable]:
    """The cases to show: the first ones, which cover most, then a drawn number of others.

    Expects the order that the filters give (what a case adds to the ones before it). Fewer
    than `config.min_shown` come back where no more fit into `config.max_shown_chars`. Of
    `total` cases at least one stays hidden, where there are more than `config.min_shown`.
    """
    most = min(config.max_shown, total - (total > config.min_shown), len(cases))
    needed = min(max(config.min_shown, _covering(cases, config.min_shown)), most)
    more = rng.randint(0, most - needed)
    order = [*range(needed), *rng.sample(range(needed, len(cases)), len(cases) - needed)]
    chosen = _fitting(cases, order, needed + more, config.max_shown_chars)
    return [cases[index] for index in sorted(chosen)]


def _covering(cases: Sequence[Showable], outputs: int) -> int:
    """How many of the first cases take every arc that any takes, and give that many outputs."""
    arcs: set[tuple[int, int]] = set()
    seen: set[str] = set()
    length = 0
    for index, shown in enumerate(cases):
        adds_output = shown.output not in seen and len(seen) < outputs
        if adds_output or not arcs.issuperset(shown.case.arcs):
            length = index + 1
        arcs.update(shown.case.arcs)
        seen.add(shown.output)
    return length


def _fitting(cases: Sequence[Showable], order: Sequence[int], count: int, chars: int) -> list[int]:
    """The first `count` indexes of the order whose cases fit into `chars` together."""
    chosen: list[int] = []
    for index in order:
        if len(chosen) == count:
            break
        if cases[index].chars <= chars:
            chosen.append(index)
            chars -= cases[index].chars
    return chosen
