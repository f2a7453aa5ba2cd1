"""The flow of the method's inference: programs from examples, outside of any data set."""

import os
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

from prefect import flow
from prefect.runtime import flow_run
from pydantic import Field

from flows.evaluate_model import identities
from flows.run_record import Stopwatch
from flows.shards import ShardRun
from tasks.evaluation.case_files import read_cases
from tasks.evaluation.solving_step import solve_examples
from tasks.evaluation.step import EvaluatedAt
from tasks.models.stored import fetched
from tasks.records.solutions import Examples, SolveConfig, SolveSummary
from tasks.settings import load_settings
from tasks.store.artifacts import open_store


@flow(name="solve", flow_run_name="solve {path}", persist_result=False)
def solve(  # noqa: PLR0913, PLR0917 - a default for most
    path: Path,
    model: str,
    config: SolveConfig | None = None,
    name: str = "",
    store: str = "",
    workers: Annotated[int, Field(gt=0)] = os.cpu_count() or 1,
) -> SolveSummary:
    """The best program for the examples in a file.

    Args:
        path: See `tasks.evaluation.case_files`.
        model: `transformers:MODEL` or `openai:MODEL`; one of the store is
            `transformers:BASE+adapter:DIGEST`.
        config: How many candidates, how they are drawn.
        name: What the function shall be called; empty for what the file says.
        store: Where answers are kept: a folder or s3://bucket/prefix; empty for the settings'.
        workers: Jails at work at once. Changes nothing in the result.

    Raises:
        ConfigError, WriterError, StoreError: With what to do about it.
    """
    watch = Stopwatch()
    read_cases(path, name)  # a file that holds no examples is said so before the model is looked at
    url = store or load_settings().store_url
    with ExitStack() as stack:
        opened = stack.enter_context(open_store(url, load_settings()))
        models = identities((stack.enter_context(fetched(opened, model)),))
        place = EvaluatedAt(store=url, models=models, workers=workers)
        run = stack.enter_context(ShardRun(place, workers=1))
        solution = run.once(
            solve_examples,
            examples=Examples(text=path.read_text(encoding="utf-8"), suffix=path.suffix, name=name),
            model=next(iter(models)),
            config=config or SolveConfig(),
        )
    return SolveSummary(
        solution=solution,
        flow_run=str(flow_run.get_id()),
        task_runs=run.accounts.task_runs,
        cached_steps=run.accounts.cached,
        seconds=watch.seconds,
    )
