"""A model writes inputs, over HTTP: what it answers is kept, used and never asked for twice."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from flows.build_dataset import build_dataset
from tasks.errors import ConfigError, WriterError
from tasks.records.cases import Answer, ExecutedFunction
from tasks.records.configs import BuildConfig, InputsConfig
from tasks.records.steps import BuildSummary
from tasks.settings import Settings
from tasks.store.artifacts import open_store
from tests.flows.corpus import write_corpus

pytestmark = pytest.mark.usefixtures("prefect_server", "no_waiting")

RARE = "rhythm, blues and queueing"
"""An input that no search would come upon."""


class Handler(BaseHTTPRequestHandler):
    asked: list[str]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        prompt = body["messages"][-1]["content"]
        self.asked.append(prompt)
        rows = f"```python\nexamples = [dict(text={RARE!r}), dict(text='xyz'), not a row\n]\n```"
        message = {"role": "assistant", "content": rows if "count_vowels" in prompt else "Sorry."}
        answer = {
            "id": "1",
            "object": "chat.completion",
            "created": 0,
            "model": body["model"],
            "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
            "usage": {"prompt_tokens": 11, "completion_tokens": 5, "total_tokens": 16},
        }
        raw = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        """Silence."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The prompts that a server of the OpenAI protocol was sent."""
    prompts: list[str] = []
    handler = type("Asked", (Handler,), {"asked": prompts})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("CASE2CODE_LLM_URL", f"http://127.0.0.1:{server.server_port}/v1")
    yield prompts
    server.shutdown()
    thread.join()
    server.server_close()


def build(tmp_path: Path, *writers: str, **inputs: Any) -> BuildSummary:
    config = BuildConfig(
        corpus=(str(write_corpus(tmp_path)),),
        shards=2,
        inputs=InputsConfig(writers=writers, **inputs),
    )
    return build_dataset(config, store=str(tmp_path / "store"), workers=2)


def test_its_rows_become_cases_and_its_bad_rows_cost_themselves(
    tmp_path: Path, asked: list[str]
) -> None:
    summary = build(tmp_path, "search", "openai:tiny", llm_share="all")
    assert len(asked) >= 9
    with open_store(str(tmp_path / "store"), Settings()) as store:
        answers = [one for ref in store.refs("answers") for one in store.read_records(ref, Answer)]
        executed = [
            one for ref in store.refs("cases") for one in store.read_records(ref, ExecutedFunction)
        ]
    assert {(one.model, one.prompt_tokens) for one in answers} == {("tiny", 11)}
    written = {
        (one.function.name, case.writer)
        for one in executed
        for case in one.cases
        if RARE in case.arguments
    }
    assert ("count_vowels", "tiny") in written
    assert summary.dataset.functions >= 9
    assert "ask" in {step.step for step in summary.dataset.funnel.steps}


def test_answers_are_paid_for_once(tmp_path: Path, asked: list[str]) -> None:
    build(tmp_path, "search", "openai:tiny")
    first = len(asked)
    again = build(tmp_path, "search", "openai:tiny", budget=90)
    assert len(asked) == first
    assert again.cached_steps < again.task_runs, "another budget searches anew"


def test_a_model_without_a_server_is_said_so_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CASE2CODE_LLM_URL", raising=False)
    with pytest.raises(ConfigError, match="CASE2CODE_LLM_URL"):
        build(tmp_path, "openai:tiny")


def test_a_server_that_is_not_there_fails_the_build_and_says_what_to_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASE2CODE_LLM_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setattr("tasks.models.opening.MODEL_RETRIES", 0)
    with pytest.raises(WriterError, match="cannot be reached"):
        build(tmp_path, "search", "openai:tiny")
