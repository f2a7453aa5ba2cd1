"""Programs from examples, outside of any data set. No task runs, no artifacts."""

import os
from pathlib import Path

from sandbox import Limits
from tasks.errors import ConfigError
from tasks.evaluation.case_files import read_cases
from tasks.evaluation.jails import Jails
from tasks.evaluation.solving import Solution, SolveConfig
from tasks.evaluation.solving import solve as solve_cases
from tasks.models.opening import open_generator
from tasks.records.writers import model_name
from tasks.settings import load_settings


def solve(path: Path, model: str, config: SolveConfig, name: str = "") -> Solution:
    """The best program for the examples in a file.

    Args:
        path: See `tasks.evaluation.case_files`.
        model: `transformers:MODEL` or `openai:MODEL`.
        config: How many candidates, how they are drawn.
        name: What the function shall be called; empty for what the file says.

    Raises:
        ConfigError, WriterError: With what to do about it.
    """
    cases = read_cases(path, name)
    chosen = model_name(model)
    if chosen is None:
        raise ConfigError(f"{model} is no model")
    generate = open_generator(chosen, load_settings())
    with Jails(Limits(), workers=os.cpu_count() or 1) as jails:
        return solve_cases(cases, generate, jails, config)
