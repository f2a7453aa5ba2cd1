"""The process that trains: `accelerate launch -m tasks.training.program JOB.json`.

One process for each device. The first writes events and checkpoints; all end together. It
knows nothing of Prefect: what it is told is the job, what it says is in its events.
"""

import ctypes
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState
from datasets import Dataset
from transformers import set_seed
from trl import SFTConfig, SFTTrainer

from tasks.errors import Case2CodeError
from tasks.records.training import TrainJob
from tasks.settings import load_settings
from tasks.store.artifacts import open_store
from tasks.training import checkpoints
from tasks.training.defaults import defaults_for, dividing, micro_batch_for
from tasks.training.disk import is_disk_full, room_advice
from tasks.training.events import Event, EventLog
from tasks.training.hardware import Hardware, in_bf16, look
from tasks.training.loading import load_model, load_tokenizer
from tasks.training.memory import advice, is_out_of_memory
from tasks.training.places import CHECKPOINTS, EVENTS, OUT, STATE, TOKENS
from tasks.training.preparing import prepare
from tasks.training.tokens import Tokenize
from tasks.training.watching import Watching

_PR_SET_PDEATHSIG = 1


def main() -> int:
    """Trains; 0 with the result in the work folder, else 1, and the last event says why."""
    # The launcher that waits for us may be killed: nothing is left training then.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    job = TrainJob.model_validate_json(Path(sys.argv[1]).read_bytes())
    process = PartialState(cpu=not torch.cuda.is_available())
    events = EventLog(Path(job.work) / EVENTS if process.is_main_process else None)
    why = failure(Training(job, process, events), Path(job.work))
    if why is None:
        return 0
    events.write(why)
    return 1


def failure(training: "Training", work: Path) -> Event | None:
    """Trains; None, or the event that says why there is no model. Raises what nobody foresaw."""
    try:
        training.run()
    except Case2CodeError as error:
        return Event(kind="error", message=str(error))
    except Exception as error:
        if is_out_of_memory(error):
            return Event(kind="out_of_memory", message=training.advice())
        if not is_disk_full(error):
            raise
        # Half a checkpoint gives its room to what is still to be said.
        checkpoints.last_on_disk(work / CHECKPOINTS)
        return Event(kind="error", message=room_advice(work))
    return None


