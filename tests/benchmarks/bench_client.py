"""How fast the client asks, beside the plain client that it stands on.

    make bench NAME=client
    make bench NAME=client ARGS="--requests 2000 --rounds 5"

A server in a process of its own answers every request after 50 ms; 64 are in flight. In each round
the ways take turns: `raw`, a gather of `openai.AsyncOpenAI` calls behind a semaphore; `ours`, the
client with its retries and limits; `kept`, the same with every answer written to a journal before
it is handed on. Requests a second on the wall and per CPU second of the client, the median of the
rounds, ratios within a round: those of CPU time hold on a loaded machine too. The last line is
JSON.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from openai import AsyncOpenAI

from tasks.models.keeping import KeptAnswers
from tasks.models.requests import Message, Request
from tasks.models.server import OpenAIServer
from tasks.settings import Settings
from tasks.store.artifacts import open_store

# A benchmark is a script: what the tests share is found from the root of the repository.
sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.tasks.models.serving import ModelServer

IN_FLIGHT = 64
DELAY = 0.05
PROMPT = "Write inputs for this function.\n" + "x = 1\n" * 300
"""As long as a usual request for inputs."""

Way = Callable[[str, Sequence[Request]], None]


def raw(url: str, requests: Sequence[Request]) -> None:
    """The plain client."""

    async def ask_all() -> None:
        free = asyncio.Semaphore(IN_FLIGHT)
        async with AsyncOpenAI(base_url=url, api_key="none") as client:

            async def ask(request: Request) -> str | None:
                async with free:
                    answer = await client.chat.completions.create(
                        model="m",
                        messages=[{"role": "user", "content": request.messages[0].content}],
                        temperature=request.temperature,
                        top_p=request.top_p,
                        max_tokens=request.max_tokens,
                        seed=request.seed,
                    )
                    return answer.choices[0].message.content

            texts = await asyncio.gather(*map(ask, requests))
            assert all(texts)

    asyncio.run(ask_all())


def ours(url: str, requests: Sequence[Request]) -> None:
    """Our client."""
    replies = list(OpenAIServer("m", base_url=url, concurrency=IN_FLIGHT).generate(requests))
    assert all(reply.text for reply in replies)
    assert len(replies) == len(requests)


def kept(url: str, requests: Sequence[Request]) -> None:
    """Our client, and every answer kept as it arrives."""
    by_key = {request.key: request for request in requests}
    server = OpenAIServer("m", base_url=url, concurrency=IN_FLIGHT)
    with (
        tempfile.TemporaryDirectory() as folder,
        open_store(folder, Settings()) as store,
        KeptAnswers(store, "m", Path(folder)) as answers,
    ):
        for reply in server.generate(requests):
            answers.add(by_key[reply.key], reply)


def measured(way: Way, url: str, requests: Sequence[Request]) -> tuple[float, float]:
    """Requests a second on the wall, and per CPU second of this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    way(url, requests)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return len(requests) / wall, len(requests) / cpu


WAYS: dict[str, Way] = {"raw": raw, "ours": ours, "kept": kept}


def rounds(url: str, count: int, number: int) -> list[dict[str, tuple[float, float]]]:
    """The measures of each way, round by round; the first warms up and is left out."""
    requests = [
        Request(str(i), (Message("user", f"{PROMPT}{i}"),), 0.6, max_tokens=100, seed=i)
        for i in range(number)
    ]
    found = []
    for turn in range(count + 1):
        names = list(WAYS)[turn % 3 :] + list(WAYS)[: turn % 3]
        found.append({name: measured(WAYS[name], url, requests) for name in names})
    return found[1:]


def main() -> None:
    """Measure, print a line a way and the JSON line."""
    options = argparse.ArgumentParser()
    options.add_argument("--requests", type=int, default=1500)
    options.add_argument("--rounds", type=int, default=5)
    args = options.parse_args()
    with ModelServer(delay=DELAY) as server:
        found = rounds(server.url, args.rounds, args.requests)
    result: dict[str, float] = {}
    for position, unit in enumerate(("per_s", "per_cpu_s")):
        for name in WAYS:
            result[f"{name}_{unit}"] = median(each[name][position] for each in found)
            print(f"{name:<6} {unit:<10} {result[f'{name}_{unit}']:8.1f}")
    for name in ("ours", "kept"):
        for position, kind in enumerate(("", "cpu_")):
            ratios = [each[name][position] / each["raw"][position] for each in found]
            result[f"{kind}{name}_of_raw_client"] = median(ratios)
    result["of_raw_client"] = result["ours_of_raw_client"]
    print(json.dumps({name: round(value, 3) for name, value in result.items()}))


if __name__ == "__main__":
    main()
