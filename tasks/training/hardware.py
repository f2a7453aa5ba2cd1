"""What this machine can do: asked of torch and of what is installed, never assumed."""

from dataclasses import dataclass
from importlib.util import find_spec

import torch

from tasks.errors import ConfigError
from tasks.records.training import TrainConfig


@dataclass(frozen=True, slots=True)
class Hardware:
    """One device of a training."""

    cuda: bool
    bf16: bool
    """The device computes in bf16 by itself."""
    memory_bytes: int | None
    """Of the device; None on a CPU, where it is the machine's."""
    flash_attention: bool
    liger: bool


def look() -> Hardware:
    """This process's device."""
    cuda = torch.cuda.is_available()
    return Hardware(
        cuda=cuda,
        bf16=cuda and torch.cuda.is_bf16_supported(),
        memory_bytes=torch.cuda.get_device_properties(0).total_memory if cuda else None,
        flash_attention=cuda and find_spec("flash_attn") is not None,
        liger=cuda and find_spec("liger_kernel") is not None,
    )


def in_bf16(config: TrainConfig, hardware: Hardware) -> bool:
    """Whether to compute in bf16. Raises ConfigError where it was asked for and is not there."""
    if config.method == "qlora" and not (hardware.cuda and find_spec("bitsandbytes")):
        raise ConfigError("qlora needs a GPU and bitsandbytes; use lora, or install them")
    if config.precision == "bf16" and hardware.cuda and not hardware.bf16:
        raise ConfigError("this GPU does not compute in bf16; leave the precision to auto")
    return config.precision == "bf16" or (config.precision == "auto" and hardware.bf16)
