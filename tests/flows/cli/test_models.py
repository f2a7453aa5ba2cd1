"""The commands that ask a model: what they print, and how they end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.cli.conftest import Command
from tests.flows.samples import ANSWER, write_dataset
from tests.tasks.models.serving import ModelServer


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(answer=ANSWER) as running:
        yield running


def test_solve_prints_the_nearest_with_its_evidence_and_ends_with_3(
    case2code: Command, server: ModelServer, tmp_path: Path
) -> None:
    path = tmp_path / "examples.csv"
    path.write_text("n,output\n1,2\n5,7\n")
    words = ["solve", path, "--model", "openai:m", "-n", 2, "--name", "add"]
    done = case2code(*words, "--store", tmp_path / "store", CASE2CODE_LLM_URL=server.url)
    assert done.returncode == 3, done.stderr
    assert "return n + 1" in done.stdout
    assert "add(n=5)" in done.stdout
    assert "the nearest: NOT a solution (1 of 2); 0 of 1" in done.stdout


def test_grade_difficulty_says_how_many_samples_are_never_solved(
    case2code: Command, server: ModelServer, tmp_path: Path
) -> None:
    ref = write_dataset(str(tmp_path / "store"), tmp_path / "files")
    words = ["grade-difficulty", ref.short, "--model", "openai:m", "-n", 1]
    done = case2code(*words, "--store", tmp_path / "store", CASE2CODE_LLM_URL=server.url)
    assert done.returncode == 0, done.stderr
    assert "4 samples: 50.0% of the answers are right; 2 samples are never solved" in done.stdout


@pytest.mark.xdist_group("torch")
def test_evaluate_with_a_model_in_the_process_prints_scores_and_where_the_page_is(
    case2code: Command, tiny_model: Path, tmp_path: Path
) -> None:
    ref = write_dataset(str(tmp_path / "store"), tmp_path / "files")
    words = ["evaluate", "--model", tiny_model, "--benchmark", f"case2code:{ref.short}"]
    words += ["--max-tokens", 4, "--store", tmp_path / "store"]
    done = case2code(*words)
    assert done.returncode == 0, done.stderr
    [page] = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("page")]
    assert "case2code" in Path(page).read_text()
    assert "0.0%" in done.stdout


def test_what_cannot_be_asked_is_one_clear_error(case2code: Command, tmp_path: Path) -> None:
    done = case2code("evaluate", "--model", tmp_path / "nothing")
    assert done.returncode == 1
    assert "error:" in done.stderr
    assert "nothing" in done.stderr
    assert "Traceback" not in done.stderr
