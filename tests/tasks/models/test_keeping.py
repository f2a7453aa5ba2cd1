"""Answers are kept the moment they arrive, for whoever asks the same, on either backend."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from tasks.models.keeping import KeptAnswers, key_of
from tasks.models.requests import Message, Reply, Request
from tasks.settings import Settings
from tasks.store.artifacts import ArtifactStore, open_store


def request(text: str = "a", **more: Any) -> Request:
    given = {"temperature": 0.5, "max_tokens": 9, "seed": 1} | more
    return Request(f"key of {text}", (Message("user", text),), **given)


def reply(text: str = "answer") -> Reply:
    return Reply("any", text, 3, 4)


def test_an_answer_is_there_for_the_next_session(store: ArtifactStore, tmp_path: Path) -> None:
    with KeptAnswers(store, "m", tmp_path) as kept:
        kept.add(request(), reply())
        assert kept.reply(request()) == Reply("key of a", "answer", 3, 4)
    with KeptAnswers(store, "m", tmp_path) as kept:
        assert kept.reply(request()) == Reply("key of a", "answer", 3, 4)
        assert kept.reply(request("b")) is None
    with KeptAnswers(store, "another", tmp_path) as kept:
        assert kept.reply(request()) is None


def test_the_next_session_need_not_wait_for_the_end(store: ArtifactStore, tmp_path: Path) -> None:
    with KeptAnswers(store, "m", tmp_path) as first, KeptAnswers(store, "m", tmp_path) as second:
        first.add(request("a"), reply("one"))
        second.add(request("b"), reply("two"))
        with KeptAnswers(store, "m", tmp_path) as third:
            assert [third.reply(request(text)) is not None for text in "ab"] == [True, True]
    with KeptAnswers(store, "m", tmp_path) as fourth:
        assert [fourth.reply(request(text)) is not None for text in "ab"] == [True, True]


def test_a_refusal_is_not_kept(store: ArtifactStore, tmp_path: Path) -> None:
    with KeptAnswers(store, "m", tmp_path) as kept:
        kept.add(request(), Reply("any", "", error="400: too long"))

        assert kept.reply(request()) is None


@pytest.mark.parametrize(
    "change",
    [
        {"text": "b"},
        {"temperature": 0.6},
        {"max_tokens": 8},
        {"seed": 2},
        {"top_p": 0.5},
        {"sample": 1},
        {"stop": ("x",)},
        {"prefill": "x"},
        {"schema": {"type": "object"}},
        {"grammar": "start: /x/"},
        {"prompt": "x"},
    ],
)
def test_all_that_an_answer_depends_on_is_in_its_key(change: dict[str, Any]) -> None:
    assert key_of("m", request(**change)) != key_of("m", request())
    assert key_of("m", request()) == key_of("m", request())
    assert key_of("n", request()) != key_of("m", request())


def test_a_greedy_answer_does_not_depend_on_a_seed() -> None:
    greedy = {"temperature": 0.0}

    assert key_of("m", request(**greedy, seed=1)) == key_of("m", request(**greedy, seed=2))


def test_a_torn_line_costs_itself(tmp_path: Path) -> None:
    with open_store(str(tmp_path / "store"), Settings()) as store:
        with KeptAnswers(store, "m", tmp_path) as kept:
            for text in "abc":
                kept.add(request(text), reply(text))
        [journal] = (tmp_path / "store" / "answers").rglob("*.jsonl")
        lines = journal.read_bytes().splitlines(keepends=True)
        journal.write_bytes(lines[0] + b"garbage\n" + lines[1] + lines[2][:40])

        with KeptAnswers(store, "m", tmp_path) as kept:
            assert [kept.reply(request(text)) is not None for text in "abc"] == [True, True, False]


KILLED = """
import sys
from pathlib import Path
from tasks.models.keeping import KeptAnswers
from tasks.models.requests import Message, Reply, Request
from tasks.settings import Settings
from tasks.store.artifacts import open_store

settings = Settings(**json.loads(sys.argv[2])) if len(sys.argv) > 2 else Settings()
kept = KeptAnswers(open_store(sys.argv[1], settings), "m", Path(sys.argv[3]))
number = 0
while True:
    request = Request("k", (Message("user", str(number)),), temperature=0.5, max_tokens=9, seed=1)
    kept.add(request, Reply("k", "answer"))
    number += 1
    print(number, flush=True)
"""


def test_a_killed_process_loses_nothing_it_was_told(store: ArtifactStore, tmp_path: Path) -> None:
    settings = json.dumps(s3_of(store))
    writer = subprocess.Popen(
        [sys.executable, "-c", "import json" + KILLED, store.url, settings, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout
    for _ in range(120):
        last = int(writer.stdout.readline())
    os.kill(writer.pid, signal.SIGKILL)
    rest = [int(line) for line in writer.stdout if line.endswith("\n")]
    writer.communicate()

    for _ in range(2):  # what was adopted by the first is there for the second too
        with KeptAnswers(store, "m", tmp_path) as kept:
            for number in range(rest[-1] if rest else last):
                assert kept.reply(request(str(number))) is not None, number


def s3_of(store: ArtifactStore) -> dict[str, str]:
    if not store.url.startswith("s3"):
        return {}
    client: Any = vars(store.backend)["_client"]
    return {
        "s3_endpoint": client.meta.endpoint_url,
        "s3_region": "us-east-1",
        "s3_access_key": "test",
        "s3_secret_key": "test",
    }


def test_a_bucket_gets_few_objects_however_many_answers(
    bucket: str, s3_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.models.keeping.PART_LINES", 10)
    with open_store(f"s3://{bucket}", s3_settings) as store:
        with KeptAnswers(store, "m", tmp_path) as kept:
            for number in range(35):
                kept.add(request(str(number)), reply())
            assert len(list(store.backend.keys("answers/"))) == 3
        assert len(list(store.backend.keys("answers/"))) == 1
        assert not list(tmp_path.rglob("*.jsonl"))
        with KeptAnswers(store, "m", tmp_path) as kept:
            assert all(kept.reply(request(str(number))) for number in range(35))


def test_two_sessions_at_once_mix_nothing(store: ArtifactStore, tmp_path: Path) -> None:
    def write(name: str) -> None:
        with KeptAnswers(store, "m", tmp_path) as kept:
            for number in range(50):
                kept.add(request(f"{name}{number}"), reply(f"answer to {name}{number}"))

    threads = [threading.Thread(target=write, args=(name,)) for name in "xyz"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with KeptAnswers(store, "m", tmp_path) as kept:
        for name in "xyz":
            for number in range(50):
                found = kept.reply(request(f"{name}{number}"))
                assert found is not None
                assert found.text == f"answer to {name}{number}"
