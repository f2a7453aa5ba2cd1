"""How a model is trained, on what hardware, and what came of it.

`TrainConfig` is all that shapes the result and is in the cache key; `Launch` is how this
machine gets there, and is in none.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from tasks.records.artifacts import ArtifactRef
from tasks.records.base import Record
from tasks.records.drops import DropReason

Method = Literal["lora", "dora", "qlora", "full"]
Way = Literal["direct", "pretraining", "instruction"]


class AdapterConfig(Record):
    """The low-rank matrices that are trained in place of the model's own.

    Source: LoRA, arXiv 2106.09685; DoRA, arXiv 2402.09353; QLoRA, arXiv 2305.14314.
    """

    rank: int = Field(default=16, gt=0)
    alpha: int = Field(default=32, gt=0)
    dropout: float = Field(default=0.0, ge=0, lt=1)
    """Zero, unless a measurement says otherwise: a resumed run is then the same to the bit."""
    targets: str = "all-linear"
    """The layers that get an adapter: a name that PEFT knows, or a pattern of module names."""


class OptimizerConfig(Record):
    """How the weights move."""

    learning_rate: float | None = Field(default=None, gt=0)
    """At its peak. None: by the model's size and the method."""
    schedule: Literal["linear", "cosine", "constant"] = "cosine"
    warmup_share: float = Field(default=0.03, ge=0, lt=1)
    weight_decay: float = Field(default=0.0, ge=0)
    max_grad_norm: float = Field(default=1.0, gt=0)


class TrainConfig(Record):
    """Everything that shapes what a training makes of a base model and a data set."""

    way: Way = "direct"
    """The three of the paper: on the completions of prompts alone (`direct`), as plain text
    (`pretraining`), on the assistant's turns of chats (`instruction`)."""
    method: Method = "lora"
    adapter: AdapterConfig = AdapterConfig()
    optimizer: OptimizerConfig = OptimizerConfig()
    epochs: float = Field(default=1.0, gt=0)
    steps: int | None = Field(default=None, gt=0)
    """Optimizer steps; where given, epochs do not count."""
    batch: int | None = Field(default=None, gt=0)
    """Sequences of one optimizer step, over all devices. None: by the model's size. The same on
    one device as on eight: what does not fit at once is accumulated."""
    max_length: int = Field(default=1024, gt=1)
    """Tokens of a sequence. A longer sample is dropped, never cut; plain text is cut up."""
    packing: bool = True
    """Several samples in one sequence, none of which sees another."""
    chat: bool | None = None
    """Whether prompts go through the model's chat template. None: where it has one."""
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """Of the computation. `auto`: bf16 where the hardware computes in it."""
    max_samples: int | None = Field(default=None, gt=0)
    """At most this many of the data set's training samples, the first of its order."""
    seed: int = 0

    @model_validator(mode="after")
    def _quantized_weights_do_not_train(self) -> "TrainConfig":
        if self.method == "qlora" and self.precision == "fp32":
            raise ValueError("qlora computes in bf16: leave the precision to auto, or use lora")
        return self


class Launch(Record):
    """How one machine, or several, run a training.

    It changes time and memory, not the result, but for the rounding of sums in another order.
    """

    accelerate: str = "auto"
    """A configuration in `deployments/accelerate` by its name, or a file. `auto`: `cpu`,
    `one_gpu` or `ddp`, by what the machine has."""
    micro_batch: int | None = Field(default=None, gt=0)
    """Sequences that a device holds at once, at most: it divides the batch. None: by model and
    device."""
    recompute: bool | None = None
    """Compute activations anew in the backward pass: less memory, a third more time. None: on a
    GPU."""
    shrink: bool = False
    """Out of memory, halve the micro batch and go on from the last checkpoint."""
    threads: int | None = Field(default=None, gt=0)
    """Threads of a process on a CPU. None: all cores."""
    save_every: int = Field(default=50, gt=0)
    """Steps between two checkpoints."""
    eval_every: int | None = Field(default=None, gt=0)
    """Steps between two measurements of the held-out loss. None: at the start and at the end."""
    report_to: tuple[str, ...] = ("tensorboard",)
    """Trackers, by the names of transformers' `report_to`."""


class DataCount(Record):
    """What became of the rows that a training was given."""

    samples: int = Field(ge=0)
    """Rows trained on."""
    tokens: int = Field(ge=0)
    """Tokens of all of them."""
    loss_tokens: int = Field(ge=0)
    """Tokens that count in the loss."""
    dropped: dict[DropReason, int] = Field(default_factory=dict)

    @property
    def taken(self) -> int:
        """Rows that came."""
        return self.samples + sum(self.dropped.values())


class Curve(Record):
    """One point of the training."""

    step: int
    loss: float | None = None
    """Mean over the tokens of the step."""
    held_out_loss: float | None = None
    learning_rate: float | None = None


class TrainResult(Record):
    """What a training comes to."""

    ref: ArtifactRef
    """An `adapter`, or a full `model`."""
    base: str
    """The base model as its users call it."""
    base_digest: str
    data: ArtifactRef
    train: DataCount
    held_out: DataCount
    logs: ArtifactRef | None = None
    """TensorBoard's files: they hold clocks and hosts, so they are no part of the model."""
    steps: int
    curve: tuple[Curve, ...]

    @property
    def held_out_losses(self) -> Annotated[tuple[float, ...], "first to last"]:
        """All measurements of the held-out loss."""
        return tuple(one.held_out_loss for one in self.curve if one.held_out_loss is not None)


class TrainJob(Record):
    """All that the training process is told: a file of JSON in its work folder."""

    config: TrainConfig
    launch: Launch
    model: str
    """Folder of the base model."""
    adapter: str = ""
    """Folder of an adapter to start from; empty for a new one."""
    train: tuple[str, ...]
    """Parquet files of rows."""
    held_out: tuple[str, ...] = ()
    work: str
    """Folder of tokens, checkpoints, events and the result; it outlives the process."""
    store: str = ""
    """Address of the store that checkpoints are also put in."""
    key: str = ""
    """Names the training in the store: one config, data set and base."""
    extra: dict[str, Any] = Field(default_factory=dict)
