"""The flow that turns a data set into a better model.

Source: Case2Code, arXiv 2407.12504, section 4.
"""

import base64
import io
from typing import Any

from prefect import flow
from prefect.artifacts import (
    create_image_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    update_progress_artifact,
)
from prefect.runtime import flow_run

from flows.chain import tell_trained
from flows.lineage import asset_named, asset_of, record_asset
from flows.run_record import Stopwatch
from flows.shards import ShardRun
from tasks.models.opening import identity_of
from tasks.records.base import Record
from tasks.records.training import Curve, Launch, TrainConfig, TrainResult
from tasks.records.writers import Engine, ModelName
from tasks.settings import load_settings
from tasks.store.artifacts import open_store
from tasks.training.events import Event
from tasks.training.finding import find_data
from tasks.training.launching import accelerate_config, require_libraries, stopped_with
from tasks.training.listening import heard_by
from tasks.training.step import LaunchedAs, train


class TrainSummary(Record):
    """What the flow `train_model` returns: the model, and how the run went."""

    result: TrainResult
    path: str
    """Where it lies: a folder, or an s3:// address."""
    cached: bool
    """An earlier run had trained it."""
    flow_run: str
    task_runs: int
    seconds: float


@flow(name="train-model", flow_run_name="train {base} on {data}", persist_result=False)
def train_model(
    data: str,
    base: str,
    config: TrainConfig = TrainConfig(),  # noqa: B008 - frozen, and shown in the UI's form
    launch: Launch = Launch(),  # noqa: B008 - as above
    store: str = "",
) -> TrainSummary:
    """Fine-tunes a base model on a data set and returns where the adapter or the model is.

    Args:
        data: A data set of the store by `name`, `name@version` or the start of its digest, or the
            digest of a mix.
        base: Folder or Hub id of the base model.
        config: Everything that shapes the result.
        launch: How this machine gets there. Changes nothing in the result.
        store: A folder or s3://bucket/prefix; empty for the one in the settings.

    Raises:
        TrainingError, ConfigError, StoreError: With what to do about it.
    """
    watch = Stopwatch()
    require_libraries()
    accelerate_config(launch.accelerate)
    url = store or load_settings().store_url
    base_digest = identity_of(ModelName(engine=Engine.TRANSFORMERS, model=base))
    with open_store(url, load_settings()) as opened:
        found = find_data(opened, data)
    place = LaunchedAs(store=url, label=found.short, base=base, launch=launch)
    with ShardRun(place, workers=1) as run, heard_by(Noticed()), stopped_with():
        result = run.once(train, data=found, base_digest=base_digest, config=config)
        cached = bool(run.accounts.cached)
        made_of = [asset_of(found), asset_named("base", base)]
        record_asset(run, result.ref, name=f"{result.ref.kind} of {base}", made_of=made_of)
    _tell(result)
    tell_trained(result, base=base, dataset=data, store=url)
    with open_store(url, load_settings()) as opened:
        path = opened.backend.locate(result.ref.key)
    return TrainSummary(
        result=result,
        path=path,
        cached=cached,
        flow_run=str(flow_run.get_id()),
        task_runs=run.accounts.task_runs,
        seconds=watch.seconds,
    )


class Noticed:
    """Keeps a progress artifact in the Prefect UI in step with the training."""

    def __init__(self) -> None:
        self._artifact: Any = None
        self._percent = -1

    def __call__(self, event: Event) -> None:
        """Hears one event; the UI is told of whole percents."""
        if event.kind != "step" or not event.total:
            return
        percent = 100 * event.step // event.total
        if percent == self._percent:
            return
        self._percent = percent
        if self._artifact is None:
            self._artifact = create_progress_artifact(float(percent), description="training")
        else:
            update_progress_artifact(self._artifact, float(percent))


def _tell(result: TrainResult) -> None:
    """The story of the run for the Prefect UI: what came of it, and the loss curve."""
    losses = result.held_out_losses
    lines = [
        f"## {result.ref.kind} `{result.ref.short}`",
        "",
        f"- base `{result.base}`, data {result.data.kind} `{result.data.short}`",
        f"- {result.steps} steps on {result.train.samples:,} samples; left out: "
        + (", ".join(f"{why} {n}" for why, n in result.train.dropped.items()) or "nothing"),
    ]
    if losses:
        lines.append(f"- held-out loss {losses[0]:.3f} → {losses[-1]:.3f}")
    create_markdown_artifact("\n".join(lines), key="training", description="what was trained")
    picture = base64.b64encode(loss_curve(result.curve)).decode()
    create_image_artifact(f"data:image/png;base64,{picture}", key="loss-curve")


def loss_curve(curve: tuple[Curve, ...]) -> bytes:
    """A PNG of the loss of every step, and of the held-out loss."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - a second, and only at the end

    figure = Figure(figsize=(7, 3.5), layout="constrained")
    axes = figure.subplots()
    steps = [(one.step, one.loss) for one in curve if one.loss is not None]
    held = [(one.step, one.held_out_loss) for one in curve if one.held_out_loss is not None]
    axes.plot(*zip(*steps, strict=True), linewidth=1, label="training")
    if held:
        axes.plot(*zip(*held, strict=True), marker="o", label="held out")
    axes.set(xlabel="step", ylabel="loss")
    axes.legend(frameon=False)
    target = io.BytesIO()
    figure.savefig(target, format="png", dpi=120, metadata={"Software": None})
    return target.getvalue()
