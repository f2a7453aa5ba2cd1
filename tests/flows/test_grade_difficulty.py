"""A data set with the solve rates of a model in it: nothing else changes, nothing is paid twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.evaluate_model import evaluate_model
from flows.grade_difficulty import grade_difficulty
from tasks.records.artifacts import ArtifactRef
from tasks.records.evaluations import AskStyle, EvaluateConfig
from tasks.records.samples import Sample
from tasks.settings import Settings
from tasks.store.artifacts import open_store
from tasks.store.tables import read_records
from tests.flows.samples import ANSWER, write_dataset
from tests.tasks.models.serving import ModelServer

pytestmark = pytest.mark.usefixtures("prefect_server", "no_waiting")

ASK = AskStyle(samples=2, temperature=0.5)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ModelServer]:
    with ModelServer(answer=ANSWER) as running:
        monkeypatch.setenv("CASE2CODE_LLM_URL", running.url)
        monkeypatch.setenv("CASE2CODE_HOME", str(tmp_path / "home"))
        yield running


def samples(store_url: str, ref: ArtifactRef, split: str) -> list[Sample]:
    with (
        open_store(store_url, Settings()) as store,
        store.open(ref, f"data/{split}-00000-of-00001.parquet") as path,
    ):
        return list(read_records(path, Sample))


def test_each_sample_that_asks_for_a_program_gets_its_rate_and_nothing_else_changes(
    server: ModelServer, tmp_path: Path
) -> None:
    store = str(tmp_path / "store")
    ref = write_dataset(store, tmp_path / "files")
    found = grade_difficulty(ref.short, "openai:m", ASK, store, workers=1)
    assert (found.asked, found.always, found.never, found.mean) == (4, 2, 2, 0.5)
    for split, rates in (("train", [1, None, None, 0, None, None]), ("test", None)):
        before, after = samples(store, ref, split), samples(store, found.ref, split)
        assert rates in (None, [one.difficulty.solve_rate for one in after])
        blank = {"solve_rate": None}
        assert before == [
            one.model_copy(update={"difficulty": one.difficulty.model_copy(update=blank)})
            for one in after
        ]
    asked = server.stats()["requests"]
    again = grade_difficulty(ref.short, "openai:m", ASK, store, workers=1)
    assert (again.ref, again.cached_steps) == (found.ref, 2)
    assert server.stats()["requests"] == asked


@pytest.mark.usefixtures("server")
def test_a_data_set_in_a_folder_is_taken_into_the_store(tmp_path: Path) -> None:
    ref = write_dataset(str(tmp_path / "elsewhere"), tmp_path / "files")
    folder = tmp_path / "elsewhere" / ref.key
    store = str(tmp_path / "store")
    found = grade_difficulty(str(folder), "openai:m", ASK, store, workers=1)
    with open_store(store, Settings()) as opened:
        assert opened.has(ref)
        assert opened.manifest(found.ref).meta["difficulty"]["of"] == ref.digest


@pytest.mark.usefixtures("server")
def test_the_test_split_of_a_data_set_of_the_store_is_a_benchmark(tmp_path: Path) -> None:
    store = str(tmp_path / "store")
    ref = write_dataset(store, tmp_path / "files")
    config = EvaluateConfig(models=("openai:m",), benchmarks=(f"case2code:{ref.short}",))
    found = evaluate_model(config, store=store, workers=1).result.evaluation
    scores = {one.measure: (one.problems, one.value) for one in found.scores}
    assert scores == {"pass@1": (2, 0.5), "cases": (2, 0.5)}
