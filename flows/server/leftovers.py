"""Runs that a killed machine left behind, as the server knows them.

A run whose process was killed together with its worker stays Running for ever, and holds the place
of the next one. When no worker of ours is alive, every such run of our pools is one, but for those
that a command works on in a process of its own.
"""

from collections.abc import Sequence

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import StateType
from prefect.states import Crashed

from flows.rerunning import FROM_A_COMMAND

LEFT_BEHIND = "What ran it was killed. Press Retry: only what is missing is done."
_UNDER_WAY = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]


def give_up_leftovers(client: SyncPrefectClient, pools: Sequence[str]) -> list[str]:
    """Marks them as crashed, to be retried, and returns their names."""
    runs = client.read_flow_runs(
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=_UNDER_WAY)),
        ),
        work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=list(pools))),
    )
    ours = [run for run in runs if FROM_A_COMMAND not in run.tags]
    for run in ours:
        client.set_flow_run_state(run.id, Crashed(message=LEFT_BEHIND))
    return [run.name for run in ours]
