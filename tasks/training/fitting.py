"""A training from references to a reference: data out of the store, weights into it."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tasks.errors import ConfigError
from tasks.records.artifacts import ArtifactRef
from tasks.records.base import canonical_json
from tasks.records.training import Curve, DataCount, Launch, TrainConfig, TrainJob, TrainResult
from tasks.store.artifacts import ArtifactStore
from tasks.training.card import RESULT_NAME, licence_of, settle_config, write_card
from tasks.training.checkpoints import StoredCheckpoints, training_key
from tasks.training.events import Event
from tasks.training.launching import launch
from tasks.training.places import OUT, STATE, TENSORBOARD, TOKENS

TRAIN_FILES, HELD_OUT_FILES = "data/train", "data/validation"
"""How the names of the files of each split begin."""
_LEFT_OUT = frozenset(("training_args.bin",))
"""A pickle of this machine's paths."""


def fit(  # noqa: PLR0913 - what a training is made of
    store: ArtifactStore,
    data: ArtifactRef,
    *,
    base: str,
    base_digest: str,
    config: TrainConfig,
    launched: Launch,
    home: Path,
    heard: Callable[[Event], None],
) -> TrainResult:
    """Trains, and stores the adapter or the model.

    What a killed run left (in the work folder of this machine, or as a checkpoint in the
    store) is gone on from.

    Args:
        store: Holds the data, and takes checkpoints and the result.
        data: A data set, or a mix.
        base: Folder or Hub id of the base model.
        base_digest: Names its content.
        config: What shapes the result.
        launched: How this machine gets there.
        home: Folder under which work folders stand.
        heard: Called with everything that the training says.

    Raises:
        TrainingError: It ended without a model; the message says what to do.
        ConfigError: The data set has nothing to train on.
    """
    key = training_key(config, data.digest, base_digest)
    work = home / "training" / key
    with ExitStack() as files:
        folder = work / "data"
        job = TrainJob(
            config=config,
            launch=launched,
            model=base,
            train=tuple(_fetched(store, data, TRAIN_FILES, folder, files)),
            held_out=tuple(_fetched(store, data, HELD_OUT_FILES, folder, files)),
            work=str(work),
            store=store.url,
            key=key,
        )
        if not job.train:
            raise ConfigError(f"{data.kind} {data.short} has no files {TRAIN_FILES}*.parquet")
        launch(job, heard)
    result = _stored(store, work, job, data, base_digest)
    StoredCheckpoints(store, key).forget()
    shutil.rmtree(work, ignore_errors=True)
    return result


def _fetched(
    store: ArtifactStore, data: ArtifactRef, start: str, folder: Path, files: ExitStack
) -> Iterator[str]:
    """Local paths of the data set's files whose names begin so."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in store.manifest(data).files:
        if file.name.startswith(start) and file.name.endswith(".parquet"):
            path = files.enter_context(store.open(data, file.name))
            link = folder / Path(file.name).name
            link.unlink(missing_ok=True)
            link.symlink_to(path)
            yield str(link)


def _stored(
    store: ArtifactStore, work: Path, job: TrainJob, data: ArtifactRef, base_digest: str
) -> TrainResult:
    """Puts weights, tokenizer, card and account into the store."""
    out, config = work / OUT, job.config
    state = json.loads((work / STATE).read_text(encoding="utf-8"))
    name = base_name(job.model)
    result = TrainResult(
        ref=data,  # replaced below: the account is inside of what the reference names
        base=name,
        base_digest=base_digest,
        data=data,
        train=_count(work / TOKENS / "train.json"),
        held_out=_count(work / TOKENS / "held-out.json"),
        steps=int(state["global_step"]),
        curve=tuple(curve_of(state["log_history"])),
    )
    settle_config(out, name)
    write_card(out, config, result, base=name, licence=licence_of(Path(job.model)))
    account = result.model_dump(mode="json", exclude={"ref", "logs"}) | {
        "config": config.model_dump(mode="json")
    }
    (out / RESULT_NAME).write_bytes(canonical_json(account))
    meta = {
        "config": config.model_dump(mode="json"),
        "base": name,
        "inputs": {"base": [base_digest], data.kind: [data.digest]},
        "versions": {
            library: version(library) for library in ("torch", "transformers", "peft", "trl")
        },
    }
    kind = "model" if config.method == "full" else "adapter"
    ref = store.put(kind, _files(out), rows=result.train.samples, meta=meta)
    return result.model_copy(update={"ref": ref, "logs": _logs(store, work / TENSORBOARD)})


def _logs(store: ArtifactStore, folder: Path) -> ArtifactRef | None:
    files = _files(folder)
    return store.put("tensorboard", files, rows=len(files)) if files else None


def curve_of(log: list[dict[str, Any]]) -> Iterator[Curve]:
    """The points of the loss curve in a trainer's log."""
    for entry in log:
        if "loss" in entry:
            yield Curve(
                step=entry["step"], loss=entry["loss"], learning_rate=entry.get("learning_rate")
            )
        elif "eval_loss" in entry:
            yield Curve(step=entry["step"], held_out_loss=entry["eval_loss"])


def base_name(model: str) -> str:
    """What a base model is called without its place: `org/name`, or the name of a folder."""
    return Path(model).name if Path(model).is_absolute() or Path(model).exists() else model


def _count(path: Path) -> DataCount:
    return DataCount.model_validate_json(path.read_bytes())


def _files(out: Path) -> dict[str, Path]:
    """Everything in the folder of the weights but what is this machine's own."""
    return {
        path.relative_to(out).as_posix(): path
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name not in _LEFT_OUT
    }
