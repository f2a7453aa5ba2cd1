"""What a training uses where nothing was said: by the size of the model, and by the hardware.

The learning rates follow what is usual for supervised fine-tuning with AdamW: adapters take ten
times the rate of full weights, and larger models smaller steps.
"""

from dataclasses import dataclass

from tasks.records.training import Method


@dataclass(frozen=True, slots=True)
class Defaults:
    """Learning rates at their peak, and sequences of an optimizer step."""

    adapter_rate: float
    full_rate: float
    batch: int

    def rate(self, method: Method) -> float:
        """The learning rate for a method."""
        return self.full_rate if method == "full" else self.adapter_rate


_BY_SIZE = (
    (50_000_000, Defaults(2e-3, 1e-3, 8)),
    (300_000_000, Defaults(5e-4, 5e-5, 8)),
    (2_000_000_000, Defaults(2e-4, 2e-5, 32)),
    (10_000_000_000, Defaults(1e-4, 1e-5, 64)),
)
_LARGEST = Defaults(5e-5, 5e-6, 128)


def defaults_for(parameters: int) -> Defaults:
    """For a model of that many parameters."""
    return next((value for size, value in _BY_SIZE if parameters < size), _LARGEST)


def micro_batch_for(parameters: int, batch: int, processes: int, memory_bytes: int | None) -> int:
    """Sequences that a device holds at once: a divisor of its share of the batch.

    Args:
        parameters: Of the model.
        batch: Sequences of an optimizer step, over all devices.
        processes: Devices.
        memory_bytes: Of a device; None on a CPU.
    """
    if memory_bytes is None:
        wanted = 2
    else:
        # Sixteen bytes a parameter for weights, gradients and moments leave the rest for
        # activations: some two GiB a sequence of 1,024 tokens at a billion parameters.
        spare = memory_bytes - 16 * parameters
        wanted = max(1, int(spare / max(2 * parameters, 1 << 29)))
    return dividing(batch, processes, wanted)


def dividing(batch: int, processes: int, wanted: int) -> int:
    """The largest micro batch up to the wanted one that divides a device's share of the batch.

    With any other, a step would see fewer or more sequences than the config says, which is in the
    cache key, while the micro batch is not.
    """
    share = max(1, batch // processes)
    return max(size for size in range(1, min(share, max(wanted, 1)) + 1) if share % size == 0)
