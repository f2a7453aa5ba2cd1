"""Runs that can be done again: by the button Retry of the Prefect UI, or by `case2code retry`.

The button only puts a flow run back on the schedule: a worker has to take it from there, and a
worker takes runs of deployments. So a command starts its run as one of a deployment of its flow
where the server has one, and works on it in its own process; without one the run is its own.
Either way a second attempt is the same flow run, from the top: what is done comes from the store.

Not covered: a run whose process was killed stays `Running` for the server; see `require_ended`.
"""

import importlib
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterName,
    FlowRunFilterParentTaskRunId,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType, WorkerStatus
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.flow_engine import run_flow
from prefect.flows import Flow
from prefect.states import Pending, Scheduled
from prefect.utilities.callables import get_call_parameters

from tasks.errors import ConfigError, ServerError

P = ParamSpec("P")
R = TypeVar("R")

FLOWS: Mapping[str, str] = {
    "build-dataset": "flows.build_dataset:build_dataset",
    "train-model": "flows.train_model:train_model",
    "evaluate-model": "flows.evaluate_model:evaluate_model",
    "end-to-end": "flows.end_to_end:end_to_end",
    "study": "flows.study:study",
    "solve": "flows.solve:solve",
    "grade-difficulty": "flows.grade_difficulty:grade_difficulty",
    "compare-writers": "flows.compare_writers:compare_writers",
}
"""Where the flow of a name is; only the one that is wanted is imported."""

FROM_A_COMMAND = "command-line"
"""Tag of runs that a command started."""

_ENDED_BADLY = [StateType.FAILED, StateType.CRASHED, StateType.CANCELLED]
_FAILED = FlowRunFilter(
    state=FlowRunFilterState(type=FlowRunFilterStateType(any_=_ENDED_BADLY)),
    # Those inside others are done with them.
    parent_task_run_id=FlowRunFilterParentTaskRunId(is_null_=True),
)


def start(flow: Flow[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """Calls a flow here; as a run of its deployment where there is one, for the button's sake."""
    parameters = get_call_parameters(flow.fn, args, kwargs)
    with get_client(sync_client=True) as client:
        deployment = _deployment_of(client, flow.name)
        run = deployment and _new_run(client, deployment, flow.serialize_parameters(parameters))
    if not run:
        return flow(*args, **kwargs)
    return _worked_on_here(flow, run, parameters)


def find_run(client: SyncPrefectClient, text: str) -> FlowRun:
    """The flow run of that id or name, the latest of that name; without text the last failed one.

    Of a run inside another one, the one around it: alone it would be done again for nobody.

    Raises ConfigError where there is none.
    """
    with suppress(ValueError, ObjectNotFound):
        return whole_run(client, client.read_flow_run(UUID(text)))
    wanted = FlowRunFilter(name=FlowRunFilterName(any_=[text])) if text else _FAILED
    found = client.read_flow_runs(
        flow_filter=FlowFilter(name=FlowFilterName(any_=list(FLOWS))),
        flow_run_filter=wanted,
        sort=FlowRunSort.EXPECTED_START_TIME_DESC,
        limit=1,
    )
    if not found:
        what = f"no flow run has the id or name {text!r}" if text else "no flow run has failed"
        raise ConfigError(f"{what}; `case2code up` shows them all")
    return whole_run(client, found[0])


def whole_run(client: SyncPrefectClient, run: FlowRun) -> FlowRun:
    """The run itself, or the outermost of those that it is inside of."""
    while run.parent_task_run_id is not None:
        around = client.read_task_run(run.parent_task_run_id).flow_run_id
        assert around is not None, "the task run stands for a flow inside a flow"  # noqa: S101
        run = client.read_flow_run(around)
    return run


def require_ended(run: FlowRun) -> None:
    """Raises ConfigError for a run that somebody may still be at work on."""
    if run.state is None or not run.state.is_final():
        state = run.state.name if run.state else "unknown"
        raise ConfigError(
            f"{run.name} is {state}: two at once would do its work twice; "
            "if what ran it is dead (killed, or its machine gone), add --force"
        )


def is_served(client: SyncPrefectClient, run: FlowRun) -> bool:
    """Whether a worker that is alive takes the runs of its deployment."""
    if run.deployment_id is None:
        return False
    try:
        pool = client.read_deployment(run.deployment_id).work_pool_name
    except ObjectNotFound:  # it was deleted, its runs were not
        return False
    workers = client.read_workers_for_work_pool(pool) if pool else []
    return any(worker.status is WorkerStatus.ONLINE for worker in workers)


def press_retry(client: SyncPrefectClient, run: FlowRun) -> None:
    """What the button does. Raises ServerError where the server does not accept it."""
    state: State[Any] = Scheduled(name="AwaitingRetry", message="Retry from the command line")
    answer = client.set_flow_run_state(run.id, state, force=True)
    if answer.state is None or not answer.state.is_scheduled():
        raise ServerError(f"the server did not put {run.name} back on the schedule: {answer}")


def rerun_here(run: FlowRun) -> Any:
    """Works on the same flow run once more, with its parameters, in this process.

    Returns what the flow returns, and raises what it raises.
    """
    with get_client(sync_client=True) as client:
        flow = flow_named(client.read_flow(run.flow_id).name)
        # Never on the schedule, where a worker would take it at the same time.
        client.set_flow_run_state(run.id, Pending(message="Retry in the foreground"), force=True)
        run = client.read_flow_run(run.id)
    return _worked_on_here(flow, run, flow.validate_parameters(run.parameters))


def flow_named(name: str) -> Flow[..., Any]:
    """The flow. Raises ConfigError for one that is none of ours."""
    if name not in FLOWS:
        raise ConfigError(f"{name} is no flow of case2code: known are {', '.join(FLOWS)}")
    module, _, attribute = FLOWS[name].partition(":")
    found = getattr(importlib.import_module(module), attribute)
    if not isinstance(found, Flow):
        raise ConfigError(f"{FLOWS[name]} is no flow")
    return found


def _worked_on_here(flow: Flow[..., R], run: FlowRun, parameters: dict[str, Any]) -> R:
    done: Any = run_flow(flow, flow_run=run, parameters=parameters)
    return done  # type: ignore[no-any-return]  # of a flow that is not async


def _deployment_of(client: SyncPrefectClient, flow: str) -> DeploymentResponse | None:
    """The first by name that workers take runs of."""
    found = client.read_deployments(flow_filter=FlowFilter(name=FlowFilterName(any_=[flow])))
    return min((one for one in found if one.work_pool_name), key=lambda one: one.name, default=None)


def _new_run(
    client: SyncPrefectClient, deployment: DeploymentResponse, parameters: dict[str, Any]
) -> FlowRun | None:
    """A run that no worker takes, as it was never on the schedule; None where its form refuses."""
    # A deployment's limit on runs at once is for runs on the schedule: it holds no slot of it.
    with suppress(PrefectHTTPStatusError):  # an older deployment, say, lacks a parameter
        return client.create_flow_run_from_deployment(
            deployment.id, parameters=parameters, state=Pending(), tags=[FROM_A_COMMAND]
        )
    return None
