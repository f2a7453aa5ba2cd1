"""Finds functions that solve a benchmark's problem, by their text and by what they do.

By behaviour means: it passes the benchmark's own tests. To ask that of every function for every
problem of its number of arguments, it is first called with one or two of the inputs that problems
share, then with the rest of these for those that it may still solve, then with the probes of the
problems with which it mostly agrees. Only where it agrees on all of a problem's probes do the tests
run, and where an extended benchmark has further inputs, it must agree on most of these too: three
assertions let chance through. All in the sandbox, in batches.

Covered: calls by position, with every number of arguments that the signature allows. Not covered:
a function that takes the problem's arguments in another order, or answers in another type.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from math import ceil

from sandbox import Outcome, Program, Sandbox, Status
from sandbox.verdict import Trial, judge
from tasks.decontaminate.inputs import call_of
from tasks.decontaminate.texts import MIN_NGRAMS, MIN_WORDS, ngrams, windows, words
from tasks.programs.behaviour import arities, loose
from tasks.records.functions import Function
from tasks.records.problems import Hit, Probe, SolvedProblem

WINDOW = 512
"""Functions asked at a time: batches of the sandbox are filled from them."""
MAX_NUMBERS = 2
"""Numbers of arguments with which one function is tried, fewest first."""

MIN_FURTHER = 0.75
"""Of the inputs of an extended benchmark, all of which the problem speaks of."""
MIN_AGREEMENT = 2 / 3
"""Of the inputs that problems share. Three assertions about a bool say little; and two sound
solutions may differ where the problem says nothing."""

TextsOf = Sequence[Mapping[str, str]]
"""Arguments to ask for each problem, with the answers of its solution."""


class TextIndex:
    """Problems by what can be read off a function."""

    def __init__(self, problems: Sequence[SolvedProblem], min_share: float) -> None:
        self._problems = problems
        self._min_share = min_share
        self._by_identity: dict[str, list[int]] = defaultdict(list)
        self._by_ngram: dict[int, list[int]] = defaultdict(list)
        self._by_words: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for number, solved in enumerate(problems):
            self._add(number, solved)

    def _add(self, number: int, solved: SolvedProblem) -> None:
        self._by_identity[solved.identity].append(number)
        if len(solved.ngrams) >= MIN_NGRAMS:
            for one in solved.ngrams:
                self._by_ngram[one].append(number)
        if solved.description:
            self._by_words[tuple(solved.description.split()[:MIN_WORDS])].append(number)

    def find(self, function: Function) -> dict[int, tuple[str, str]]:
        """Evidence and its detail, by number of the problem; the strongest of each."""
        found: dict[int, tuple[str, str]] = {}
        for number in self._by_identity.get(function.identity, ()):
            found[number] = ("syntax", "the solution but for names")
        for number, share in self._shares(function):
            found.setdefault(number, ("ngrams", f"{share:.0%} of the solution's 10-grams"))
        for number in self._described(function):
            found.setdefault(number, ("docstring", "the problem in words"))
        return found

    def _shares(self, function: Function) -> Iterator[tuple[int, float]]:
        shared = Counter(
            number for one in ngrams(function.program) for number in self._by_ngram.get(one, ())
        )
        for number, count in sorted(shared.items()):
            share = count / len(self._problems[number].ngrams)
            if share >= self._min_share:
                yield number, share

    def _described(self, function: Function) -> list[int]:
        begun = {
            number
            for window in windows(function.program)
            for number in self._by_words.get(window, ())
        }
        if not begun:
            return []
        text = f" {' '.join(words(function.program))} "
        return sorted(n for n in begun if f" {self._problems[n].description} " in text)


@dataclass(slots=True)
class _Asked:
    """A function and the problems that it may solve, with what it answered so far."""

    function: Function
    left: list[int]
    answers: dict[str, str]
    """What it returned by arguments, as `loose` literals."""


class BehaviourIndex:
    """Problems by number of arguments, to be asked of functions in rounds that grow fewer."""

    def __init__(
        self, problems: Sequence[SolvedProblem], prober: Sandbox, sandbox: Sandbox
    ) -> None:
        self._problems = problems
        self._prober, self._sandbox = prober, sandbox
        self._by_arity: dict[int, list[int]] = defaultdict(list)
        for number, solved in enumerate(problems):
            if not solved.excluded:
                self._by_arity[solved.arity].append(number)
        self._probes = [_golds(solved.probes) for solved in problems]
        self._shared = [_golds(solved.shared) for solved in problems]
        self._further = [_golds(solved.further) for solved in problems]
        self._needed = [ceil(MIN_AGREEMENT * len(shared)) for shared in self._shared]
        self._first = [
            _some(shared, len(shared) - needed + 1)
            for shared, needed in zip(self._shared, self._needed, strict=True)
        ]
        """As few of the shared inputs as rule a problem out where none of them agrees."""
        self._by_answer: dict[tuple[str, str], list[int]] = defaultdict(list)
        for number, shared in enumerate(self._shared):
            for pair in shared.items():
                self._by_answer[pair].append(number)

    def find(
        self, functions: Sequence[Function], known: Sequence[Mapping[int, object]]
    ) -> list[list[int]]:
        """For each function the problems whose tests it passes, those known already left out."""
        asked = [
            _Asked(function, [n for n in self._of_arity(function) if n not in already], {})
            for function, already in zip(functions, known, strict=True)
        ]
        for texts_of, that_fit in (
            (self._first, self._may_agree),
            (self._shared, self._mostly_agree),
            (self._probes, self._agree),
        ):
            self._ask(asked, texts_of)
            for one in asked:
                one.left = that_fit(one)
        for one, passed in zip(asked, self._judged(asked), strict=True):
            one.left = passed
        self._ask(asked, self._further)
        return [list(filter(partial(self._goes_on, one), one.left)) for one in asked]

    def _goes_on(self, one: _Asked, number: int) -> bool:
        """Whether it agrees with the problem beyond its tests, as far as that can be known."""
        further = self._further[number]
        same = sum(one.answers.get(text) == gold for text, gold in further.items())
        return same >= MIN_FURTHER * len(further)

    def _of_arity(self, function: Function) -> list[int]:
        numbers = arities(function.parameters)[:MAX_NUMBERS]
        return [problem for number in numbers for problem in self._by_arity.get(number, ())]

    def _ask(self, asked: Sequence[_Asked], texts_of: TextsOf) -> None:
        """Calls each function with the texts of the problems that are left to it."""
        texts = [_unasked(one, texts_of) for one in asked]
        busy = [(one, own) for one, own in zip(asked, texts, strict=True) if own]
        outcomes = self._prober.run(_program(one.function, own) for one, own in busy)
        for (one, own), ran in zip(busy, outcomes, strict=True):
            one.answers |= _answered(own, ran)

    def _may_agree(self, one: _Asked) -> list[int]:
        """The problems with which it may yet agree on most of what they share."""
        same = self._same(one)
        return [number for number in one.left if same[number]]

    def _mostly_agree(self, one: _Asked) -> list[int]:
        """The problems with which it agrees on most of what they share."""
        same = self._same(one)
        return [number for number in one.left if same[number] >= self._needed[number]]

    def _agree(self, one: _Asked) -> list[int]:
        """The problems with which it agrees on all of their probes."""
        return [
            number
            for number in one.left
            if all(one.answers.get(text) == gold for text, gold in self._probes[number].items())
        ]

    def _same(self, one: _Asked) -> Counter[int]:
        """On how many of the shared inputs it agrees so far, by problem."""
        return Counter(
            number for pair in one.answers.items() for number in self._by_answer.get(pair, ())
        )

    def _judged(self, asked: Sequence[_Asked]) -> list[list[int]]:
        pairs = [(at, number) for at, one in enumerate(asked) for number in one.left]
        trials = [_trial(asked[at].function, self._problems[number]) for at, number in pairs]
        passed: list[list[int]] = [[] for _ in asked]
        for (at, number), verdict in zip(pairs, judge(self._sandbox, trials), strict=True):
            if verdict.passed:
                passed[at].append(number)
        return passed


def _unasked(one: _Asked, texts_of: TextsOf) -> list[str]:
    found: dict[str, str] = {}
    for number in one.left:
        found |= texts_of[number]
    return [text for text in found if text not in one.answers]


def _some(shared: Mapping[str, str], count: int) -> dict[str, str]:
    return dict(islice(shared.items(), count))


def _golds(probes: Iterable[Probe]) -> dict[str, str]:
    return {probe.arguments: loose(probe.answer) for probe in probes}


def _program(function: Function, texts: Sequence[str]) -> Program:
    return Program(function.program, function.name, tuple(map(call_of, texts)))


def _answered(texts: Sequence[str], outcomes: Sequence[Outcome]) -> dict[str, str]:
    return {
        text: loose(outcome.value)
        for text, outcome in zip(texts, outcomes, strict=True)
        if outcome.status is Status.OK and outcome.value is not None
    }


def _trial(function: Function, solved: SolvedProblem) -> Trial:
    """The function in the place of the solution, under its name."""
    problem = solved.problem
    alias = "" if function.name == problem.entry else f"\n{problem.entry} = {function.name}\n"
    # What must come first in a program does, and what the tests stand on cannot replace it.
    source = f"{function.program}\n{problem.context}\n{alias}"
    return Trial(source, problem.entry, problem.tests)


def find_hits(
    functions: Iterable[Function],
    texts: TextIndex,
    behaviour: BehaviourIndex | None,
    problems: Sequence[SolvedProblem],
) -> Iterator[Hit]:
    """Every problem that a function solves, with one piece of evidence.

    Args:
        functions: In any number; some hundred are held at a time.
        texts: The problems, to compare with.
        behaviour: The problems, to run; None to compare texts only.
        problems: The problems themselves.
    """
    stream = iter(functions)
    while window := list(islice(stream, WINDOW)):
        known = [texts.find(one) for one in window]
        passed = behaviour.find(window, known) if behaviour else [[] for _ in window]
        for function, read, run in zip(window, known, passed, strict=True):
            found = read | dict.fromkeys(run, ("behaviour", "passes its tests"))
            for number, (evidence, detail) in sorted(found.items()):
                yield _hit(function, problems[number], evidence, detail)


def _hit(function: Function, solved: SolvedProblem, evidence: str, detail: str) -> Hit:
    return Hit(
        function=function.id,
        name=function.name,
        source=f"{function.source}:{function.first_line}",
        benchmark=solved.problem.benchmark,
        problem=solved.problem.id,
        evidence=evidence,
        detail=detail,
    )
