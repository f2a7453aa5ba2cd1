"""`case2code retry`."""

import os
from contextlib import ExitStack
from typing import Annotated, Any

import typer

from flows.cli.build import as_json, show_build
from flows.cli.evaluate import show_evaluation
from flows.cli.flow_runs import run_flow
from flows.cli.interrupts import SHARDS_FIRST
from flows.cli.screen import print_json, stderr, stdout
from flows.cli.study import show_study
from flows.cli.train import show_training
from flows.server import prefect_api
from tasks.records.evaluations import EvaluationSummary
from tasks.records.steps import BuildSummary
from tasks.records.studies import StudySummary
from tasks.settings import load_settings


def retry(
    run: Annotated[
        str,
        typer.Argument(
            help="Id or name of a flow run, as the Prefect UI and a failed command say it. "
            "Default: the last run that failed.",
            show_default=False,
        ),
    ] = "",
    *,
    here: Annotated[
        bool, typer.Option("--here", help="In this process, even where a worker could take it.")
    ] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="A run that counts as running, because what ran it died."),
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object on standard output at the end.")
    ] = False,
    verbose: Annotated[bool, typer.Option(help="Show Prefect's log.")] = False,
) -> None:
    """Do a failed run again: only what failed and what follows; the rest comes from the cache.

    It stays the same run, with the same parameters. A run of a deployment goes back to its
    worker, as with the button Retry in the Prefect UI. Any other, or one whose worker is
    not there, is done here, in the foreground.
    """
    if not verbose:
        os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    with ExitStack() as stack:
        with stderr.status("finding a Prefect server, or starting one"):
            api = stack.enter_context(prefect_api(load_settings().home))
            found = _Found(run, force=force)
        if found.served and not here:
            _scheduled(found.pressed(), api, json=json)
            return
        stderr.print(f"once more: {found.name}", highlight=False, markup=False)
        summary = run_flow(found.again, SHARDS_FIRST, verbose=verbose)
    _show(summary, found.store, json=json)


class _Found:
    """A flow run that may be done again. Importing what does it takes seconds."""

    def __init__(self, text: str, *, force: bool) -> None:
        from prefect.client.orchestration import get_client  # noqa: PLC0415 - see above

        from flows import rerunning  # noqa: PLC0415 - see above

        self._rerunning = rerunning
        with get_client(sync_client=True) as client:
            self._run = rerunning.find_run(client, text)
            if not force:
                rerunning.require_ended(self._run)
            self.served = rerunning.is_served(client, self._run)
        self.name = self._run.name
        self.store = str(self._run.parameters.get("store", ""))

    def pressed(self) -> str:
        """Puts it back on the schedule; its id."""
        from prefect.client.orchestration import get_client  # noqa: PLC0415 - see above

        with get_client(sync_client=True) as client:
            self._rerunning.press_retry(client, self._run)
        return str(self._run.id)

    def again(self) -> Any:
        """Does it here; what the flow returns."""
        return self._rerunning.rerun_here(self._run)


def _scheduled(flow_run: str, api: str, *, json: bool) -> None:
    page = f"{api.removesuffix('/api')}/runs/flow-run/{flow_run}"
    if json:
        print_json({"flow_run": flow_run, "scheduled": True, "ui": page})
    else:
        stdout.print(f"a worker does it again: {page}", highlight=False, soft_wrap=True)


def _show(summary: Any, store: str, *, json: bool) -> None:
    if json:
        build = isinstance(summary, BuildSummary)
        print_json(as_json(summary) if build else summary.model_dump(mode="json"))
    elif isinstance(summary, BuildSummary):
        show_build(summary, store)
    elif isinstance(summary, EvaluationSummary):
        show_evaluation(summary)
    elif isinstance(summary, StudySummary):
        show_study(summary)
    elif type(summary).__name__ == "TrainSummary":
        show_training(summary)
    else:
        stdout.print_json(summary.model_dump_json())
