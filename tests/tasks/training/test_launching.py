from pathlib import Path

import pytest
import yaml

from tasks.errors import ConfigError
from tasks.training.launching import accelerate_config

pytestmark = pytest.mark.xdist_group("torch")
NAMES = ["cpu", "ddp", "deepspeed", "fsdp", "multi_node", "one_gpu"]


@pytest.mark.parametrize("name", NAMES)
def test_every_configuration_is_read_by_accelerate(name: str) -> None:
    from accelerate.commands.config.config_args import load_config_from_file

    path = accelerate_config(name)
    config = load_config_from_file(str(path))
    assert config.num_processes >= config.num_machines
    assert config.use_cpu == (name == "cpu")
    assert "bf16" not in path.read_text(), "the training decides about the precision"


def test_a_file_of_ones_own_is_taken_as_it_is(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(yaml.safe_dump({"num_processes": 3}))
    assert accelerate_config(str(own)) == own


def test_without_a_gpu_auto_is_the_cpu() -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    assert accelerate_config("auto").stem == "cpu"


def test_a_wrong_name_lists_the_right_ones() -> None:
    with pytest.raises(ConfigError, match="name cpu, ddp, deepspeed, fsdp, multi_node, one_gpu"):
        accelerate_config("tpu")
