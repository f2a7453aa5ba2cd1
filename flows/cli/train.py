"""`case2code train`."""

import os
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, Self

import typer
import yaml
from pydantic import ValidationError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from flows.cli.flow_runs import end_without_a_server
from flows.cli.interrupts import finishing_on_interrupt
from flows.cli.screen import print_json, stderr, stdout
from flows.cli.whole_paths import whole_store
from flows.server import prefect_api, wait_until_recorded
from flows.server.watching import watching_the_server
from tasks.errors import ConfigError
from tasks.records.training import Launch, TrainConfig
from tasks.settings import load_settings
from tasks.store.artifacts import open_store
from tasks.training.events import Event
from tasks.training.finding import find_data
from tasks.training.launching import require_libraries
from tasks.training.listening import heard_by

STOPS = "the last checkpoint is kept, the same command goes on from it"


def train(  # noqa: PLR0913 - one for each option
    data: Annotated[str, typer.Argument(help="A data set: the start of its digest, or its name.")],
    *,
    base: Annotated[str, typer.Option(help="The base model: a folder or a Hub id.")],
    way: Annotated[
        str | None, typer.Option(help="direct, pretraining or instruction. Default: direct.")
    ] = None,
    method: Annotated[
        str | None, typer.Option(help="lora, dora, qlora or full. Default: lora.")
    ] = None,
    steps: Annotated[
        int | None, typer.Option(min=1, help="Optimizer steps, in place of epochs.")
    ] = None,
    epochs: Annotated[float | None, typer.Option(help="Passes over the data. Default: 1.")] = None,
    batch: Annotated[
        int | None, typer.Option(min=1, help="Sequences of a step, over all devices.")
    ] = None,
    max_length: Annotated[
        int | None, typer.Option(min=2, help="Tokens of a sequence. Default: 1024.")
    ] = None,
    max_samples: Annotated[
        int | None, typer.Option(min=1, help="At most this many training samples.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seeds every draw. Default: 0.")] = None,
    config: Annotated[
        Path | None,
        typer.Option(help="YAML with any parameter of the training; options win over it."),
    ] = None,
    launch: Annotated[
        str,
        typer.Option(
            help="An Accelerate configuration: cpu, one_gpu, ddp, fsdp, multi_node, deepspeed, a "
            "file, or auto."
        ),
    ] = "auto",
    micro_batch: Annotated[
        int | None, typer.Option(min=1, help="Sequences that a device holds at once.")
    ] = None,
    recompute: Annotated[
        bool | None, typer.Option(help="Activations anew in the backward pass: less memory.")
    ] = None,
    threads: Annotated[
        int | None, typer.Option(min=1, help="Threads of a process on a CPU. Default: all cores.")
    ] = None,
    shrink: Annotated[
        bool, typer.Option(help="Out of memory, halve the micro batch and go on.")
    ] = False,
    save_every: Annotated[int, typer.Option(min=1, help="Steps between checkpoints.")] = 50,
    eval_every: Annotated[
        int | None,
        typer.Option(min=1, help="Steps between held-out losses. Default: at start and end."),
    ] = None,
    store: Annotated[
        str, typer.Option(help="The store of the data set: a folder or s3://bucket/prefix.")
    ] = "",
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object on standard output at the end.")
    ] = False,
    verbose: Annotated[bool, typer.Option(help="Show Prefect's log.")] = False,
) -> None:
    """Fine-tune a model on a data set.

    It trains in a process of its own, under accelerate. Stopped or killed, the same command goes
    on from the last checkpoint; what was trained already is not trained again.
    """
    require_libraries()
    given: dict[str, Any] = {
        "way": way,
        "method": method,
        "steps": steps,
        "epochs": epochs,
        "batch": batch,
        "max_length": max_length,
        "max_samples": max_samples,
        "seed": seed,
    }
    shape = train_config(config, given)
    launched = Launch(
        accelerate=launch,
        micro_batch=micro_batch,
        recompute=recompute,
        shrink=shrink,
        threads=threads,
        save_every=save_every,
        eval_every=eval_every,
    )
    summary = _run(data, base, shape, launched, store, verbose=verbose)
    if json:
        print_json(summary.model_dump(mode="json"))
    else:
        show_training(summary)


