"""Training speed: tokens a second, ours over a plain SFTTrainer script with the same settings.

make bench NAME=train ARGS="--model FOLDER"

Both train the same packed sequences of the same model for as many steps, in turn and in one process
after a round that is not counted; what is compared is the CPU time of the steps, the first of which
(threads, caches) is left out. Without --model a model of a few million weights is made on the spot,
so that the trainer's own cost would show. The last line is JSON: `over_plain_sft` (tokens a second,
ours over theirs, the median of the rounds), `over_plain_sft_wall` by the clock, and `padding_share`
(of the tokens in our packed batches).
"""

import argparse
import json
import statistics
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import torch
from accelerate import PartialState
from datasets import Dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM, TrainerCallback
from trl import SFTConfig, SFTTrainer, pack_dataset
from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

from tasks.records.training import Launch, TrainConfig, TrainJob
from tasks.training.events import EventLog
from tasks.training.loading import load_tokenizer
from tasks.training.program import Training
from tests.tiny_model import make_tokenizer

STEPS, BATCH, LENGTH, ROUNDS = 20, 2, 256, 5
RATE = 5e-4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        model = arguments.model or make_model(folder / "model")
        rows = make_rows(400)
        pq.write_table(pa.Table.from_pylist(rows), folder / "train.parquet")
        timing = Timing()
        rounds = []
        for number in range(ROUNDS + 1):
            ways = [
                partial(train_ours, model, folder, folder / f"ours-{number}"),
                partial(train_plain, model, rows, folder / f"plain-{number}"),
            ]
            # Who comes second finds warm caches: they take turns in that too.
            order = ways if number % 2 else ways[::-1]
            for way in order:
                way()
            spent = {way.func: timing.spent.pop(0) for way in order}
            if number:
                rounds.append((spent[train_ours], spent[train_plain]))
        report(rounds, padding_share(folder / "ours-0"))


@dataclass
class Spent:
    """Seconds of the steps after the first, and the tokens in them."""

    cpu: float
    wall: float
    tokens: float

    def rate(self, clock: str) -> float:
        return self.tokens / float(getattr(self, clock))


class Timing(TrainerCallback):
    """Looks at the clocks after the first step and after the last."""

    def __init__(self) -> None:
        self.spent: list[Spent] = []
        self._first: Spent | None = None
        trained = SFTTrainer.train

        def train(trainer: SFTTrainer, *given: Any, **named: Any) -> Any:
            self._first = None
            trainer.add_callback(self)
            return trained(trainer, *given, **named)

        # One place for both: ours makes its trainer by itself.
        SFTTrainer.train = train

    def on_log(self, _: Any, state: Any, __: Any, logs: Any = None, **___: Any) -> None:
        if "num_tokens" not in (logs or {}) or "loss" not in logs:
            return
        now = Spent(time.process_time(), time.perf_counter(), float(logs["num_tokens"]))
        if self._first is None:
            self._first = now
        elif state.global_step == STEPS:
            first = self._first
            self.spent.append(
                Spent(now.cpu - first.cpu, now.wall - first.wall, now.tokens - first.tokens)
            )


def make_model(folder: Path) -> Path:
    """Wide enough that its arithmetic is most of a step."""
    tokenizer = make_tokenizer()
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=192,
        intermediate_size=512,
        num_hidden_layers=6,
        num_attention_heads=6,
        num_key_value_heads=3,
        max_position_embeddings=LENGTH,
        tie_word_embeddings=True,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def make_rows(number: int) -> list[dict[str, str]]:
    return [
        {
            "prompt": f"Write a function.\n>>> f({i})\n{i * 3}\n" * (1 + i % 4),
            "completion": f"def f(x):\n    return x * 3 + {i}\n" * (1 + i % 3),
        }
        for i in range(number)
    ]


def train_ours(model: Path, folder: Path, work: Path) -> None:
    work.mkdir()
    job = TrainJob(
        config=TrainConfig.model_validate(
            {"steps": STEPS, "batch": BATCH, "max_length": LENGTH, "chat": False}
            | {"optimizer": {"learning_rate": RATE}}
        ),
        launch=Launch(micro_batch=BATCH, save_every=1000, report_to=()),
        model=str(model),
        train=(str(folder / "train.parquet"),),
        work=str(work),
    )
    events = work / "events.jsonl"
    Training(job, PartialState(cpu=not torch.cuda.is_available()), EventLog(events)).run()


def train_plain(model: Path, rows: list[dict[str, str]], out: Path) -> None:
    """The script that a person would write."""
    cuda = torch.cuda.is_available()
    trainer = SFTTrainer(
        model=AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32),
        args=SFTConfig(
            output_dir=str(out),
            max_steps=STEPS,
            per_device_train_batch_size=BATCH,
            learning_rate=RATE,
            lr_scheduler_type="cosine",
            warmup_steps=0.03,
            max_length=LENGTH,
            packing=True,
            shuffle_dataset=True,
            bf16=False,
            use_cpu=not cuda,
            gradient_checkpointing=cuda,
            logging_steps=1,
            save_strategy="no",
            report_to=[],
            disable_tqdm=True,
            dataloader_pin_memory=cuda,
        ),
        train_dataset=Dataset.from_list(rows),
        processing_class=load_tokenizer(str(model)),
        peft_config=LoraConfig(
            r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"
        ),
    )
    trainer.train()


def padding_share(work: Path) -> float:
    """Of the tokens that the model is given in packed batches, those that are padding."""
    tokens = pq.read_table(work / "tokens" / "train.parquet").to_pylist()
    packed = pack_dataset(Dataset.from_list(tokens), LENGTH, "bfd")
    collate = DataCollatorForLanguageModeling(pad_token_id=-1, padding_free=True)
    given = real = 0
    for start in range(0, len(packed) - BATCH + 1, BATCH):
        ids = collate([packed[i] for i in range(start, start + BATCH)])["input_ids"]
        given += ids.numel()
        real += int((ids != -1).sum())
    return 1 - real / given


def report(rounds: list[tuple[Spent, Spent]], padding: float) -> None:
    for number, (ours, plain) in enumerate(rounds, 1):
        print(
            f"round {number}, tokens a CPU second: ours {ours.rate('cpu'):,.0f}, "
            f"plain {plain.rate('cpu'):,.0f}"
        )
    ratio = {
        clock: statistics.median(ours.rate(clock) / plain.rate(clock) for ours, plain in rounds)
        for clock in ("cpu", "wall")
    }
    result = {
        "over_plain_sft": round(ratio["cpu"], 3),
        "over_plain_sft_wall": round(ratio["wall"], 3),
        "padding_share": round(padding, 4),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
