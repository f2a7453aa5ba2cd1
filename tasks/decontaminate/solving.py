"""Runs the benchmarks' own solutions: what they answer is what others are compared with.

The problems whose inputs have the same types share some of them, so that a few tens of calls ask a
function about all problems of a number of arguments; each keeps a few probes of its own beside. A
problem that nearly any function solves, or none can, is excluded with its reason.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sandbox import Call, Limits, Outcome, Program, Sandbox, Status, encode
from sandbox.verdict import Trial, judge
from tasks.decontaminate.inputs import call_of, further_inputs_of, inputs_of, pattern
from tasks.decontaminate.texts import description, ngrams
from tasks.programs.behaviour import loose
from tasks.programs.identity import identity
from tasks.records.problems import Probe, Problem, SolvedProblem

MAX_PROBES = 2
"""Of each problem, with two answers where it has them: the tests say the rest."""
CANDIDATES = 12
"""Inputs of a pattern that are tried on all its problems' solutions."""
SHARED = 4
"""Of these, the ones that are kept: together they tell most problems apart."""
FURTHER = 12
"""Inputs of an extended benchmark that are asked of those who pass a problem's few tests."""
MIN_TESTS = 3
"""Fewer inputs than this and chance is no evidence."""


PROBING = Limits(cpu_seconds=0.05)
"""Of a call with an input of a test, all of which take nearly all solutions a fraction of it: the
slowest, `HumanEval/75`, ran into 20 ms on a machine under load."""


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
    further = _further(problems, inputs, sandbox)
    shared = _shared(problems, chosen, reasons, prober)
    for number, problem in enumerate(problems):
        texts = inputs[number]
        yield SolvedProblem(
            problem=problem,
            arity=len(call_of(texts[0]).args) if texts else 0,
            identity=identity(problem.solution, problem.entry),
            ngrams=tuple(sorted(ngrams(problem.solution))),
            description=description(problem),
            probes=chosen[number],
            shared=shared.get(number, ()),
            further=further[number],
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
    values = {text: loose(value) for text, value in answers.items()}
    if len(set(values.values())) == 1:
        return "constant: every test expects the same answer"
    for place in range(len(call_of(texts[0]).args)):
        if all(loose(encode(call_of(text).args[place])) == value for text, value in values.items()):
            return "identity: every test expects an argument as it is"
    return ""


def _probes(answers: Mapping[str, str]) -> tuple[Probe, ...]:
    """The shortest inputs that give new answers, then the shortest of the others."""
    first: dict[str, str] = {}
    for text, value in answers.items():
        first.setdefault(loose(value), text)
    others = [text for text in answers if text not in first.values()]
    chosen = [*first.values(), *others][:MAX_PROBES]
    return tuple(Probe(arguments=text, answer=answers[text]) for text in chosen)


def _further(
    problems: Sequence[Problem], inputs: Sequence[Sequence[str]], sandbox: Sandbox
) -> list[tuple[Probe, ...]]:
    """Inputs of the extended benchmark, where that is among the problems under the same number."""
    extended = {one.id.lower(): list(further_inputs_of(one)) for one in problems if one.plus_inputs}
    asked = [
        _fitting(extended.get(problem.id.lower(), ()), own)
        for problem, own in zip(problems, inputs, strict=True)
    ]
    found = zip(asked, _run(problems, asked, sandbox), strict=True)
    return [
        tuple(Probe(arguments=text, answer=value) for text, value in _answers(texts, ran).items())
        for texts, ran in found
    ]


def _fitting(texts: Sequence[str], own: Sequence[str]) -> list[str]:
    """Some of all lengths with as many arguments as the problem's own."""
    arity = len(call_of(own[0]).args) if own else 0
    fit = sorted((t for t in texts if len(call_of(t).args) == arity), key=lambda t: (len(t), t))
    return fit[:: max(1, len(fit) // FURTHER)][:FURTHER]


def _shared(
    problems: Sequence[Problem],
    probes: Sequence[Sequence[Probe]],
    reasons: Sequence[str],
    prober: Sandbox,
) -> dict[int, tuple[Probe, ...]]:
    """What each solution that counts answers to the inputs that its pattern shares.

    One that answers none of them has its own probes instead: nobody goes unasked.
    """
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
    works = {
        number: _answers(texts, ran)
        for (number, texts), ran in zip(tried.items(), outcomes, strict=True)
    }
    found: dict[int, tuple[Probe, ...]] = {}
    for members in patterns.values():
        kept = _telling(tried[members[0]], [works[number] for number in members])
        for number in members:
            known = works[number]
            found[number] = tuple(
                Probe(arguments=text, answer=known[text]) for text in kept if text in known
            ) or tuple(probes[number])
    return found


def _candidates(members: Sequence[int], probes: Sequence[Sequence[Probe]]) -> list[str]:
    """Probes of all lengths but the longest."""
    found = {probe.arguments for number in members for probe in probes[number]}
    ranked = sorted(found, key=lambda text: (len(text), text))
    steps = range(1, 2 * CANDIDATES, 2)
    return list(dict.fromkeys(ranked[len(ranked) * step // (2 * CANDIDATES)] for step in steps))


def _telling(candidates: Sequence[str], works: Sequence[Mapping[str, str]]) -> list[str]:
    """The few inputs whose answers, taken together, tell most solutions apart."""
    kept: list[str] = []
    for _ in range(min(SHARED, 1 + len(works), len(candidates))):
        left = [text for text in candidates if text not in kept]
        kept.append(max(left, key=lambda text: _told_apart([*kept, text], works)))
    return kept


def _told_apart(texts: Sequence[str], works: Sequence[Mapping[str, str]]) -> tuple[int, int]:
    """Number of different rows of answers, and of answers in all."""
    rows = {tuple(known.get(text) for text in texts) for known in works}
    return len(rows), sum(text in known for known in works for text in texts)
