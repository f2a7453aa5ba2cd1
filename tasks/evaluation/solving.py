"""The inference of the method: programs from examples, tried before they are believed.

A model writes candidates; each runs in the sandbox on all examples; of those that give every
output the simplest is the answer. Where none does, the nearest is, and it is called that. With
`repair`, the nearest go back to the model with what they got wrong.
"""

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sandbox import Outcome, Program, Status, decode
from sandbox.parsing import parse_module
from tasks.evaluation.case_files import Cases, fails
from tasks.evaluation.equality import loosely_equal
from tasks.evaluation.extraction import first_block
from tasks.evaluation.jails import Jails, told
from tasks.models.requests import Generate, Message, Request
from tasks.records.base import digest_of
from tasks.records.solutions import Evidence, Solution, SolveConfig

MENDED = 4
"""Of the nearest candidates, how many go back to the model in a round."""
MAX_SHOWN = 20
"""Examples in the prompt; all of them are run."""
MAX_FAILURES = 5

_TASK = """\
Write a Python function called `{name}` that works as shown here.

{examples}

Answer with the function alone, in one block of code."""
_MEND = """\
That is not right:

{failures}

Write the whole function again, corrected."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A program, and what it made of each example."""

    source: str
    messages: tuple[Message, ...]
    """What it was the answer to."""
    outcomes: tuple[Outcome, ...]
    right: tuple[bool, ...]

    def rank(self) -> tuple[int, int, int, str]:
        """The best comes first: most right, then fewest parts, then shortest."""
        return -sum(self.right), complexity(self.source), len(self.source), self.source


def solve(cases: Cases, generate: Generate, jails: Jails, config: SolveConfig) -> Solution:
    """The best program for the examples. Raises WriterError where the model does not answer."""
    asked = [task_for(cases)] * config.samples
    tried: dict[str, Candidate] = {}
    rounds = 0
    for rounds in range(config.repair + 1):
        for candidate in _tried(cases, asked, rounds, generate, jails, config):
            tried.setdefault(candidate.source, candidate)
        nearest = sorted(tried.values(), key=Candidate.rank)[:MENDED]
        if not nearest or all(nearest[0].right):
            break
        asked = [_mending(cases, one) for one in nearest]
    return _solution(cases, list(tried.values()), rounds + 1)


def task_for(cases: Cases) -> tuple[Message, ...]:
    """The chat that asks for a program."""
    examples = "\n".join(cases.shown()[:MAX_SHOWN])
    return (Message("user", _TASK.format(name=cases.name, examples=examples)),)


def complexity(source: str) -> int:
    """Nodes of the syntax tree; more than any tree has where there is none."""
    try:
        return sum(1 for _ in ast.walk(parse_module(source)))
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return 1 << 30


def _tried(  # noqa: PLR0913, PLR0917 - what a round is made of
    cases: Cases,
    asked: Sequence[tuple[Message, ...]],
    round_: int,
    generate: Generate,
    jails: Jails,
    config: SolveConfig,
) -> Iterator[Candidate]:
    answers = dict(_answers(cases, asked, round_, generate, config))
    programs = [Program(source, cases.name, cases.calls) for source in answers]
    for (source, messages), outcomes in zip(answers.items(), jails.ask(programs), strict=True):
        right = tuple(map(_is_right, outcomes, cases.outputs))
        yield Candidate(source, messages, outcomes, right)


def _answers(
    cases: Cases,
    asked: Sequence[tuple[Message, ...]],
    round_: int,
    generate: Generate,
    config: SolveConfig,
) -> Iterator[tuple[str, tuple[Message, ...]]]:
    """Each program with what it answers, in the order of asking."""
    requests = list(_requests(asked, round_, config))
    replies = {reply.key: reply for reply in generate(requests)}
    for request in requests:
        source = first_block(replies[request.key].text, cases.name).strip()
        if source:
            yield source, request.messages


def _requests(
    asked: Iterable[tuple[Message, ...]], round_: int, config: SolveConfig
) -> Iterator[Request]:
    for sample, messages in enumerate(asked):
        yield Request(
            key=f"{round_}:{sample}",
            messages=messages,
            # The likeliest answer first, then others.
            temperature=config.temperature if sample or round_ else 0.0,
            max_tokens=config.max_tokens,
            seed=int(digest_of(str(config.seed), str(round_), str(sample))[:7], 16),
            sample=sample,
        )


def _is_right(outcome: Outcome, expected: object) -> bool:
    return (
        outcome.status is Status.OK
        and outcome.value is not None
        and loosely_equal(decode(outcome.value), expected)
    )


def _mending(cases: Cases, candidate: Candidate) -> tuple[Message, ...]:
    results = [
        "" if right else told(outcome)
        for outcome, right in zip(candidate.outcomes, candidate.right, strict=True)
    ]
    failures = "\n".join(fails(cases, results).split("\n")[:MAX_FAILURES])
    return (
        *candidate.messages[:1],
        Message("assistant", f"```python\n{candidate.source}\n```"),
        Message("user", _MEND.format(failures=failures)),
    )


def _solution(cases: Cases, tried: Sequence[Candidate], rounds: int) -> Solution:
    best = min(tried, key=Candidate.rank, default=None)
    return Solution(
        solved=best is not None and all(best.right),
        source=best.source if best else "",
        evidence=tuple(_evidence(cases, best)) if best else (),
        candidates=len(tried),
        passing=sum(all(one.right) for one in tried),
        rounds=rounds,
    )


def _evidence(cases: Cases, candidate: Candidate) -> Iterator[Evidence]:
    lines = cases.shown()
    for line, outcome, right in zip(lines, candidate.outcomes, candidate.right, strict=True):
        call, expected = line.removeprefix(">>> ").split("\n", 1)
        result = outcome.value if outcome.value is not None else told(outcome)
        yield Evidence(call=call, expected=expected, result=result, right=right)
