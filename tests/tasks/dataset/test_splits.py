from collections import Counter

import pytest

from tasks.dataset.splits import split_of
from tasks.errors import ConfigError
from tasks.records.configs import DatasetConfig

GROUPS = [f"group {number}" for number in range(4_000)]


def test_the_shares_are_met_on_average() -> None:
    config = DatasetConfig(validation_share=0.1, test_share=0.2)
    sizes = Counter(split_of(group, 0, config) for group in GROUPS)
    assert sizes["test"] / len(GROUPS) == pytest.approx(0.2, abs=0.02)
    assert sizes["validation"] / len(GROUPS) == pytest.approx(0.1, abs=0.02)


def test_a_share_of_nothing_gives_no_such_split() -> None:
    config = DatasetConfig(validation_share=0, test_share=0)
    assert {split_of(group, 0, config) for group in GROUPS} == {"train"}


def test_another_seed_gives_another_split() -> None:
    config = DatasetConfig()
    assert any(split_of(group, 0, config) != split_of(group, 1, config) for group in GROUPS)


def test_a_larger_validation_share_moves_nothing_out_of_the_test_split() -> None:
    small, large = DatasetConfig(validation_share=0.1), DatasetConfig(validation_share=0.3)
    tested = [group for group in GROUPS if split_of(group, 0, small) == "test"]
    assert all(split_of(group, 0, large) == "test" for group in tested)


def test_shares_that_leave_nothing_to_train_on_are_an_error_that_names_them() -> None:
    config = DatasetConfig(validation_share=0.5, test_share=0.5)
    with pytest.raises(ConfigError, match="test_share"):
        split_of("group", 0, config)
