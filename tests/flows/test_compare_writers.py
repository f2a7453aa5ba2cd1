"""Writers compared end to end: the search, a model in this process, and both as a stack."""

from pathlib import Path

import pytest

from flows.build_dataset import build_dataset
from flows.compare_writers import compare_writers
from tasks.errors import ConfigError
from tasks.records.cases import Answer
from tasks.records.comparisons import PICTURE, Comparison, ComparisonConfig, ComparisonSummary
from tasks.records.configs import BuildConfig, InputsConfig
from tasks.settings import Settings
from tasks.store.artifacts import open_store
from tests.flows.corpus import write_corpus

pytestmark = [
    pytest.mark.usefixtures("prefect_server", "no_waiting"),
    pytest.mark.xdist_group("torch"),
]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A writer that runs in this process; the worked example of a prompt fits its context."""
    from tests.tiny_model import make_tiny_model

    folder = tmp_path_factory.mktemp("models") / "tiny"
    return f"transformers:{make_tiny_model(folder, context=4096)}"


def build_config(tmp_path: Path, *writers: str) -> BuildConfig:
    # A few tokens do: what a model of random weights writes is gibberish however long.
    inputs = InputsConfig(
        writers=writers or ("search",), llm_share="all", max_tokens=24, constrain=False
    )
    return BuildConfig(corpus=(str(write_corpus(tmp_path)),), shards=2, inputs=inputs)


def compare(tmp_path: Path, *writers: str) -> ComparisonSummary:
    config = ComparisonConfig(writers=writers, mutants=6, build=build_config(tmp_path))
    return compare_writers(config, store=str(tmp_path / "store"), workers=2)


def test_each_writer_is_measured_by_the_same_functions(tmp_path: Path, model: str) -> None:
    summary = compare(tmp_path, "search", model, f"search,{model}")
    search, alone, stack = (row.figures for row in summary.rows)
    assert search.functions == alone.functions == stack.functions >= 9
    assert search.valid_3 > 0.8
    assert alone.valid_3 < search.valid_3, "gibberish runs nowhere"
    assert stack.valid_3 >= search.valid_3
    assert 0 < search.mutants_killed <= 1
    took_search, took_alone, took_stack = (row.taken for row in summary.rows)
    assert took_search.answers == 0
    assert took_alone.new_answers == alone.functions
    assert took_stack.new_answers == 0, "the same answers are paid for once"
    assert took_stack.completion_tokens == took_alone.completion_tokens > 0


def test_what_is_published_names_no_place_and_comes_again(tmp_path: Path, model: str) -> None:
    first = compare(tmp_path, "search", model)
    again = compare(tmp_path, "search", model)
    assert again.ref == first.ref
    assert again.cached_steps >= again.task_runs - 1, "only the listing is done anew"
    with open_store(str(tmp_path / "store"), Settings()) as store:
        with store.open(first.ref, "comparison.json") as path:
            text = path.read_text()
        with store.open(first.ref, PICTURE) as path:
            assert path.read_text().startswith("<?xml")
    assert str(tmp_path) not in text
    assert model not in text
    assert Comparison.model_validate_json(text).writers[1].writer.startswith("transformers:llama@")


def test_a_model_in_this_process_writes_for_a_build(tmp_path: Path, model: str) -> None:
    config = build_config(tmp_path, "search", model)
    summary = build_dataset(config, store=str(tmp_path / "store"), workers=2)
    assert summary.dataset.functions >= 9
    with open_store(str(tmp_path / "store"), Settings()) as store:
        answers = [one for ref in store.refs("answers") for one in store.read_records(ref, Answer)]
    assert len(answers) >= 9
    assert {one.model.partition("@")[0] for one in answers} == {"llama"}
    assert all(one.completion_tokens for one in answers)


def test_a_model_that_is_not_there_is_said_so_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no model"):
        compare(tmp_path, "search", f"transformers:{tmp_path / 'nothing'}")
