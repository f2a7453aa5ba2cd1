"""Runs the benchmarks' own solutions: what they answer is what others are compared with.

Each problem keeps a few probes of its own; the problems of one number of arguments share their
heralds, some tens of inputs on which a function shows for which types it works at all. A problem
that nearly any function solves, or none can, is excluded with its reason.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sandbox import Call, Limits, Outcome, Program, Sandbox, Status, decode
from sandbox.verdict import Trial, judge
from tasks.decontaminate.inputs import call_of, inputs_of, pattern
from tasks.decontaminate.texts import description, ngrams
from tasks.programs.behaviour import loose
from tasks.programs.identity import identity
from tasks.records.problems import Probe, Problem, SolvedProblem

MAX_PROBES = 4
ENOUGH_ANSWERS = 3
"""Distinct answers after which no further probe is needed."""
CANDIDATES = 6
"""Inputs that all problems of a pattern share, at most."""
HERALDS = 2
"""Heralds of each problem, where there are so many on which its own solution returns."""
MIN_TESTS = 3
"""Fewer inputs than this and chance is no evidence."""


PROBING = Limits(cpu_seconds=0.05)
"""Of a call with an input of a test, all of which take solutions a fraction of it."""


def solve(
    problems: Sequence[Problem], sandbox: Sandbox, prober: Sandbox
) -> Iterator[SolvedProblem]:
    """Each problem with what its own solution answers, in order.

    Args:
        problems: Of any benchmarks.
        sandbox: With the limits of tests.
        prober: With the limits `PROBING`.
    """
    inputs = [inputs_of(problem) for problem in problems]
    answers = [
        _answers(texts, outcomes)
        for texts, outcomes in zip(inputs, _run(problems, inputs, sandbox), strict=True)
    ]
    passed = [verdict.passed for verdict in judge(sandbox, map(_trial, problems))]
    reasons = [
        _reason(texts, known, fine)
        for texts, known, fine in zip(inputs, answers, passed, strict=True)
    ]
    chosen = [_probes(known) for known in answers]
    works = _answers_on_candidates(problems, chosen, reasons, prober)
    heralds = _heralds(works, chosen)
    for number, problem in enumerate(problems):
        texts = inputs[number]
        yield SolvedProblem(
            problem=problem,
            arity=len(call_of(texts[0]).args) if texts else 0,
            identity=identity(problem.solution, problem.entry),
            ngrams=tuple(sorted(ngrams(problem.solution))),
            description=description(problem),
            probes=chosen[number],
            others=_others(works.get(number, {}), texts),
            heralds=heralds.get(number, ()),
            excluded=reasons[number],
        )


def _trial(problem: Problem) -> Trial:
    return Trial(source_of(problem), problem.entry, problem.tests)


def source_of(problem: Problem) -> str:
    """The benchmark's own answer as a program."""
    return f"{problem.context}\n{problem.solution}"


def _run(
    problems: Sequence[Problem], inputs: Sequence[Sequence[str]], sandbox: Sandbox
) -> Iterable[Sequence[Outcome]]:
    return sandbox.run(
        Program(source_of(problem), problem.entry, tuple(map(call_of, texts)) or (Call(),))
        for problem, texts in zip(problems, inputs, strict=True)
    )


def _answers(texts: Sequence[str], outcomes: Sequence[Outcome]) -> dict[str, str]:
    """Answers by input, where there is one."""
    return {
        text: outcome.value
        for text, outcome in zip(texts, outcomes, strict=False)
        if outcome.status is Status.OK and outcome.value is not None
    }


def _reason(texts: Sequence[str], answers: Mapping[str, str], passed: bool) -> str:
    """Why a problem cannot be known by behaviour; empty where it can."""
    if not passed:
        return "its own solution does not pass its tests"
    if not texts:
        return "its tests pass nothing that can be written as a literal"
    if len(answers) < MIN_TESTS:
        return f"fewer than {MIN_TESTS} inputs with an answer that can be written"
    values = {text: loose(decode(value)) for text, value in answers.items()}
    if len(set(values.values())) == 1:
        return "constant: every test expects the same answer"
    for place in range(len(call_of(texts[0]).args)):
        if all(loose(call_of(text).args[place]) == value for text, value in values.items()):
            return "identity: every test expects an argument as it is"
    return ""


def _probes(answers: Mapping[str, str]) -> tuple[Probe, ...]:
    """The shortest inputs that give new answers, then the shortest of the others."""
    first: dict[object, str] = {}
    for text, value in answers.items():
        first.setdefault(loose(decode(value)), text)
    telling = list(first.values())[:ENOUGH_ANSWERS]
    others = [text for text in answers if text not in telling]
    room = 0 if len(telling) >= ENOUGH_ANSWERS else MAX_PROBES - len(telling)
    return tuple(Probe(arguments=text, answer=answers[text]) for text in telling + others[:room])


def _answers_on_candidates(
    problems: Sequence[Problem],
    probes: Sequence[Sequence[Probe]],
    reasons: Sequence[str],
    prober: Sandbox,
) -> dict[int, dict[str, str]]:
    """What each solution that counts answers to the shortest inputs of its pattern."""
    patterns: dict[str, list[int]] = defaultdict(list)
    for number, own in enumerate(probes):
        if own and not reasons[number]:
            patterns[pattern(own[0].arguments)].append(number)
    tried = {
        number: candidates
        for members in patterns.values()
        for candidates in [_candidates(members, probes)]
        for number in members
    }
    outcomes = _run([problems[number] for number in tried], list(tried.values()), prober)
    return {
        number: _answers(texts, ran)
        for (number, texts), ran in zip(tried.items(), outcomes, strict=True)
    }


def _candidates(members: Sequence[int], probes: Sequence[Sequence[Probe]]) -> list[str]:
    shortest = dict.fromkeys(probe.arguments for number in members for probe in probes[number])
    return sorted(shortest, key=lambda text: (len(text), text))[:CANDIDATES]


def _others(works: Mapping[str, str], own: Sequence[str]) -> tuple[Probe, ...]:
    return tuple(
        Probe(arguments=text, answer=answer) for text, answer in works.items() if text not in own
    )


def _heralds(
    works: Mapping[int, Mapping[str, str]], probes: Sequence[Sequence[Probe]]
) -> dict[int, tuple[str, ...]]:
    """For each problem the inputs that serve most problems, so that all of them share few."""
    uses = Counter(text for texts in works.values() for text in texts)
    ranked = sorted(uses, key=lambda text: (-uses[text], len(text), text))
    return {
        number: tuple([text for text in ranked if text in texts][:HERALDS])
        or (probes[number][0].arguments,)
        for number, texts in works.items()
    }
