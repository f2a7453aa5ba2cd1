"""Inputs for functions, shard by shard: every round of every search goes to the sandbox together.

What is written for a function depends on the function, its answers, the config and the seed,
never on the functions beside it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from random import Random

from sandbox import Limits, Outcome, Program, Status
from tasks.inputs.answers import parse_answer
from tasks.inputs.choice import choose
from tasks.inputs.kinds import of_main_kinds
from tasks.inputs.search import Search
from tasks.inputs.trials import Trial
from tasks.programs.calls import bind
from tasks.records.cases import Answer, Input, WrittenFunction
from tasks.records.configs import InputsConfig
from tasks.records.drops import Drop, DropReason
from tasks.records.functions import Function

Runner = Callable[[Sequence[Program]], Iterable[tuple[Outcome, ...]]]
"""Runs programs with arcs: for each, the outcomes of its calls, in order."""

LIMITS = Limits(cpu_seconds=0.25, steps=30_000)
"""For the runner: an input worth showing needs no more, and most of the time of a search would
go into those that do."""
STEP = "inputs"
MAX_DETAIL = 200
NOT_SEARCHED = "no model wrote inputs, and nothing was searched"
Answers = Mapping[str, Sequence[Answer]]
"""What models wrote, by `Function.id`."""
BESIDE = 128
"""Functions whose searches run beside each other: what a batch of the sandbox is filled from."""


def write_inputs(
    functions: Sequence[Function],
    answers: Answers,
    run: Runner,
    config: InputsConfig,
    seed: int,
) -> Iterator[WrittenFunction | Drop]:
    """For each function, in order, its chosen inputs, or the reason that it has none.

    `answers` are what models wrote, by `Function.id`.
    """
    for written in _all_written(functions, answers, run, config, seed):
        yield _or_drop(written, answers.get(written.function.id, ()))


def search_inputs(
    functions: Sequence[Function], run: Runner, config: InputsConfig | None, seed: int
) -> Iterator[WrittenFunction]:
    """For each function, in order, what the search finds without any model: inputs or none.

    Without a config nothing is searched: models write all.
    """
    if config is None:
        for function in functions:
            yield WrittenFunction(
                function=function, inputs=(), tried=0, coverage=0.0, failure=NOT_SEARCHED
            )
    else:
        yield from _all_written(functions, {}, run, config, seed)


def stack_inputs(
    searched: Sequence[WrittenFunction],
    answers: Answers,
    run: Runner,
    config: InputsConfig,
    seed: int,
) -> Iterator[WrittenFunction | Drop]:
    """As `write_inputs`, for functions that were searched before.

    Those with answers are searched anew from the rows of the answers; the others stay as they are.
    Rows of a wrong shape can mislead a search: what it finds with them counts only where it is no
    less than what was found without.
    """
    answered = [w.function for w in searched if any(a.text for a in answers.get(w.function.id, ()))]
    ids = {function.id for function in answered}
    anew = _all_written(answered, answers, run, config, seed)
    for written in searched:
        last = max(next(anew), written, key=_worth) if written.function.id in ids else written
        yield _or_drop(last, answers.get(written.function.id, ()))


def _worth(written: WrittenFunction) -> tuple[int, float]:
    return len(written.inputs), written.coverage


def _all_written(
    functions: Sequence[Function],
    answers: Answers,
    run: Runner,
    config: InputsConfig,
    seed: int,
) -> Iterator[WrittenFunction]:
    for start in range(0, len(functions), BESIDE):
        group = functions[start : start + BESIDE]
        searches = [_search(function, answers, config, seed) for function in group]
        _search_all([search for search in searches if isinstance(search, Search)], run)
        for search in searches:
            yield search if isinstance(search, WrittenFunction) else _written(search, config)


def _or_drop(written: WrittenFunction, answers: Sequence[Answer]) -> WrittenFunction | Drop:
    if written.inputs:
        return written
    said = [f"{answer.model}: {answer.error}" for answer in answers if answer.error]
    return Drop(
        step=STEP,
        reason=DropReason.NO_VALID_INPUT,
        subject=written.function.id,
        detail="; ".join([written.failure, *said])[:MAX_DETAIL],
        record=written.function.model_dump_json(),
    )


def _search(
    function: Function, answers: Answers, config: InputsConfig, seed: int
) -> Search | WrittenFunction:
    rows = [
        (answer.model, values)
        for answer in sorted(answers.get(function.id, ()), key=lambda a: (a.model, a.sample))
        for values in parse_answer(answer.text, function.parameters)
    ]
    rng = Random(f"{seed}:{function.id}")  # noqa: S311 - draws inputs, guards nothing
    try:
        return Search(function, rows, config, rng)
    except ValueError as error:
        failure = f"{Status.BAD_PROGRAM} {error}"[:MAX_DETAIL]
        return WrittenFunction(function=function, inputs=(), tried=0, coverage=0.0, failure=failure)


def _search_all(searches: Sequence[Search], run: Runner) -> None:
    active = list(searches)
    while active:
        proposals = [(search, search.propose()) for search in active]
        proposals = [(search, trials) for search, trials in proposals if trials]
        programs = [_program(search.function, trials) for search, trials in proposals]
        outcomes = run(programs) if programs else ()
        for (search, trials), results in zip(proposals, outcomes, strict=True):
            search.learn(trials, results)
        active = [search for search, _ in proposals]


def _program(function: Function, trials: Sequence[Trial]) -> Program:
    calls = tuple(bind(function.parameters, trial.values) for trial in trials)
    return Program(function.program, function.name, calls)


def _written(search: Search, config: InputsConfig) -> WrittenFunction:
    fitting = of_main_kinds(search.record.valid, search.shapes)
    chosen = choose(fitting, config.chosen, search.natural)
    record = search.record
    return WrittenFunction(
        function=search.function,
        inputs=tuple(Input(arguments=t.arguments, writer=t.writer) for t in chosen),
        tried=len(record.trials),
        valid=len(record.valid),
        outputs=len(record.outputs),
        predicate=record.outputs <= {"True", "False"},
        coverage=search.coverage,
        failure="" if chosen else _common_failure(record.trials),
    )


def _common_failure(trials: Sequence[Trial]) -> str:
    """The outcome that came most often, the first seen of those that came equally often."""
    outcomes = [trial.outcome for trial in trials if trial.outcome is not None]
    failures = Counter(f"{each.status} {each.error}".strip() for each in outcomes)
    return failures.most_common(1)[0][0] if failures else "no input could be built"
