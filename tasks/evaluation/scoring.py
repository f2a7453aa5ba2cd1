"""Verdicts into scores, and the scores of two models into a comparison."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations

from tasks.evaluation.estimates import bootstrap, mcnemar, mean, pass_at_k
from tasks.records.evaluations import Comparison, Excluded, Graded, Reference, Score
from tasks.records.problems import Problem

KS = (1, 5, 10, 100)
"""pass@k is given for these, as far as there are samples."""

By = Callable[[Graded], bool]
Verdicts = dict[str, list[Graded]]
"""Verdicts on the samples of each problem."""


def excluded(references: Iterable[Reference]) -> list[Excluded]:
    """The problems that are in no score."""
    return [
        Excluded(benchmark=one.problem.benchmark, problem=one.problem.id, reason=one.error)
        for one in references
        if one.error
    ]


def scores(
    model: str, example: Problem, graded: Sequence[Graded], without: frozenset[str]
) -> Iterator[Score]:
    """The figures of a model on a benchmark.

    Args:
        model: Its name.
        example: One of its problems, for which figures there are.
        graded: All verdicts on it.
        without: Problems that are left out, but for the paper's own way of counting.
    """
    clean = by_problem(one for one in graded if one.problem not in without)
    whole = by_problem(graded)

    def scored(measure: str, verdicts: Verdicts, values: Iterable[float]) -> Score:
        listed = list(values)
        low, high = bootstrap(listed)
        return Score(
            model=model,
            benchmark=example.benchmark,
            measure=measure,
            problems=len(listed),
            samples=min(map(len, verdicts.values()), default=0),
            value=mean(listed),
            low=low,
            high=high,
        )

    for k in _ks(clean):
        yield scored(f"pass@{k}", clean, _passes(clean, k, lambda one: one.passed))
    if example.base_inputs:
        yield scored("base pass@1", clean, _passes(clean, 1, lambda one: one.base_passed))
    if example.hidden:
        yield scored("cases", clean, map(_share, clean.values()))
    if example.printed:
        yield scored("as printed", whole, _passes(whole, 1, lambda one: one.as_printed))


def by_problem(graded: Iterable[Graded]) -> Verdicts:
    """Verdicts on each problem's samples, in order."""
    found: Verdicts = defaultdict(list)
    for one in graded:
        found[one.problem].append(one)
    return dict(found)


def _ks(verdicts: Verdicts) -> list[int]:
    samples = min(map(len, verdicts.values()), default=0)
    return [k for k in KS if k <= samples]


def _passes(verdicts: Verdicts, k: int, is_right: By) -> Iterator[float]:
    for own in verdicts.values():
        yield pass_at_k(len(own), sum(map(is_right, own)), k)


def _share(own: Sequence[Graded]) -> float:
    """Of all cases of a problem's samples, the share that is right."""
    return sum(one.cases_passed for one in own) / max(1, sum(one.cases for one in own))


def comparisons(
    benchmark: str, verdicts: dict[str, Sequence[Graded]], without: frozenset[str]
) -> Iterator[Comparison]:
    """Each pair of models on the problems of a benchmark, by their first samples."""
    solved = {
        model: {one.problem: one.passed for one in graded if not one.sample}
        for model, graded in verdicts.items()
    }
    for first, second in combinations(solved, 2):
        shared = [
            (solved[first][problem], solved[second][problem])
            for problem in solved[first]
            if problem in solved[second] and problem not in without
        ]
        yield _compared(benchmark, first, second, shared)


def _compared(
    benchmark: str, first: str, second: str, pairs: Sequence[tuple[bool, bool]]
) -> Comparison:
    gains = [float(right) - float(left) for left, right in pairs]
    low, high = bootstrap(gains)
    ahead, behind = gains.count(1.0), gains.count(-1.0)
    return Comparison(
        benchmark=benchmark,
        first=first,
        second=second,
        problems=len(pairs),
        difference=mean(gains),
        low=low,
        high=high,
        first_only=behind,
        second_only=ahead,
        p_value=mcnemar(behind, ahead),
    )
