"""Trainings in this process, on a model made on the spot; the launch is tested with the flow."""

import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tasks.errors import TrainingError
from tasks.records.base import digest_of
from tasks.records.drops import DropReason
from tasks.records.training import Launch, Method, OptimizerConfig, TrainConfig, TrainJob, Way
from tasks.training.events import Event, EventLog, EventReader
from tasks.training.fitting import curve_of
from tests.tiny_model import make_tiny_model

pytestmark = pytest.mark.xdist_group("torch")


def rows(number: int) -> list[dict[str, str]]:
    return [
        {
            "prompt": f"Write f. f({i}) -> {i + 1}\n",
            "completion": f"def f(x):\n    return x + {i}\n",
        }
        for i in range(number)
    ]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    long = {"prompt": "word " * 400, "completion": "x"}
    pq.write_table(pa.Table.from_pylist([*rows(40), long]), folder / "train.parquet")
    pq.write_table(pa.Table.from_pylist(rows(4)), folder / "validation.parquet")
    return folder


def job(model: Path, data: Path, work: Path, **config: object) -> TrainJob:
    work.mkdir(parents=True, exist_ok=True)
    return TrainJob(
        config=TrainConfig.model_validate({"steps": 6, "batch": 2, "max_length": 128} | config),
        launch=Launch(micro_batch=1, save_every=2, report_to=()),
        model=str(model),
        train=(str(data / "train.parquet"),),
        held_out=(str(data / "validation.parquet"),),
        work=str(work),
    )


def run(one: TrainJob) -> list[Event]:
    from accelerate import PartialState

    from tasks.training.program import Training

    reader = EventReader(Path(one.work) / "events.jsonl")
    log = EventLog(Path(one.work) / "events.jsonl")
    Training(one, PartialState(cpu=True), log).run()
    return list(reader.new())


def weights(work: Path) -> str:
    name = "adapter_model.safetensors"
    return digest_of((work / "out" / name).read_bytes())


def held_out(events: list[Event]) -> list[float]:
    return [one.loss for one in events if one.kind == "held_out" and one.loss is not None]


def test_it_learns_and_counts_what_it_left_out(
    tiny_model: Path, data: Path, tmp_path: Path
) -> None:
    events = run(job(tiny_model, data, tmp_path / "work"))
    prepared = next(one for one in events if one.kind == "prepared")
    assert prepared.train is not None
    assert prepared.train.samples == 40
    assert prepared.train.dropped == {DropReason.OVER_LENGTH: 1}
    assert prepared.train.taken == 41
    assert [one.step for one in events if one.kind == "step"] == [1, 2, 3, 4, 5, 6]
    losses = held_out(events)
    assert len(losses) == 2
    assert losses[-1] < losses[0]
    assert events[-1].kind == "done"


def test_from_a_checkpoint_it_ends_with_the_same_weights_to_the_bit(
    tiny_model: Path, data: Path, tmp_path: Path
) -> None:
    whole = job(tiny_model, data, tmp_path / "whole")
    run(whole)
    cut = tmp_path / "cut"
    shutil.copytree(tmp_path / "whole", cut)
    shutil.rmtree(cut / "out")
    shutil.rmtree(cut / "checkpoints" / "checkpoint-6")
    events = run(whole.model_copy(update={"work": str(cut)}))
    assert next(one for one in events if one.kind == "started").step == 4
    assert [one.step for one in events if one.kind == "step"] == [5, 6]
    assert weights(cut) == weights(tmp_path / "whole")
    curves = [json.loads((tmp_path / name / "state.json").read_text()) for name in ("whole", "cut")]
    points = [list(curve_of(one["log_history"])) for one in curves]
    assert points[0] == points[1]


@pytest.mark.parametrize("way", ["pretraining", "instruction"])
def test_each_way_of_the_paper_learns(
    way: Way, tiny_model: Path, data: Path, tmp_path: Path
) -> None:
    losses = held_out(run(job(tiny_model, data, tmp_path, way=way)))
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("method", ["dora", "full"])
def test_each_method_learns(method: Method, tiny_model: Path, data: Path, tmp_path: Path) -> None:
    losses = held_out(run(job(tiny_model, data, tmp_path, method=method)))
    assert losses[-1] < losses[0]
    name = "model" if method == "full" else "adapter_model"
    assert (tmp_path / "out" / f"{name}.safetensors").is_file()


