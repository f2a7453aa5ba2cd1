"""Starts the process that trains, passes on what it says, and ends with it.

`accelerate launch` in a process group of its own: whoever waits here and is stopped, or fails,
takes the group along; if it is killed, the kernel ends the launcher, and the trainer with it.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

from tasks.errors import ConfigError, TrainingError
from tasks.records.training import TrainJob
from tasks.training.events import Event, EventReader
from tasks.training.places import EVENTS, JOB, LOG, TENSORBOARD

POLL_SECONDS = 0.2
STOP_SECONDS = 15.0
NEEDS = ("torch", "transformers", "peft", "accelerate", "trl", "datasets")
_LOG_LINES = 15
_PR_SET_PDEATHSIG = 1
_stopping = threading.Event()
_ROOT = Path(__file__).parents[2]
_CONFIGS = _ROOT / "deployments" / "accelerate"


def require_libraries() -> None:
    """Raises ConfigError naming what is not installed."""
    missing = [library for library in NEEDS if find_spec(library) is None]
    if missing:
        raise ConfigError(f"training needs {', '.join(missing)}: pip install 'case2code[train]'")


def accelerate_config(wanted: str) -> Path:
    """The file of a configuration by its name, or as it is. Raises ConfigError for no such one."""
    own = _CONFIGS / f"{_by_hardware() if wanted == 'auto' else wanted}.yaml"
    if own.is_file():
        return own
    if Path(wanted).is_file():
        return Path(wanted)
    known = ", ".join(sorted(path.stem for path in _CONFIGS.glob("*.yaml")))
    raise ConfigError(f"{wanted!r} is no Accelerate configuration: name {known}, or a file")


def launch(job: TrainJob, heard: Callable[[Event], None]) -> None:
    """Trains in a process of its own; returns when it is through.

    Args:
        job: What to do; its work folder is made here.
        heard: Called with everything that the training says, in this thread.

    Raises:
        TrainingError: It ended without a model; says what to do, or the end of its log.
    """
    while True:
        ended = _run(job, heard)
        if ended.status == 0:
            return
        if ended.out_of_memory and job.launch.shrink and ended.micro_batch > 1:
            # What does not divide the batch, the trainer makes smaller still.
            smaller = job.launch.model_copy(update={"micro_batch": ended.micro_batch // 2})
            job = job.model_copy(update={"launch": smaller})
            continue
        raise TrainingError(ended.message or _end_of(Path(job.work) / LOG, ended.status))


@contextmanager
def stopped_with() -> Iterator[None]:
    """A block that is left by Ctrl-C stops the trainings of this process, whatever their thread."""
    try:
        yield
    except KeyboardInterrupt:
        _stopping.set()
        raise


class _Ended:
    """How one process ended, and the last that it said of that.

    The launcher makes 1 of every status of the trainer's, so the events have to say it.
    """

    def __init__(self) -> None:
        self.status = 0
        self.out_of_memory = False
        self.message = ""
        self.micro_batch = 1

    def hear(self, event: Event) -> None:
        if event.kind in {"error", "out_of_memory"}:
            self.message = event.message
            self.out_of_memory = event.kind == "out_of_memory"
        if "micro batch" in event.notes:
            self.micro_batch = int(event.notes["micro batch"])


def _run(job: TrainJob, heard: Callable[[Event], None]) -> _Ended:
    work, ended = Path(job.work), _Ended()
    work.mkdir(parents=True, exist_ok=True)
    (work / JOB).write_text(job.model_dump_json(), encoding="utf-8")
    reader = EventReader(work / EVENTS)

    def pass_on() -> None:
        for event in reader.new():
            ended.hear(event)
            heard(event)

    with (work / LOG).open("ab") as log:
        process = _start(job, log.fileno())
        try:
            while process.poll() is None:
                if _stopping.wait(POLL_SECONDS):
                    raise TrainingError("the training was stopped; its checkpoints are kept")
                pass_on()
        finally:
            _stop(process)
    pass_on()
    ended.status = process.returncode
    return ended


def _start(job: TrainJob, log: int) -> subprocess.Popen[bytes]:
    """Where we are called, so that a path from there is one for the trainer too."""
    environment = os.environ | {
        # Ours are found from any folder, and a folder `tasks` there is not taken for ours.
        "PYTHONPATH": os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH")))),
        "PYTHONSAFEPATH": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "TENSORBOARD_LOGGING_DIR": str(Path(job.work) / TENSORBOARD),
    }
    if job.launch.threads:
        environment["OMP_NUM_THREADS"] = str(job.launch.threads)
    return subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
        _command(job),
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        preexec_fn=_die_with_us,  # noqa: PLW1509 - it calls the kernel and nothing else
    )


def _command(job: TrainJob) -> list[str]:
    config = accelerate_config(job.launch.accelerate)
    command = [sys.executable, "-m", "accelerate.commands.launch", "--config_file", str(config)]
    if job.launch.accelerate == "auto" and config.stem == "ddp":
        command += ["--num_processes", str(_gpus())]
    command += ["--num_cpu_threads_per_process", str(job.launch.threads or os.cpu_count() or 1)]
    return [*command, "-m", "tasks.training.program", str(Path(job.work) / JOB)]


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ends the whole group: the launcher waits for the trainer, which may be far in a step."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _die_with_us() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _by_hardware() -> str:
    gpus = _gpus()
    return "cpu" if gpus == 0 else "one_gpu" if gpus == 1 else "ddp"


def _gpus() -> int:
    import torch  # noqa: PLC0415 - seconds, and only who trains pays them

    return int(torch.cuda.device_count())


def _end_of(log: Path, status: int) -> str:
    text = log.read_text(encoding="utf-8", errors="replace")
    own, launcher, _ = text.rpartition("Traceback (most recent call last):")
    lines = (own if launcher and "CalledProcessError" in text else text).splitlines()
    return f"the training process ended with {status}; the end of {log}:\n" + "\n".join(
        lines[-_LOG_LINES:]
    )
