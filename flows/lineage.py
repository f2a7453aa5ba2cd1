"""Prefect assets: what was made, and from what; corpus, data set, adapter, scores.

An asset's key is the content's own name, `case2code://KIND/DIGEST`, wherever the bytes lie, so the
lineage of a run on one machine goes on in that of another. A corpus has no digest before it is
read: its label stands for it, as the name of a base model does. Recording is a cached step, so what
is made once is told once.
"""

import re
from collections.abc import Sequence

from prefect.assets import Asset, AssetProperties, add_asset_metadata, materialize

import tasks.steps
from flows.shards import ShardRun
from tasks.models.stored import STORED
from tasks.records.artifacts import ArtifactRef
from tasks.records.steps import Place
from tasks.steps import StepKey, is_worth_retrying, store_at

STEP = "record-asset"
DIGITS = 12
"""Of a digest, as in `ArtifactRef.short`."""


def asset_of(ref: ArtifactRef) -> str:
    """The key of the asset that an artifact is."""
    return f"case2code://{ref.kind}/{ref.short}"


def asset_named(kind: str, name: str) -> str:
    """The key of what came from outside and has no digest here: a corpus, a base model."""
    return f"case2code://{kind}/" + re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-")


def asset_of_model(name: str) -> str:
    """The key of a model as an evaluation names it: one of the store, or one from outside."""
    stored = STORED.search(name)
    if stored is None:
        return asset_named("base", name.partition(":")[2])
    return f"case2code://{stored[1]}/{stored[2][:DIGITS]}"


def record_asset(run: ShardRun, ref: ArtifactRef, *, name: str, made_of: Sequence[str]) -> None:
    """Tells Prefect, once in the life of a store, that an artifact was made and of which assets.

    Raises StepFailedError like any step where the store cannot be read or written.
    """
    asset = Asset(key=asset_of(ref), properties=AssetProperties(name=name))
    recorder = materialize(
        asset,
        by="case2code",
        asset_deps=list(made_of),
        name=STEP,
        task_run_name=f"{STEP} {ref.kind} {ref.short}",
        cache_policy=StepKey(version=1),
        persist_result=True,
        result_serializer="json",
        retries=len(tasks.steps.RETRY_DELAYS),
        retry_condition_fn=is_worth_retrying,
    )(_record)
    run.once(recorder, ref=ref, made_of=tuple(made_of))


def _record(ref: ArtifactRef, made_of: tuple[str, ...], place: Place) -> str:
    """Its numbers go with the event that Prefect sends when this has ended."""
    with store_at(place) as store:
        where = store.backend.locate(ref.key)
    key = asset_of(ref)
    about = {"digest": ref.digest, "rows": ref.rows, "bytes": ref.size, "path": where}
    add_asset_metadata(key, about | {"made_of": list(made_of)})
    return key
