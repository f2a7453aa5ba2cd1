"""Which cases a prompt shows, and which it keeps for grading."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tasks.programs.calls import decode_arguments
from tasks.programs.telling import telling
from tasks.prompts.scan import split_arguments
from tasks.prompts.values import is_comparable, is_printable
from tasks.records.cases import WeighedFunction
from tasks.records.configs import PromptConfig


@dataclass(slots=True)
class Showable:
    """A case with what rendering asks of it. Never changed, but for what is worked out once."""

    arguments: str
    """The literal of a dict from parameter name to value."""
    output: str
    """The literal of the value returned."""
    mark: int
    """A bit for each mutant that it kills and for each jump that it takes."""
    comparable: bool
    printable: bool
    _by_name: dict[str, str] | None = None

    @property
    def by_name(self) -> dict[str, str]:
        """The literal of each argument."""
        if self._by_name is None:
            self._by_name = split_arguments(self.arguments)
        return self._by_name


def showable(weighed: WeighedFunction) -> list[Showable]:
    """The cases of which something true can be said, in their order.

    That is all but those whose output holds a nan and a set at once: it equals nothing, and
    what the interpreter prints for it differs from run to run.
    """
    found: list[Showable] = []
    for case, mark in zip(weighed.executed.cases, weighed.marks, strict=True):
        output = case.output
        if output is None:
            continue
        comparable, printable = is_comparable(output), is_printable(output)
        if comparable or printable:
            found.append(Showable(case.arguments, output, int(mark, 16), comparable, printable))
    return found


def choose(
    cases: Sequence[Showable], total: int, config: PromptConfig, rng: Random
) -> list[Showable]:
    """The cases to show: the fewest that tell the most, then a drawn number of others.

    The fewest are a greedy set cover: every mutant that any case kills, every jump that any
    takes. They are filled up to `config.min_shown` in the order that the filters give, with
    outputs that are new. Of the others, those that echo an argument are at most as many as
    those that do not. Fewer than `config.min_shown` come back where no more fit into
    `config.max_shown_chars`. Of `total` cases at least one stays hidden, where there are more
    than `config.min_shown`.
    """
    most = min(config.max_shown, total - (total > config.min_shown), len(cases))
    first = _filled_up(cases, _covering(cases, most), min(config.min_shown, most))
    more = rng.randint(0, most - len(first))
    chosen = _fitting(cases, first, len(first), config.max_shown_chars)
    if len(chosen) < len(first) + more:
        rest = [index for index in range(len(cases)) if index not in first]
        order = [*first, *_balanced(cases, first, rng.sample(rest, len(rest)))]
        chosen = _fitting(cases, order, len(first) + more, config.max_shown_chars)
    return [cases[index] for index in sorted(chosen)]


def says_enough(shown: Sequence[Showable]) -> bool:
    """Whether the cases shown could not come from a function that does nothing.

    Their outputs must differ, and most must not be the argument that was passed; that half
    of them may be says that there is something which the function leaves alone.
    """
    if len(shown) > 1 and len({case.output for case in shown}) == 1:
        return False
    back = [_handed_back(case) for case in shown]
    if all(back) and len(set(back)) == 1:
        return False
    texts = sum(
        bool(name) and case.output[:1] in _TEXT for name, case in zip(back, shown, strict=True)
    )
    return 2 * texts <= len(shown)


_TEXT = ("'", '"', "b")
"""First characters of the literals of texts."""


def _handed_back(case: Showable) -> str:
    """Name of the first argument that is the output, or an empty string."""
    output = case.output
    if output not in case.arguments:
        return ""
    return next((name for name, text in case.by_name.items() if text == output), "")


def _covering(cases: Sequence[Showable], most: int) -> list[int]:
    """Indexes of at most `most` cases that together have every mark, the best one first."""
    left = 0
    for case in cases:
        left |= case.mark
    chosen: list[int] = []
    while left and len(chosen) < most:
        gains = [(case.mark & left).bit_count() for case in cases]
        best = gains.index(max(gains))
        chosen.append(best)
        left &= ~cases[best].mark
    return chosen


def _filled_up(cases: Sequence[Showable], chosen: list[int], least: int) -> list[int]:
    """The chosen ones, with the next best after them until there are `least`."""
    if len(chosen) >= least:
        return chosen
    seen = {cases[index].output for index in chosen}
    rest = [index for index in range(len(cases)) if index not in chosen]
    for index in rest:
        if len(chosen) < least and cases[index].output not in seen:
            chosen.append(index)
            seen.add(cases[index].output)
    spare = [index for index in rest if index not in chosen]
    return chosen + spare[: least - len(chosen)]


def _balanced(cases: Sequence[Showable], first: Sequence[int], others: Sequence[int]) -> list[int]:
    """The others, telling ones first, with no more echoes than telling ones among all."""
    fresh = [index for index in range(len(cases)) if is_telling(cases[index])]
    room = len(fresh) - sum(index not in fresh for index in first)
    echoes = [index for index in others if index not in fresh]
    kept = echoes[: max(0, room)] if fresh else echoes
    return [*(index for index in others if index in fresh), *kept]


def is_telling(case: Showable) -> bool:
    """Whether the output is more than an argument again (`tasks.programs.telling`)."""
    output = case.output
    if output[0] in _CONTAINER:
        if not _LEAF.search(output):
            return False
        if not ("set(" in output or output in case.arguments or _has_lone_text(case)):
            return True
    elif output[0] not in _TEXT or not _may_echo(output, case.arguments):
        return True
    if output in case.by_name.values():
        return False
    return telling(decode_arguments(case.arguments), output) > 0


_CONTAINER = ("(", "[", "{")
_LEAF = re.compile(r"[^][(){}, :]")
_STRING = re.compile(r"'([^'\\]*+(?:\\.[^'\\]*+)*+)'|\"([^\"\\]*+(?:\\.[^\"\\]*+)*+)\"")


def _may_echo(text: str, arguments: str) -> bool:
    """False where the literal of a text surely is no argument, however written."""
    content = text.strip("b'\"")
    return not content or "\\" in content or "{" in content or content in arguments


def _has_lone_text(case: Showable) -> bool:
    """Whether one text, and not more, is in the container, and it may be of the arguments."""
    said = [one or other for one, other in _STRING.findall(case.output) if one or other]
    return len(said) == 1 and _may_echo(said[0], case.arguments)


def _fitting(cases: Sequence[Showable], order: Sequence[int], count: int, chars: int) -> list[int]:
    """The first `count` indexes of the order whose cases fit into `chars` together."""
    chosen: list[int] = []
    for index in order:
        if len(chosen) == count:
            break
        size = len(cases[index].arguments) + len(cases[index].output)
        if size <= chars:
            chosen.append(index)
            chars -= size
    return chosen
