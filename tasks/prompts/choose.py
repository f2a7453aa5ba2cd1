"""Which cases a prompt shows, and which it keeps for grading."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tasks.programs.calls import decode_arguments
from tasks.programs.telling import handed_back, telling
from tasks.prompts.scan import split_arguments
from tasks.prompts.values import is_comparable, is_printable
from tasks.records.cases import Case, ExecutedFunction
from tasks.records.configs import PromptConfig


@dataclass(frozen=True, slots=True)
class Showable:
    """A case with what rendering asks of it."""

    arguments: str
    output: str
    by_name: dict[str, str]
    """The literal of each argument."""
    comparable: bool
    printable: bool


def showable(executed: ExecutedFunction) -> list[Case]:
    """The cases of which something true can be said, in their order.

    That is all but those whose output holds a nan and a set at once: it equals nothing, and
    what the interpreter prints for it differs from run to run.
    """
    return [case for case in executed.cases if case.output is not None and _can_say(case.output)]


def _can_say(output: str) -> bool:
    return is_comparable(output) or is_printable(output)


def choose(cases: Sequence[Case], total: int, config: PromptConfig, rng: Random) -> list[Showable]:
    """The cases to show: the first ones, which cover most, then a drawn number of others.

    Expects the order that the filters give (what a case adds to the ones before it). Cases
    that echo an argument are at most as many as those that do not, unless every branch or
    `config.min_shown` needs them. Fewer than `config.min_shown` come back where no more fit
    into `config.max_shown_chars`. Of `total` cases at least one stays hidden, where there
    are more than `config.min_shown`.
    """
    most = min(config.max_shown, total - (total > config.min_shown), len(cases))
    needed = min(max(config.min_shown, _covering(cases, config.min_shown)), most)
    more = rng.randint(0, most - needed)
    others = _balanced(cases, needed, rng.sample(range(needed, len(cases)), len(cases) - needed))
    order = [*range(needed), *others]
    chosen = _fitting(cases, order, needed + more, config.max_shown_chars)
    return [_shown(cases[index]) for index in sorted(chosen)]


def says_enough(shown: Sequence[Showable]) -> bool:
    """Whether the cases shown could not come from a function that does nothing.

    Their outputs must differ, and most must not be the argument that was passed; that half
    of them may be says that there is something which the function leaves alone.
    """
    if len({case.output for case in shown}) < min(2, len(shown)):
        return False
    back = [handed_back(decode_arguments(case.arguments), case.output) for case in shown]
    if all(back) and len(set(back)) == 1:
        return False
    texts = [name and case.output[:1] in _TEXT for name, case in zip(back, shown, strict=True)]
    return 2 * sum(map(bool, texts)) <= len(shown)


_TEXT = ("'", '"', "b")
"""First characters of the literals of texts."""


def _balanced(cases: Sequence[Case], needed: int, others: Sequence[int]) -> list[int]:
    """The others, telling ones first, with no more echoes than telling ones among all."""
    fresh = [index for index in range(len(cases)) if _is_telling(cases[index])]
    room = len(fresh) - (needed - sum(index < needed for index in fresh))
    echoes = [index for index in others if index not in fresh]
    kept = echoes[: max(0, room)] if fresh else echoes
    return [*(index for index in others if index in fresh), *kept]


def _is_telling(case: Case) -> bool:
    return telling(decode_arguments(case.arguments), case.output or "") > 0


def _covering(cases: Sequence[Case], outputs: int) -> int:
    """How many of the first cases take every arc that any takes, and give that many outputs."""
    arcs: set[tuple[int, int]] = set()
    seen: set[str | None] = set()
    length = 0
    for index, case in enumerate(cases):
        adds_output = case.output not in seen and len(seen) < outputs
        if adds_output or not arcs.issuperset(case.arcs):
            length = index + 1
        arcs.update(case.arcs)
        seen.add(case.output)
    return length


def _fitting(cases: Sequence[Case], order: Sequence[int], count: int, chars: int) -> list[int]:
    """The first `count` indexes of the order whose cases fit into `chars` together."""
    chosen: list[int] = []
    for index in order:
        if len(chosen) == count:
            break
        case = cases[index]
        size = len(case.arguments) + len(case.output or "")
        if size <= chars:
            chosen.append(index)
            chars -= size
    return chosen


def _shown(case: Case) -> Showable:
    output = case.output or ""
    return Showable(
        arguments=case.arguments,
        output=output,
        by_name=split_arguments(case.arguments),
        comparable=is_comparable(output),
        printable=is_printable(output),
    )
