"""Training speed: tokens a second, ours over a plain SFTTrainer script with the same settings.

make bench NAME=train ARGS="--model FOLDER"

Both train the same packed sequences of the same model for as many steps, in turn, in one process;
what is compared is the time of the steps. Without --model a model of a few million weights is
made on the spot, so that the trainer's own cost would show. The last line is JSON: `over_plain_sft`
(tokens a second, ours over theirs) and `padding_share` (of the tokens in our packed batches).
"""

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import torch
from accelerate import PartialState
from datasets import Dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM
from trl import SFTConfig, SFTTrainer

from tasks.records.training import Launch, TrainConfig, TrainJob
from tasks.training.events import EventLog, EventReader
from tasks.training.loading import load_tokenizer
from tasks.training.program import Training
from tests.tiny_model import make_tokenizer

STEPS, BATCH, LENGTH, ROUNDS = 6, 2, 256, 3
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
        ours, plain = [], []
        for number in range(ROUNDS):
            ours.append(train_ours(model, folder, folder / f"ours-{number}"))
            plain.append(train_plain(model, rows, folder / f"plain-{number}"))
        report(ours, plain, padding_share(folder / "ours-0"))


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


def train_ours(model: Path, folder: Path, work: Path) -> float:
    """Seconds of the steps."""
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
    reader = EventReader(work / "events.jsonl")
    Training(
        job, PartialState(cpu=not torch.cuda.is_available()), EventLog(work / "events.jsonl")
    ).run()
    state: dict[str, Any] = json.loads((work / "state.json").read_text())
    assert any(event.kind == "done" for event in reader.new())
    return float(next(e["train_runtime"] for e in state["log_history"] if "train_runtime" in e))


def train_plain(model: Path, rows: list[dict[str, str]], out: Path) -> float:
    """Seconds of the steps of the script that a person would write."""
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
    return float(trainer.train().metrics["train_runtime"])


def padding_share(work: Path) -> float:
    """Of the tokens that the model is given in packed batches, those that are padding."""
    from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

    tokens = pq.read_table(work / "tokens" / "train.parquet").to_pylist()
    from trl import pack_dataset

    packed = pack_dataset(Dataset.from_list(tokens), LENGTH, "bfd")
    collate = DataCollatorForLanguageModeling(pad_token_id=-1, padding_free=True)
    given = real = 0
    for start in range(0, len(packed) - BATCH + 1, BATCH):
        ids = collate([packed[i] for i in range(start, start + BATCH)])["input_ids"]
        given += ids.numel()
        real += int((ids != -1).sum())
    return 1 - real / given


def report(ours: list[float], plain: list[float], padding: float) -> None:
    ratios = [theirs / own for own, theirs in zip(ours, plain, strict=True)]
    for number, (own, theirs) in enumerate(zip(ours, plain, strict=True)):
        print(f"round {number}: ours {own:.2f} s, plain {theirs:.2f} s of {STEPS} steps")
    print(
        json.dumps(
            {
                "over_plain_sft": round(statistics.median(ratios), 3),
                "padding_share": round(padding, 4),
                "measured_at": time.strftime("%Y-%m-%d"),
            }
        )
    )


if __name__ == "__main__":
    main()
