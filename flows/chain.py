"""What a finished flow tells the server, so that the next one starts by itself.

A custom event for a new version of a data set, and one for a trained model; deployments are
triggered by them (`deployments/prefect.yaml`). A flow that runs inside another one tells nothing:
whoever called it goes on with the result himself.
"""

from typing import Any

from prefect.context import FlowRunContext
from prefect.events import emit_event

from tasks.models.stored import name_of_trained
from tasks.records.artifacts import ArtifactRef
from tasks.records.training import TrainResult
from tasks.records.versions import NamedVersion

PUBLISHED = "case2code.dataset.published"
TRAINED = "case2code.model.trained"


def tell_published(named: NamedVersion, ref: ArtifactRef, store: str) -> None:
    """Says that a name has a new version."""
    payload = {
        "dataset": str(named),
        "name": named.name,
        "version": named.version,
        "ref": ref.model_dump(),
        "store": store,
    }
    _tell(PUBLISHED, f"case2code.dataset.{named.name}", payload)


def tell_trained(result: TrainResult, *, base: str, dataset: str, store: str) -> None:
    """Says that a model was trained.

    Args:
        result: What came of it.
        base: The base model as it was named for the training.
        dataset: The data set as it was named for the training.
        store: That holds both.
    """
    payload = {
        "model": name_of_trained(base, result.ref),
        "base": base,
        "ref": result.ref.model_dump(),
        "dataset": dataset,
        "data": result.data.model_dump(),
        "store": store,
    }
    _tell(TRAINED, f"case2code.{result.ref.kind}.{result.ref.short}", payload)


def _tell(event: str, resource: str, payload: dict[str, Any]) -> None:
    context = FlowRunContext.get()
    run = context.flow_run if context else None
    if run is not None and run.parent_task_run_id is not None:
        return
    emit_event(event, {"prefect.resource.id": resource}, payload=payload)
