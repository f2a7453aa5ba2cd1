import json
from pathlib import Path

import pytest

from tasks.dataset.assemble import assemble
from tasks.dataset.splits import split_of
from tasks.errors import CorpusError
from tasks.records.configs import DatasetConfig
from tasks.records.drops import Funnel
from tasks.records.samples import Sample
from tasks.store.tables import read_records

CONFIG = DatasetConfig(validation_share=0.2, test_share=0.2, rows_per_file=10)
META = {"seed": 3, "versions": {"python": "3.11"}, "config": {"corpus": ["stdlib"]}}


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_every_sample_is_in_the_files_of_its_split_once(
    samples: list[Sample], funnel: Funnel, tmp_path: Path
) -> None:
    assemble(samples, funnel, META, tmp_path / "out", CONFIG, 3)
    found = {
        name: [
            sample.id
            for path in sorted((tmp_path / "out/data").glob(f"{name}-*.parquet"))
            for sample in read_records(path, Sample)
            if sample.split == name
        ]
        for name in ("train", "validation", "test")
    }
    expected = {
        name: sorted(s.id for s in samples if split_of(s.group, 3, CONFIG) == name)
        for name in found
    }
    assert found == expected
    assert all(found.values())


def test_samples_of_one_group_are_on_one_side(
    samples: list[Sample], funnel: Funnel, tmp_path: Path
) -> None:
    assemble(samples, funnel, META, tmp_path, CONFIG, 3)
    sides: dict[str, set[str]] = {}
    for path in (tmp_path / "data").iterdir():
        for sample in read_records(path, Sample):
            sides.setdefault(sample.group, set()).add(sample.split)
    assert all(len(side) == 1 for side in sides.values())


def test_the_order_of_the_shards_changes_no_byte(
    samples: list[Sample], funnel: Funnel, tmp_path: Path
) -> None:
    shuffled = samples[::-2] + samples[::2]
    first = assemble(samples, funnel, META, tmp_path / "a", CONFIG, 3)
    second = assemble(shuffled, funnel, META, tmp_path / "b", CONFIG, 3)
    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "b")
    assert json.dumps(first.meta) == json.dumps(second.meta)


def test_files_hold_no_more_rows_than_asked_for_and_count_themselves(
    samples: list[Sample], funnel: Funnel, tmp_path: Path
) -> None:
    result = assemble(samples, funnel, META, tmp_path, CONFIG, 3)
    names = sorted(path.name for path in (tmp_path / "data").glob("train-*"))
    files = -(-result.splits["train"] // 10)
    assert names == [f"train-{n:05}-of-{files:05}.parquet" for n in range(files)]
    rows = [len(list(read_records(tmp_path / "data" / name, Sample))) for name in names]
    assert max(rows) == 10


def test_nothing_but_data_attribution_funnel_and_card_is_left(
    samples: list[Sample], funnel: Funnel, tmp_path: Path
) -> None:
    assemble(samples, funnel, META, tmp_path, CONFIG, 3)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "README.md",
        "attribution.parquet",
        "data",
        "funnel.json",
    ]
    assert Funnel.model_validate_json((tmp_path / "funnel.json").read_text()) == funnel


def test_no_file_says_where_it_was_made(
    samples: list[Sample], funnel: Funnel, tmp_path: Path
) -> None:
    assemble(samples, funnel, META, tmp_path, CONFIG, 3)
    assert not any(str(tmp_path).encode() in content for content in bytes_of(tmp_path).values())


def test_the_counts_come_back_and_stand_in_the_meta(
    samples: list[Sample], funnel: Funnel, tmp_path: Path
) -> None:
    twin = samples[1].model_copy(update={"id": "0" * 64})
    result = assemble([*samples, twin], funnel, META, tmp_path, CONFIG, 3)
    assert (result.samples, result.functions, result.functions_with_8_cases) == (61, 60, 30)
    assert sum(result.splits.values()) == 61
    assert result.licences == {"": 20, "MIT": 21, "PSF-2.0": 20}
    assert result.meta["counts"]["samples"] == 61
    assert {key: result.meta[key] for key in META} == META


def test_a_split_without_samples_has_no_file(
    samples: list[Sample], funnel: Funnel, tmp_path: Path
) -> None:
    config = DatasetConfig(validation_share=0, test_share=0)
    assert assemble(samples, funnel, META, tmp_path, config, 3).splits == {"train": 60}
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["train-00000-of-00001.parquet"]


def test_no_sample_at_all_is_an_error_that_says_where_they_went(tmp_path: Path) -> None:
    funnel = Funnel.model_validate(
        {
            "steps": [
                {"step": "collect", "unit": "files", "taken": 2, "kept": 2},
                {
                    "step": "extract",
                    "unit": "functions",
                    "taken": 5,
                    "kept": 0,
                    "dropped": {"syntax": 5},
                },
            ]
        }
    )
    with pytest.raises(CorpusError, match=r"extract dropped all of its 5 functions \(5 syntax\)"):
        assemble([], funnel, META, tmp_path, CONFIG, 3)
