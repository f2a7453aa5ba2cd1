"""The step `solve`."""

from functools import partial

from sandbox import Limits
from tasks.errors import ConfigError
from tasks.evaluation.case_files import cases_in
from tasks.evaluation.completing import asked_once
from tasks.evaluation.jails import Jails
from tasks.evaluation.solving import solve
from tasks.evaluation.step import EvaluatedAt
from tasks.models.keeping import KeptAnswers
from tasks.models.opening import open_generator
from tasks.records.solutions import Examples, Solution, SolveConfig
from tasks.settings import load_settings
from tasks.steps import step, store_at

SOLVE_VERSION = 1


@step("solve", version=SOLVE_VERSION, executes=True)
def solve_examples(
    examples: Examples, model: str, config: SolveConfig, place: EvaluatedAt
) -> Solution:
    """The best of the programs that a model writes for the examples; its answers are kept.

    Raises ConfigError where there are no examples, WriterError where nobody answers.
    """
    settings = load_settings()
    try:
        cases = cases_in(examples.text, examples.suffix, examples.name)
    except ValueError as error:
        raise ConfigError(f"cannot read the examples: {error}") from error
    opened = partial(open_generator, place.name_of(model), settings)
    with (
        store_at(place) as store,
        KeptAnswers(store, model, settings.home) as kept,
        Jails(Limits(), workers=place.workers) as jails,
    ):
        return solve(cases, asked_once(kept, opened), jails, config)
