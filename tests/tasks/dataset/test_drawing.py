from pathlib import Path

import pytest

from tasks.dataset.assemble import assemble
from tasks.dataset.drawing import draw
from tasks.records.configs import DatasetConfig
from tasks.records.drops import Funnel
from tasks.records.samples import Sample


@pytest.fixture
def folder(samples: list[Sample], funnel: Funnel, tmp_path: Path) -> Path:
    config = DatasetConfig(validation_share=0.2, test_share=0.2, rows_per_file=7)
    assemble(samples, funnel, {}, tmp_path, config, 3)
    return tmp_path


def test_a_seed_draws_the_same_samples_again(folder: Path) -> None:
    assert draw(folder, 5, 1) == draw(folder, 5, 1)
    assert draw(folder, 5, 1) != draw(folder, 5, 2)


def test_drawing_more_than_there_are_gives_each_once(folder: Path, samples: list[Sample]) -> None:
    drawn = draw(folder, 1_000, 0)
    assert sorted(sample.id for sample in drawn) == sorted(sample.id for sample in samples)


def test_nothing_drawn_from_an_empty_folder_is_nothing(tmp_path: Path) -> None:
    assert draw(tmp_path, 3, 0) == []
