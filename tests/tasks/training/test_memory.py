"""Memory and disks that are full: how that is seen, and what is said about it."""

from pathlib import Path

import pytest

from tasks.records.training import TrainConfig
from tasks.training.disk import is_disk_full, room_advice

pytestmark = pytest.mark.xdist_group("torch")


def test_what_torch_cannot_allocate_is_memory_that_ran_out() -> None:
    import torch

    from tasks.training.memory import is_out_of_memory

    with pytest.raises(RuntimeError) as failed:
        torch.empty(1 << 60)
    assert is_out_of_memory(failed.value)
    assert not is_out_of_memory(RuntimeError("shapes do not fit"))


@pytest.mark.parametrize(
    ("config", "micro_batch", "recompute", "said"),
    [
        ({}, 8, False, ["8 x 1024 tokens", "micro_batch 4 in place of 8", "--recompute"]),
        ({"method": "full"}, 1, True, ["max_length 512 in place of 1024", "--method lora"]),
        ({"max_length": 300}, 1, True, ["max_length 150 in place of 300"]),
    ],
)
def test_the_advice_is_in_numbers_and_names_nothing_that_was_done(
    config: dict[str, object], micro_batch: int, recompute: bool, said: list[str]
) -> None:
    from tasks.training.memory import advice

    text = advice(TrainConfig.model_validate(config), micro_batch, recompute=recompute)
    assert all(part in text for part in said), text
    assert ("--recompute" in text) == (not recompute)
    assert ("micro_batch" in text) == (micro_batch > 1)


def test_a_write_to_a_full_disk_is_seen_by_whoever_writes(tmp_path: Path) -> None:
    import torch

    full = tmp_path / "full"
    full.symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left") as by_python, full.open("w") as sink:
        sink.write("x" * 100_000)
    with pytest.raises(RuntimeError) as by_torch:
        torch.save({"a": torch.zeros(100_000)}, full)
    for failed in (by_python, by_torch):
        assert is_disk_full(failed.value), failed.value
    assert not is_disk_full(OSError("permission denied"))
    assert "CASE2CODE_HOME" in room_advice(tmp_path)
