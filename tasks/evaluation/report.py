"""The page of an evaluation: scores, comparisons, what was left out, every answer."""

from collections.abc import Iterator, Mapping, Sequence

from tasks.records.evaluations import Completion, Evaluation, Graded, Reason, Score
from tasks.records.problems import Problem
from tasks.reports import parts, plots
from tasks.reports.page import Fact, Section, page

MAX_ANSWERS = 2_000
"""In the page; all of them are in the tables beside it."""
FACTS = 6

_LEAD = """\
Every verdict was made in a sandbox, by CPU time, with the expected answers kept out of it \
wherever a test allows that. Intervals are 95 %, by drawing the problems anew."""
_COMPARED = """\
By the first completion of each problem. The p-value is that of McNemar's exact test: how likely \
such a difference is if both solve problems equally often."""


def page_of(
    evaluation: Evaluation,
    problems: Sequence[Problem],
    completions: Mapping[str, Sequence[Completion]],
    graded: Mapping[str, Sequence[Graded]],
) -> str:
    """The whole HTML text."""
    items = list(_items(problems, completions, graded))
    sections = [
        Section("Scores", _scores(evaluation)),
        *_optional(evaluation),
        Section("Verdicts", _verdicts(graded), lead="Why completions passed or failed."),
        Section("Answers", parts.browser(items, noun="answers")),
    ]
    return page(
        " and ".join(evaluation.models),
        sections,
        kicker="Evaluation",
        lead=_LEAD + _warning(evaluation),
        facts=[_fact(score, len(evaluation.models)) for score in _main(evaluation)[:FACTS]],
        footer=_footer(evaluation),
    )


def _warning(evaluation: Evaluation) -> str:
    if evaluation.limit is None:
        return ""
    return f" Only the first {evaluation.limit} problems of each benchmark were asked: no score."


def _main(evaluation: Evaluation) -> list[Score]:
    return [score for score in evaluation.scores if score.measure == "pass@1"]


def _fact(score: Score, models: int) -> Fact:
    return Fact(
        f"{score.value:.1%}",
        f"{score.benchmark}, {score.measure}" + (f", {score.model}" if models > 1 else ""),
        f"{score.low:.1%} to {score.high:.1%}",
    )


def _scores(evaluation: Evaluation) -> str:
    columns = ["model", "benchmark", "measure", "problems", "samples", "score"]
    columns += ["low", "high"]
    rows: list[list[parts.Cell]] = [
        [
            *(score.model, score.benchmark, score.measure, score.problems, score.samples),
            *(f"{value:.1%}" for value in (score.value, score.low, score.high)),
        ]
        for score in evaluation.scores
    ]
    points = [
        plots.Point(_label(score, len(evaluation.models)), *_ends(score))
        for score in evaluation.scores
    ]
    drawn = [("Shares with their intervals", plots.intervals("scores", points, x="per cent"))]
    return parts.together(parts.table(columns, rows), parts.figures(drawn))


def _label(score: Score, models: int) -> str:
    own = f", {score.model[-12:]}" if models > 1 else ""
    return f"{score.benchmark} {score.measure}{own}"


def _ends(score: Score) -> tuple[float, float, float]:
    return 100 * score.value, 100 * score.low, 100 * score.high


def _optional(evaluation: Evaluation) -> Iterator[Section]:
    """What only some evaluations have."""
    if evaluation.comparisons:
        yield Section("Comparison", _compared(evaluation), lead=_COMPARED)
    if evaluation.contamination:
        yield Section("Contamination", _contaminated(evaluation), lead=_source(evaluation))
    if evaluation.excluded:
        rows = [[one.benchmark, one.problem, one.reason] for one in evaluation.excluded]
        yield Section(
            "Left out",
            parts.table(["benchmark", "problem", "why nobody can be graded on it"], rows),
            lead="In no score, but for the paper's own way of counting (as printed).",
        )


def _source(evaluation: Evaluation) -> str:
    return f"What the training data {evaluation.training_data[:12]} says of the benchmarks."


def _compared(evaluation: Evaluation) -> str:
    columns = ["benchmark", "first", "second", "difference", "low", "high"]
    columns += ["only first", "only second", "p"]
    rows: list[list[parts.Cell]] = [
        [
            *(one.benchmark, one.first, one.second),
            *(f"{100 * value:+.1f}" for value in (one.difference, one.low, one.high)),
            *(one.first_only, one.second_only, f"{one.p_value:.3f}"),
        ]
        for one in evaluation.comparisons
    ]
    return parts.table(columns, rows)


def _contaminated(evaluation: Evaluation) -> str:
    rows: list[list[parts.Cell]] = [
        [one.benchmark, one.problems_found, one.problems, one.action]
        for one in evaluation.contamination
    ]
    return parts.table(["benchmark", "problems it held", "of", "they were"], rows)


def _verdicts(graded: Mapping[str, Sequence[Graded]]) -> str:
    rows: list[list[parts.Cell]] = [
        [reason, *(sum(one.reason is reason for one in own) for own in graded.values())]
        for reason in Reason
    ]
    return parts.table(["reason", *graded], [row for row in rows if any(row[1:])])


def _items(
    problems: Sequence[Problem],
    completions: Mapping[str, Sequence[Completion]],
    graded: Mapping[str, Sequence[Graded]],
) -> Iterator[parts.Item]:
    known = {(problem.benchmark, problem.id): problem for problem in problems}
    left = MAX_ANSWERS
    for model, verdicts in graded.items():
        said = {(one.benchmark, one.problem, one.sample): one for one in completions[model]}
        for one in verdicts[:left]:
            completion = said[one.benchmark, one.problem, one.sample]
            yield _item(model, known[one.benchmark, one.problem], completion, one)
        left = max(0, left - len(verdicts))


def _item(model: str, problem: Problem, completion: Completion, verdict: Graded) -> parts.Item:
    cases = f"{verdict.cases_passed} of {verdict.cases} cases right" if verdict.cases else ""
    result = "\n".join(part for part in (verdict.reason, verdict.detail, cases) if part)
    return parts.Item(
        title=problem.id,
        subtitle=f"{problem.entry}, {verdict.reason}",
        facets={
            "model": model,
            "benchmark": problem.benchmark,
            "verdict": "passed" if verdict.passed else "failed",
            "reason": str(verdict.reason),
        },
        blocks=(
            parts.Block("Verdict", text=result),
            parts.Block("Prompt", text=problem.prompt),
            parts.Block("Answer", text=completion.text + _cut(completion)),
            parts.Block("What was run", text=verdict.program, language="python"),
            parts.Block("The benchmark's own solution", text=problem.solution, language="python"),
        ),
    )


def _cut(completion: Completion) -> str:
    return "\n[its tokens were used up]" if completion.cut else ""


def _footer(evaluation: Evaluation) -> str:
    ask = evaluation.ask
    drawing = "greedy" if not ask.temperature else f"temperature {ask.temperature:g}"
    files = ", ".join(
        f"{file.name} {file.sha256[:12]}{'' if file.pinned else ' (not a known file)'}"
        for file in evaluation.benchmarks
    )
    return f"Style {ask.style}, {drawing}, {ask.max_tokens} tokens at most. {files}."
