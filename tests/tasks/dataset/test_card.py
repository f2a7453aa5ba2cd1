from pathlib import Path

import pytest
import yaml

from tasks.dataset.assemble import assemble
from tasks.records.configs import DatasetConfig
from tasks.records.drops import Funnel
from tasks.records.samples import Sample, Task

CONFIG = DatasetConfig(validation_share=0.2, test_share=0.2)


@pytest.fixture
def text(samples: list[Sample], funnel: Funnel, tmp_path: Path) -> str:
    meta = {"seed": 7, "versions": {"case2code": "0.1.0"}, "config": {"corpus": ["stdlib"]}}
    assemble(samples, funnel, meta, tmp_path, CONFIG, 7)
    return (tmp_path / "README.md").read_text(encoding="utf-8")


def test_the_hub_reads_its_metadata(text: str) -> None:
    hub = pytest.importorskip("huggingface_hub")
    data = hub.DatasetCard(text).data.to_dict()
    assert data["license"] == ["mit", "other", "unknown"]
    assert data["size_categories"] == ["n<1K"]
    assert data["task_categories"] == ["text-generation"]
    [config] = data["configs"]
    assert {"split": "train", "path": "data/train-*.parquet"} in config["data_files"]


def test_every_column_is_told_of(text: str) -> None:
    columns = text.partition("## Columns")[2].partition("## ")[0]
    assert [name for name in Sample.model_fields if f"`{name}`" not in columns] == []


def test_tasks_are_counted_where_there_are_several(
    samples: list[Sample], funnel: Funnel, tmp_path: Path, text: str
) -> None:
    assert "| Task |" not in text
    asked = [one.model_copy(update={"task": Task.OUTPUT_PREDICTION}) for one in samples[:20]]
    assemble([*asked, *samples[20:]], funnel, {}, tmp_path / "several", CONFIG, 7)
    card = (tmp_path / "several" / "README.md").read_text(encoding="utf-8")
    assert "| output_prediction | 20 |" in card


def test_the_metadata_is_plain_yaml(text: str) -> None:
    _, metadata, _ = text.split("---\n", 2)
    assert yaml.safe_load(metadata)["pretty_name"] == "Case2Code"


@pytest.mark.parametrize(
    "line",
    [
        "60 samples of 60 functions, 30 of them with at least 8 verified cases.",
        "| filters | functions | 70 | 60 | constant 7, too_few_cases 3 |",
        "| PSF-2.0 | 20 |",
        "| not known | 20 |",
        "seed: 7",
        "  case2code: 0.1.0",
        "def add(n):",
    ],
)
def test_a_reader_finds_what_it_is_and_how_it_was_made(text: str, line: str) -> None:
    assert line in text.splitlines()