def test_packed_samples_do_not_see_each_other(tiny_model: Path, data: Path, tmp_path: Path) -> None:
    """With as much in a step, the first loss is the same packed and alone."""
    first = []
    for packing, length in ((True, 128), (False, 64)):
        one = job(tiny_model, data, tmp_path / str(packing), packing=packing, max_length=length)
        events = run(
            one.model_copy(
                update={"config": one.config.model_copy(update={"steps": 1, "batch": 40})}
            )
        )
        first.append(next(one.loss for one in events if one.kind == "step"))
    assert first[0] == pytest.approx(first[1], rel=2e-2)


def test_a_loss_that_is_no_number_stops_it_and_keeps_what_was_good(
    tiny_model: Path, data: Path, tmp_path: Path
) -> None:
    wild = OptimizerConfig(learning_rate=1e30, warmup_share=0.5, max_grad_norm=1e30)
    with pytest.raises(TrainingError, match="is not a number at step"):
        run(job(tiny_model, data, tmp_path, steps=12, optimizer=wild, method="full"))
    from tasks.training.checkpoints import last_on_disk

    last = last_on_disk(tmp_path / "checkpoints")
    assert last is None or "nan" not in (last / "trainer_state.json").read_text().lower()


def test_a_full_disk_is_said_so_and_half_a_checkpoint_does_not_count(
    tiny_model: Path, data: Path, tmp_path: Path
) -> None:
    from accelerate import PartialState

    from tasks.training.checkpoints import last_on_disk
    from tasks.training.program import Training, failure

    one = job(tiny_model, data, tmp_path / "work")
    half = tmp_path / "work" / "checkpoints" / "checkpoint-4"
    half.mkdir(parents=True)

    class Filled(Training):
        """The disk is full from its start on."""

        def _last(self, _: object) -> None:
            half.mkdir(exist_ok=True)
            (half / "optimizer.pt").symlink_to("/dev/full")

    log = EventLog(tmp_path / "work" / "events.jsonl")
    said = failure(Filled(one, PartialState(cpu=True), log), tmp_path / "work")
    assert said is not None
    assert said.kind == "error"
    assert "no space is left" in said.message
    assert "MB free" in said.message
    assert not half.exists()
    assert last_on_disk(tmp_path / "work" / "checkpoints") is not None, "that of step 2 is kept"


def test_a_model_that_reads_less_is_said_so(tiny_model: Path, data: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="reads at most 512 tokens"):
        run(job(tiny_model, data, tmp_path, max_length=2048))


def test_a_model_that_is_not_there_is_said_so(data: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(TrainingError, match="no tokenizer can be read"):
        run(job(tmp_path / "empty", data, tmp_path / "work"))


def test_an_adapter_of_another_model_is_said_so(
    tiny_model: Path, data: Path, tmp_path: Path
) -> None:
    run(job(tiny_model, data, tmp_path / "first"))
    other = make_tiny_model(tmp_path / "other")
    config = json.loads((other / "config.json").read_text())
    assert config["hidden_size"] == 64
    adapter = tmp_path / "first" / "out"
    shapes = json.loads((adapter / "adapter_config.json").read_text())
    shapes["r"] = 4
    (adapter / "adapter_config.json").write_text(json.dumps(shapes))
    wrong = job(other, data, tmp_path / "second").model_copy(update={"adapter": str(adapter)})
    with pytest.raises(TrainingError, match="does not fit this base model"):
        run(wrong)


def test_when_nothing_can_be_trained_on_the_reasons_are_said(
    tiny_model: Path, data: Path, tmp_path: Path
) -> None:
    with pytest.raises(TrainingError, match="over_length 41"):
        run(job(tiny_model, data, tmp_path, max_length=4))
