"""The step `execute`."""

from functools import partial

from sandbox import Sandbox
from tasks.execute.execution import execute
from tasks.records.artifacts import ArtifactRef
from tasks.records.cases import ExecutedFunction, WrittenFunction
from tasks.records.configs import ExecuteConfig
from tasks.records.steps import Place, StepResult
from tasks.steps import limits_of, sift, step, store_at

EXECUTE_VERSION = 1


@step("execute", version=EXECUTE_VERSION, executes=True)
def execute_shard(shard: ArtifactRef, config: ExecuteConfig, place: Place) -> StepResult:
    """Runs the inputs of one shard for their outputs."""
    with store_at(place) as store, Sandbox(limits=limits_of(config)) as sandbox:
        return sift(
            store,
            execute(store.read_records(shard, WrittenFunction), partial(sandbox.prove, arcs=True)),
            step="execute",
            unit="functions",
            kind="cases",
            model=ExecutedFunction,
        )