class Training:
    """One training, from its sequences to its weights."""

    def __init__(self, job: TrainJob, process: PartialState, events: EventLog) -> None:
        self._job = job
        self._process = process
        self._events = events
        self._work = Path(job.work)
        self._micro_batch = job.launch.micro_batch or 1
        self._recompute = bool(job.launch.recompute)

    def run(self) -> None:
        """Does it. Raises TrainingError, ConfigError or StoreError with what to do."""
        with ExitStack() as stack:
            tokenizer = load_tokenizer(self._job.model)
            train, held_out = self._sequences(tokenizer)
            hardware = look()
            bf16 = in_bf16(self._job.config, hardware)
            set_seed(self._job.config.seed)  # the adapter's first weights are drawn
            model = load_model(self._job, hardware, bf16=bf16)
            stored = self._stored(stack)
            last = self._last(stored)
            arguments = self._arguments(model, hardware, bf16=bf16, measures=held_out is not None)
            # Once: a training that goes on has its first measurement in its checkpoint.
            arguments.eval_on_start = held_out is not None and last is None
            trainer = SFTTrainer(
                model=model,
                args=arguments,
                train_dataset=train,
                eval_dataset=held_out,
                processing_class=tokenizer,
                callbacks=[Watching(self._events, stored)],
            )
            self._say_start(trainer, hardware, bf16=bf16, last=last)
            trainer.train(resume_from_checkpoint=str(last) if last else None)
            self._finish(trainer, tokenizer, measures=held_out is not None)

    def advice(self) -> str:
        """What to change where memory ran out."""
        return advice(self._job.config, self._micro_batch, recompute=self._recompute)

    def _sequences(self, tokenizer: Any) -> tuple[Dataset, Dataset | None]:
        """Both splits, tokenized by the first process and read by all."""
        job = self._job
        chat = job.config.chat
        tokenize = Tokenize(
            tokenizer,
            chat=bool(tokenizer.chat_template) if chat is None else chat,
            max_length=job.config.max_length,
        )
        folder, way = self._work / TOKENS, job.config.way
        with self._process.main_process_first():
            path, train = prepare(
                "train", job.train, way, tokenize, folder, max_samples=job.config.max_samples
            )
            held_path, held_out = prepare("held-out", job.held_out, way, tokenize, folder)
        self._events.write(Event(kind="prepared", train=train, held_out=held_out))
        measured = _dataset(held_path, folder) if held_out.samples else None
        return _dataset(path, folder), measured

    def _arguments(
        self, model: Any, hardware: Hardware, *, bf16: bool, measures: bool
    ) -> SFTConfig:
        job, config = self._job, self._job.config
        parameters = sum(one.numel() for one in model.parameters())
        defaults = defaults_for(parameters)
        batch = config.batch or defaults.batch
        processes = self._process.num_processes
        wanted = job.launch.micro_batch or micro_batch_for(
            parameters, batch, processes, hardware.memory_bytes
        )
        self._micro_batch = dividing(batch, processes, wanted)
        if job.launch.recompute is None:
            self._recompute = hardware.cuda
        optimizer = config.optimizer
        return SFTConfig(
            output_dir=str(self._work / CHECKPOINTS),
            num_train_epochs=config.epochs,
            max_steps=config.steps or -1,
            per_device_train_batch_size=self._micro_batch,
            per_device_eval_batch_size=self._micro_batch,
            gradient_accumulation_steps=max(1, batch // (self._micro_batch * processes)),
            learning_rate=optimizer.learning_rate or defaults.rate(config.method),
            lr_scheduler_type=optimizer.schedule,
            warmup_steps=optimizer.warmup_share,
            weight_decay=optimizer.weight_decay,
            max_grad_norm=optimizer.max_grad_norm,
            max_length=config.max_length,
            packing=config.packing,
            eval_packing=False,
            shuffle_dataset=True,
            bf16=bf16,
            use_cpu=not hardware.cuda,
            gradient_checkpointing=self._recompute,
            use_liger_kernel=hardware.liger,
            logging_steps=1,
            # A NaN is to be seen, not smoothed over.
            logging_nan_inf_filter=False,
            save_steps=job.launch.save_every,
            save_total_limit=2,
            eval_strategy="steps" if measures and job.launch.eval_every else "no",
            eval_steps=job.launch.eval_every,
            report_to=list(job.launch.report_to),
            disable_tqdm=True,
            dataloader_pin_memory=hardware.cuda,
            seed=config.seed,
            data_seed=config.seed,
        )

    def _stored(self, stack: ExitStack) -> checkpoints.StoredCheckpoints | None:
        if not (self._job.store and self._process.is_main_process):
            return None
        store = stack.enter_context(open_store(self._job.store, load_settings()))
        return checkpoints.StoredCheckpoints(store, self._job.key)

    def _last(self, stored: checkpoints.StoredCheckpoints | None) -> Path | None:
        """The latest whole checkpoint: of this disk, or of the store where that is further on."""
        folder = self._work / CHECKPOINTS
        folder.mkdir(parents=True, exist_ok=True)
        if self._process.is_main_process:
            last = checkpoints.last_on_disk(folder)
            if stored and stored.latest_step() > (checkpoints.step_of(last) if last else 0):
                stored.fetch(folder)
        self._process.wait_for_everyone()
        return checkpoints.last_on_disk(folder)

    def _say_start(
        self, trainer: SFTTrainer, hardware: Hardware, *, bf16: bool, last: Path | None
    ) -> None:
        trained = sum(one.numel() for one in trainer.model.parameters() if one.requires_grad)
        self._events.write(
            Event(
                kind="started",
                step=checkpoints.step_of(last) if last else 0,
                notes={
                    "device": f"{self._process.num_processes} x {self._process.device.type}",
                    "precision": "bf16" if bf16 else "fp32",
                    "attention": "flash" if hardware.flash_attention else "sdpa",
                    "micro batch": str(self._micro_batch),
                    "trained": f"{trained:,} parameters",
                },
            )
        )

    def _finish(self, trainer: SFTTrainer, tokenizer: Any, *, measures: bool) -> None:
        if measures:
            trainer.evaluate()
        out = self._work / OUT
        trainer.save_model(str(out))
        if self._process.is_main_process:
            tokenizer.save_pretrained(str(out))
            trainer.state.save_to_json(str(self._work / STATE))
            self._events.write(Event(kind="done", step=trainer.state.global_step))
        self._process.wait_for_everyone()


def _dataset(path: Path, folder: Path) -> Dataset:
    return Dataset.from_parquet(str(path), cache_dir=str(folder / "cache"))


if __name__ == "__main__":
    sys.exit(main())
