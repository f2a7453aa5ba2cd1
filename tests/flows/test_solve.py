"""Programs from examples: what a server's model answers is tried, believed or not, and kept."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.solve import solve
from tasks.errors import ConfigError
from tasks.records.solutions import SolveConfig
from tests.flows.samples import ANSWER
from tests.tasks.models.serving import ModelServer

pytestmark = pytest.mark.usefixtures("prefect_server", "no_waiting")

TWO = SolveConfig(samples=2)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ModelServer]:
    with ModelServer(answer=ANSWER) as running:
        monkeypatch.setenv("CASE2CODE_LLM_URL", running.url)
        monkeypatch.setenv("CASE2CODE_HOME", str(tmp_path / "home"))
        yield running


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    path = tmp_path / "examples.py"
    path.write_text("assert add(1) == 2\nassert add(7) == 8\n")
    return path


def test_a_second_run_finds_the_solution_and_asks_nobody(
    server: ModelServer, examples: Path, tmp_path: Path
) -> None:
    store = str(tmp_path / "store")
    first = solve(examples, "openai:m", TWO, store=store, workers=1)
    assert first.solution.solved
    assert first.solution.source == "def add(n):\n    return n + 1"
    assert (first.solution.candidates, first.cached_steps) == (1, 0)
    asked = server.stats()["requests"]
    elsewhere = examples.rename(tmp_path / "moved.py")
    again = solve(elsewhere, "openai:m", TWO, store=store, workers=1)
    assert (again.solution, again.cached_steps) == (first.solution, 1)
    more = solve(elsewhere, "openai:m", SolveConfig(samples=3), store=store, workers=1)
    assert more.solution.solved
    assert len(server.stats()["answered"]) == 3, "of three candidates two were kept"
    assert server.stats()["requests"] <= asked + 2, "a probe, and the third"


@pytest.mark.usefixtures("server")
def test_with_wrong_answers_alone_nothing_is_called_a_solution(tmp_path: Path) -> None:
    path = tmp_path / "examples.json"
    path.write_text('[{"input": [1], "output": 3}, {"input": [2], "output": 3}]')
    config = SolveConfig(samples=2, repair=1)
    found = solve(path, "openai:m", config, "add", str(tmp_path / "store"), 1).solution
    assert (found.solved, found.passing, found.rounds) == (False, 0, 2)
    assert [one.right for one in found.evidence] == [False, True]


def test_what_is_no_model_is_said_before_anything_runs(examples: Path) -> None:
    with pytest.raises(ConfigError, match="is no model"):
        solve(examples, "search")
