"""What a training says while it runs: a line of JSON each, read by whoever started it.

The process that trains writes, in its work folder; the one that launched it reads. Nothing
else passes between them, so either may be on another machine's shared disk.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import Field

from tasks.records.base import Record
from tasks.records.training import DataCount

Kind = Literal["prepared", "started", "step", "held_out", "saved", "out_of_memory", "error", "done"]


class Event(Record):
    """One thing that happened. Fields that a kind does not name are empty."""

    kind: Kind
    step: int = 0
    total: int = 0
    """Steps of the whole training."""
    loss: float | None = None
    """Of a step, or held out."""
    learning_rate: float | None = None
    tokens_per_s: float | None = None
    seconds_left: float | None = None
    train: DataCount | None = None
    held_out: DataCount | None = None
    message: str = ""
    """Of an error: what to do."""
    notes: dict[str, str] = Field(default_factory=dict)
    """Of the start: device, precision, attention, micro batch."""


class EventLog:
    """Appends events to a file, each whole; a process that may not write has no path."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def write(self, event: Event) -> None:
        """Adds one event; it is on its way to the reader when this returns."""
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as stream:
                stream.write(event.model_dump_json(exclude_defaults=True) + "\n")


class EventReader:
    """Reads what was added since the last look; a line still being written waits."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = path.stat().st_size if path.exists() else 0

    def new(self) -> Iterator[Event]:
        """Events since the last call, oldest first."""
        if not self._path.exists():
            return
        with self._path.open("rb") as stream:
            stream.seek(self._offset)
            for line in stream:
                if not line.endswith(b"\n"):
                    return
                self._offset += len(line)
                yield Event.model_validate_json(line)
