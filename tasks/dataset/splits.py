"""Which side of the split a sample is on: a matter of its group alone."""

from tasks.errors import ConfigError
from tasks.records.base import digest_of
from tasks.records.configs import DatasetConfig

SPLITS = ("train", "validation", "test")


def split_of(group: str, seed: int, config: DatasetConfig) -> str:
    """The split of every sample of that group.

    A hash decides: copies (one group) never meet across a split, and what else is in the data
    set changes nothing. The shares are therefore met on average, not exactly.

    Raises:
        ConfigError: nothing would be left to train on.
    """
    held_out = config.validation_share + config.test_share
    if held_out >= 1:
        raise ConfigError(
            f"dataset.validation_share and test_share add up to {held_out}: leave some to train on"
        )
    place = int(digest_of("split", str(seed), group)[:16], 16) / 16**16
    if place < config.test_share:
        return "test"
    return "validation" if place < held_out else "train"
