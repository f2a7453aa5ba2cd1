"""The step `execute`."""

from functools import partial

from sandbox import Sandbox
from tasks.execute.auditing import Auditor
from tasks.execute.execution import execute
from tasks.records.artifacts import ArtifactRef
from tasks.records.cases import ExecutedFunction, WrittenFunction
from tasks.records.configs import ExecuteConfig
from tasks.records.steps import Place, StepResult
from tasks.steps import limits_of, sift, step, store_at

EXECUTE_VERSION = 2


@step("execute", version=EXECUTE_VERSION, executes=True)
def execute_shard(
    shard: ArtifactRef, config: ExecuteConfig, place: Place, seed: int = 0
) -> StepResult:
    """Runs the inputs of one shard for their outputs, and a sample of them once more."""
    limits = limits_of(config)
    auditor = Auditor(one_in=config.audit_one_in, seed=seed, limits=limits)
    with store_at(place) as store, Sandbox(limits=limits) as sandbox:
        written = store.read_records(shard, WrittenFunction)
        result = sift(
            store,
            execute(written, partial(sandbox.prove, arcs=True), auditor),
            step="execute",
            unit="functions",
            kind="cases",
            model=ExecutedFunction,
        )
    return result.model_copy(update={"audited": auditor.audited})
