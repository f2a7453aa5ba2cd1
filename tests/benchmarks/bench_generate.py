"""How fast the engine in this process writes, beside a plain loop over `generate`.

    make bench NAME=generate ARGS="--model FOLDER --requests 32 --rows 8 --tokens 64"

Without `--model` a tiny random model is made, whose figures say little. Ways, on the same prompts
(`--published`, the paper's functions with the worked example before them, where `../shared/data`
is; else made up), the same batch size and at most the same number of tokens, greedy, in the same
process:

- `plain`: sorted by length, padded on the left, `model.generate` batch by batch;
- `ours`: `tasks.models.local_engine`, grammar and sampling off.

Rounds are interleaved; the figures are ratios of CPU time of the same round, medians. Keys of the
last line: `over_plain_generate` (tokens a CPU second, ours over plain), `ours` and `plain` (tokens
a CPU second), `equal_answers` (share; in bfloat16 close choices fall otherwise in other batches),
`tokens`.
"""

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from bench_writers import ITEMS, published

from tasks.inputs.asking import messages_for
from tasks.models.local_engine import LocalEngine
from tasks.models.local_files import find_model
from tasks.models.local_loading import Loaded, load
from tasks.models.local_prompts import tokens_of
from tasks.models.requests import Message, Request

sys.path.insert(0, str(Path(__file__).parents[2]))
WORDS = ("values", "of", "arguments", "that", "take", "each", "branch", "def", "return", "x = 1")


def requests_of(number: int, tokens: int) -> list[Request]:
    """Chats of different lengths with a long beginning in common, as writers of inputs ask."""
    if ITEMS.exists():
        functions, _ = published(ITEMS)
        chats = [messages_for(function) for function in functions[:number]]
    else:
        rng = random.Random(0)
        beginning = " ".join(rng.choices(WORDS, k=60))
        chats = [
            (Message("user", f"{beginning} {' '.join(rng.choices(WORDS, k=rng.randint(5, 60)))}"),)
            for _ in range(number)
        ]
    return [
        Request(str(key), chat, temperature=0.0, max_tokens=tokens, seed=key)
        for key, chat in enumerate(chats)
    ]


def ours(loaded: Loaded, requests: Sequence[Request], rows: int) -> dict[str, tuple[int, str]]:
    """Tokens and text by key."""
    engine = LocalEngine(loaded, rows)
    return {reply.key: (reply.completion_tokens, reply.text) for reply in engine.generate(requests)}


def plain(loaded: Loaded, requests: Sequence[Request], rows: int) -> dict[str, tuple[int, str]]:
    """The loop that one writes without an engine."""
    tokenizer = loaded.tokenizer
    prompts = sorted(
        ((tokens_of(request, tokenizer), request) for request in requests),
        key=lambda one: -len(one[0]),
    )
    found = {}
    for start in range(0, len(prompts), rows):
        batch = prompts[start : start + rows]
        padded = tokenizer.pad(
            {"input_ids": [ids for ids, _ in batch]}, padding_side="left", return_tensors="pt"
        ).to(loaded.device)
        out = loaded.model.generate(
            **padded,
            max_new_tokens=batch[0][1].max_tokens,
            do_sample=False,
            repetition_penalty=1.0,
            eos_token_id=sorted(loaded.ends),
        )
        for row, (_, request) in zip(out[:, padded["input_ids"].shape[1] :], batch, strict=True):
            ids = row.tolist()
            end = next((at for at, token in enumerate(ids) if token in loaded.ends), len(ids))
            found[request.key] = end, tokenizer.decode(ids[:end], skip_special_tokens=True)
    return found


Way = Callable[[Loaded, Sequence[Request], int], dict[str, tuple[int, str]]]


def timed(
    way: Way, loaded: Loaded, requests: Sequence[Request], rows: int
) -> tuple[float, dict[str, tuple[int, str]]]:
    """Tokens a second of CPU time (on a GPU: of time), and the answers."""
    clock = time.process_time if loaded.device.type == "cpu" else time.perf_counter
    began = clock()
    answers = way(loaded, requests, rows)
    seconds = clock() - began
    return sum(tokens for tokens, _ in answers.values()) / seconds, answers


def main() -> None:
    """Measure, and print the JSON line."""
    options = argparse.ArgumentParser()
    options.add_argument("--model", default="")
    options.add_argument("--requests", type=int, default=32)
    options.add_argument("--rows", type=int, default=8)
    options.add_argument("--tokens", type=int, default=64)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--dtype", default="")
    options.add_argument("--threads", type=int, default=1)
    args = options.parse_args()
    torch.set_num_threads(args.threads)
    with tempfile.TemporaryDirectory() as folder:
        loaded = load(find_model(args.model or tiny(Path(folder))), dtype=args.dtype)
    requests = requests_of(args.requests, args.tokens)
    ours(loaded, requests[:2], args.rows)  # what is done once is not measured
    rounds = [
        (timed(plain, loaded, requests, args.rows), timed(ours, loaded, requests, args.rows))
        for _ in range(args.rounds)
    ]
    last_plain, last_ours = (answers for _, answers in rounds[-1])
    print(json.dumps(figures(rounds, last_plain, last_ours)))


def figures(rounds: Sequence[Any], theirs: dict[str, Any], own: dict[str, Any]) -> dict[str, float]:
    """Medians over the rounds."""
    return {
        "over_plain_generate": statistics.median(mine[0] / other[0] for other, mine in rounds),
        "ours": statistics.median(mine[0] for _, mine in rounds),
        "plain": statistics.median(other[0] for other, _ in rounds),
        "equal_answers": statistics.fmean(own[key] == theirs[key] for key in theirs),
        "tokens": sum(tokens for tokens, _ in own.values()),
    }


def tiny(folder: Path) -> str:
    """A random model, for a machine without another."""
    from tests.tiny_model import make_tiny_model

    return str(make_tiny_model(folder / "tiny", context=4096))


if __name__ == "__main__":
    main()
