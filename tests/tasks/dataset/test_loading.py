"""The Hugging Face library reads what is written, without a network."""

import json
from pathlib import Path

import pytest

from tasks.dataset.assemble import assemble
from tasks.records.configs import DatasetConfig
from tasks.records.drops import Funnel
from tasks.records.samples import Sample


def load(folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Sample]]:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets")
    loaded = datasets.load_dataset(str(folder), cache_dir=str(cache))
    return {name: [Sample.model_validate(row) for row in rows] for name, rows in loaded.items()}


@pytest.mark.parametrize("share", [0.2, 0])
def test_load_dataset_gives_the_samples_back_split_by_split(
    samples: list[Sample],
    funnel: Funnel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    share: float,
) -> None:
    folder = tmp_path / "dataset"
    config = DatasetConfig(validation_share=share, test_share=share, rows_per_file=10)
    result = assemble(samples, funnel, {}, folder, config, 3)
    # What the store adds; it must not be taken for data.
    (folder / "manifest.json").write_text(json.dumps({"kind": "dataset", "files": []}))

    loaded = load(folder, tmp_path / "cache", monkeypatch)

    assert {name: len(rows) for name, rows in loaded.items()} == dict(result.splits)
    unplaced = {s.id: s.model_copy(update={"split": ""}) for rows in loaded.values() for s in rows}
    assert {name: s.model_copy(update={"split": ""}) for name, s in unplaced.items()} == {
        sample.id: sample for sample in samples
    }
