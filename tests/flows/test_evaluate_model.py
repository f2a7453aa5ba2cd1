"""The flow and its commands, with a real model of the tests' own, a jail and a Prefect server."""

import gzip
import json
from pathlib import Path

import pytest

from flows.evaluate_model import evaluate_model
from tasks.errors import ConfigError
from tasks.records.evaluations import AskStyle, EvaluateConfig
from tasks.settings import Settings
from tasks.store.artifacts import open_store

pytestmark = pytest.mark.xdist_group("torch")

ROW = {
    "task_id": 11,
    "text": "Add two numbers.",
    "code": "def add(a, b):\n    return a + b",
    "test_list": ["assert add(1, 2) == 3", "assert add(0, 0) == 0"],
    "test_setup_code": "",
}


@pytest.fixture
def benchmark(tmp_path: Path) -> Path:
    path = tmp_path / "small.jsonl.gz"
    rows = [ROW, ROW | {"task_id": 12, "code": "def add(a, b):\n    return 3"}]
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    return path


@pytest.mark.usefixtures("prefect_server", "no_waiting")
def test_a_run_leaves_scores_completions_verdicts_and_a_page(
    tiny_model: Path, benchmark: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASE2CODE_HOME", str(tmp_path / "home"))
    config = EvaluateConfig(
        models=(f"transformers:{tiny_model}",),
        benchmarks=(str(benchmark),),
        ask=AskStyle(max_tokens=8),
    )
    first = evaluate_model(config, store=str(tmp_path / "store"), workers=1)
    evaluation = first.result.evaluation
    [score] = evaluation.scores
    assert (score.measure, score.problems, score.value) == ("pass@1", 1, 0.0)
    assert [one.problem for one in evaluation.excluded] == ["MBPP/12"]
    assert str(tmp_path) not in evaluation.model_dump_json()
    with open_store(str(tmp_path / "store"), Settings()) as store:
        with store.open(first.result.ref, "report.html") as page:
            assert "MBPP/11" in page.read_text()
        with store.open(first.result.ref, "scores.json") as scores:
            assert json.loads(scores.read_text())["models"] == list(evaluation.models)
    again = evaluate_model(config, store=str(tmp_path / "store"), workers=1)
    assert again.result.ref == first.result.ref
    assert again.cached_steps == 5


@pytest.mark.usefixtures("prefect_server")
def test_one_model_under_two_names_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    (tmp_path / "same").symlink_to(tiny_model)
    models = (f"transformers:{tiny_model}", f"transformers:{tmp_path / 'same'}")
    with pytest.raises(ConfigError, match="the same model"):
        evaluate_model(EvaluateConfig(models=models))
