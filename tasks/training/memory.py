"""What to do when memory runs out, in numbers."""

import torch

from tasks.records.training import TrainConfig

_SIGNS = ("out of memory", "can't allocate memory", "not enough memory", "bad allocation")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out, on the device or in the machine."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error).lower() for sign in _SIGNS)


def advice(config: TrainConfig, micro_batch: int, *, recompute: bool) -> str:
    """What to change, the change that costs least first."""
    wanted = []
    if micro_batch > 1:
        wanted.append(
            f"micro_batch {micro_batch // 2} in place of {micro_batch} (the batch stays the same; "
            "--shrink does it by itself)"
        )
    if not recompute:
        wanted.append("--recompute (activations anew in the backward pass: a third more time)")
    if config.method == "full":
        wanted.append("--method lora (no gradients and moments for the base weights)")
    if micro_batch == 1:
        wanted.append(
            f"max_length {config.max_length // 2} in place of {config.max_length} "
            "(longer samples are then dropped, and counted)"
        )
    return (
        f"out of memory with {micro_batch} x {config.max_length} tokens on the device; try "
        + "; or ".join(wanted)
    )