def train_config(file: Path | None, given: dict[str, Any]) -> TrainConfig:
    """The file's values, with the options that were given on top. Raises ConfigError."""
    try:
        values = yaml.safe_load(file.read_text(encoding="utf-8")) if file else {}
        own = {name: value for name, value in given.items() if value is not None}
        return TrainConfig.model_validate((values or {}) | own)
    except (OSError, yaml.YAMLError, TypeError) as error:
        raise ConfigError(f"cannot read the config {file}: {error}") from error
    except ValidationError as error:
        mistakes = "; ".join(
            f"{'.'.join(map(str, one['loc'])) or 'config'}: {one['msg']}" for one in error.errors()
        )
        raise ConfigError(f"wrong training config: {mistakes}") from error


def _run(  # noqa: PLR0913 - what a training is made of
    data: str, base: str, config: TrainConfig, launch: Launch, store: str, *, verbose: bool
) -> Any:
    settings = load_settings()
    if not verbose:
        os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    with open_store(store or settings.store_url, settings) as opened:
        find_data(opened, data)  # before a server is started in vain
    with ExitStack() as stack:
        with stderr.status("finding a Prefect server, or starting one"):
            api = stack.enter_context(prefect_api(settings.home))
            stack.enter_context(watching_the_server(settings.home, api, end_without_a_server))
            from flows.rerunning import start  # noqa: PLC0415 - seconds
            from flows.train_model import train_model  # noqa: PLC0415 - as above
        with TrainingBar() as bar, heard_by(bar), finishing_on_interrupt(STOPS):
            place = whole_store(store or settings.store_url)
            summary = start(train_model, data, base, config=config, launch=launch, store=place)
        with stderr.status("letting the Prefect server record the run"):
            wait_until_recorded(api, summary.flow_run, summary.task_runs)
    return summary


class TrainingBar:
    """Steps done, loss, held-out loss, tokens a second and the time left; lines in a log."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("training"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            console=stderr,
        )
        self._task = self._progress.add_task("", total=None, note="loading")
        self._held_out = ""
        self._said = -1

    def __enter__(self) -> Self:
        if stderr.is_terminal:
            self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def __call__(self, event: Event) -> None:
        """Hears one event of the training."""
        if event.kind == "prepared" and event.train:
            self._say(
                f"{event.train.samples:,} samples, {event.train.tokens:,} tokens; left out: "
                + (", ".join(f"{why} {n}" for why, n in event.train.dropped.items()) or "none")
            )
        elif event.kind == "started":
            self._say(
                ", ".join(f"{name} {value}" for name, value in event.notes.items())
                + (f"; goes on from step {event.step}" if event.step else "")
            )
        elif event.kind == "held_out":
            self._held_out = f", held out {event.loss:.3f}"
        elif event.kind == "step":
            self._step(event)

    def _step(self, event: Event) -> None:
        note = f"loss {event.loss:.3f}{self._held_out}"
        if event.tokens_per_s is not None and event.seconds_left is not None:
            note += f", {event.tokens_per_s:,.0f} tokens/s, {event.seconds_left:,.0f} s left"
        self._progress.update(self._task, completed=event.step, total=event.total, note=note)
        tenth = 10 * event.step // event.total
        if tenth != self._said and not stderr.is_terminal:
            self._said = tenth
            self._say(f"step {event.step} of {event.total}: {note}")

    def _say(self, line: str) -> None:
        self._progress.console.print(line, highlight=False)


def show_training(summary: Any) -> None:
    """What was trained, how the loss moved, and where it lies."""
    result = summary.result
    losses = result.held_out_losses
    moved = f"held-out loss {losses[0]:.3f} -> {losses[-1]:.3f}; " if losses else ""
    stdout.print(
        f"{result.steps} steps on {result.train.samples:,} samples; {moved}{summary.seconds:.0f} s"
        + (" (trained by an earlier run)" if summary.cached else ""),
        highlight=False,
    )
    stdout.print(
        f"{result.ref.kind:<9} {result.ref.short}\nin        {summary.path}", soft_wrap=True
    )
