"""Out of memory, and on with a smaller micro batch from the last checkpoint.

The trainings are real, in this process. Only the want of memory is made up, and that each of
them is a process of its own, which costs ten seconds and is tested with the command.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tasks.errors import TrainingError
from tasks.records.training import Launch, TrainConfig, TrainJob
from tasks.training import launching
from tasks.training.events import Event, EventLog, EventReader
from tasks.training.launching import launch

pytestmark = pytest.mark.xdist_group("torch")


@pytest.fixture
def job(tiny_model: Path, tmp_path: Path) -> TrainJob:
    """Three steps of four sequences, a checkpoint after each."""
    rows = [{"prompt": f"f({i}) -> {i + 1}\n", "completion": f"x + {i}"} for i in range(12)]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "train.parquet")
    return TrainJob(
        config=TrainConfig(steps=3, batch=4, max_length=64, packing=False),
        launch=Launch(micro_batch=4, save_every=1, report_to=(), shrink=True),
        model=str(tiny_model),
        train=(str(tmp_path / "train.parquet"),),
        work=str(tmp_path / "work"),
    )


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """A device that holds so many sequences, and one at most from its second step on."""
    import torch
    from trl import SFTTrainer

    step = SFTTrainer.training_step
    room = 0

    def training_step(self: Any, *inputs: Any, **others: Any) -> Any:
        if self.args.per_device_train_batch_size > (room if self.state.global_step else 8):
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return step(self, *inputs, **others)

    def holds(sequences: int) -> None:
        nonlocal room
        room = sequences

    monkeypatch.setattr(SFTTrainer, "training_step", training_step)
    monkeypatch.setattr(launching, "_run", in_this_process)
    return holds


def in_this_process(job: TrainJob, heard: Callable[[Event], None]) -> "launching._Ended":
    from accelerate import PartialState

    from tasks.training.program import Training, failure

    work, ended = Path(job.work), launching._Ended()
    work.mkdir(parents=True, exist_ok=True)
    reader, log = EventReader(work / "events.jsonl"), EventLog(work / "events.jsonl")
    list(reader.new())
    why = failure(Training(job, PartialState(cpu=True), log), work)
    if why is not None:
        log.write(why)
    for event in reader.new():
        ended.hear(event)
        heard(event)
    ended.status = int(why is not None)
    return ended


def test_it_halves_the_micro_batch_until_it_fits_and_goes_on_where_it_was(
    job: TrainJob, memory: Callable[[int], None]
) -> None:
    heard: list[Event] = []
    memory(1)
    launch(job, heard.append)
    started = [one for one in heard if one.kind == "started"]
    assert [one.notes["micro batch"] for one in started] == ["4", "2", "1"]
    assert [one.step for one in started] == [0, 1, 1], "what was trained is not trained again"
    steps = [one for one in heard if one.kind == "step"]
    assert [one.step for one in steps] == [1, 2, 3]
    assert heard[-1].kind == "done"

    whole: list[Event] = []
    memory(4)
    launch(job.model_copy(update={"work": f"{job.work}-whole"}), whole.append)
    losses = [one.loss for one in whole if one.kind == "step"]
    assert [one.loss for one in steps] == pytest.approx(losses, rel=1e-3), "the batch is the same"


def test_what_does_not_fit_one_by_one_ends_with_advice(
    job: TrainJob, memory: Callable[[int], None]
) -> None:
    memory(0)
    with pytest.raises(TrainingError, match="out of memory with 1 x 64 tokens on the device"):
        launch(job, lambda _: None)


def test_unasked_the_micro_batch_stays_and_the_advice_names_the_option(
    job: TrainJob, memory: Callable[[int], None]
) -> None:
    memory(1)
    asked = job.launch.model_copy(update={"shrink": False})
    with pytest.raises(TrainingError, match=r"micro_batch 2 in place of 4 .*--shrink"):
        launch(job.model_copy(update={"launch": asked}), lambda _: None)
