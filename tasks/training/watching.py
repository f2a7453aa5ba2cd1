"""What a training says and keeps on its way: the callback that the trainer calls."""

import math
import time
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from tasks.errors import TrainingError
from tasks.training.checkpoints import PREFIX, StoredCheckpoints, mark
from tasks.training.events import Event, EventLog


class Watching(TrainerCallback):  # type: ignore[misc]  # its library is not followed
    """Turns the trainer's logs into events, puts checkpoints into the store, stops at a NaN.

    Logs come after every step and before its checkpoint is saved: what is saved was finite.
    """

    def __init__(self, events: EventLog, checkpoints: StoredCheckpoints | None) -> None:
        self._events = events
        self._checkpoints = checkpoints
        self._first: tuple[float, float, int] | None = None

    def on_log(
        self,
        args: TrainingArguments,  # noqa: ARG002 - the interface of transformers
        state: TrainerState,
        control: TrainerControl,  # noqa: ARG002
        logs: dict[str, Any] | None = None,
        **_: Any,
    ) -> None:
        """Says what was logged. Raises TrainingError where it is not a number."""
        logs = logs or {}
        if "loss" in logs:
            _require_finite(logs, state.global_step)
            self._events.write(self._step(logs, state))
        elif "eval_loss" in logs:
            self._events.write(
                Event(
                    kind="held_out",
                    step=state.global_step,
                    total=state.max_steps,
                    loss=float(logs["eval_loss"]),
                )
            )

    def on_save(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,  # noqa: ARG002
        **_: Any,
    ) -> None:
        """Marks the checkpoint as whole and puts it into the store."""
        if not state.is_world_process_zero:
            return
        folder = Path(str(args.output_dir)) / f"{PREFIX}{state.global_step}"
        mark(folder)
        if self._checkpoints is not None:
            self._checkpoints.keep(folder)
        self._events.write(Event(kind="saved", step=state.global_step, total=state.max_steps))

    def _step(self, logs: dict[str, Any], state: TrainerState) -> Event:
        now, tokens = time.monotonic(), float(logs.get("num_tokens", 0))
        if self._first is None:
            self._first = (now, tokens, state.global_step)
        began, before, first = self._first
        done = state.global_step - first
        return Event(
            kind="step",
            step=state.global_step,
            total=state.max_steps,
            loss=float(logs["loss"]),
            learning_rate=float(logs["learning_rate"]),
            tokens_per_s=(tokens - before) / (now - began) if done else None,
            seconds_left=(state.max_steps - state.global_step) * (now - began) / done
            if done
            else None,
        )


def _require_finite(logs: dict[str, Any], step: int) -> None:
    for name in ("loss", "grad_norm"):
        if not math.isfinite(float(logs.get(name, 0.0))):
            raise TrainingError(
                f"the {name.replace('_', ' ')} is not a number at step {step}; the last checkpoint "
                "before it is kept. Lower the learning rate, or use precision fp32"
            )
