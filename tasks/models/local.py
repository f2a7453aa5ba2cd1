"""Models in this process: opened by name, named by content.

`open_local` costs nothing: the files are looked for and the model is loaded when the first request
is read. A process holds one model at a time, which all who ask for it share; asking for another one
lets go of the first. Torch is imported with the first model, never with this module.
"""

import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from tasks.models.local_files import ModelFiles, content_name, find_model
from tasks.models.requests import Generate, Reply, Request

if TYPE_CHECKING:
    from tasks.models.local_engine import LocalEngine

CPU_ROWS = 16
GPU_ROWS = 64
"""Answers written at once: beyond it a batch gains little, and memory is better kept for length."""

_holding = threading.Lock()
_held: dict[tuple[Any, ...], "LocalEngine"] = {}


def open_local(model: str, *, device: str = "", dtype: str = "", rows: int = 0) -> Generate:
    """What answers requests with a model in this process.

    Args:
        model: A folder, a file, an id of the Hub, with an adapter or without: see
            `tasks.models.local_files`.
        device: `cpu`, `cuda` and the like; empty for what the machine has.
        dtype: `float32`, `bfloat16` or `float16`; empty for what the device is fast at.
        rows: Answers written at once, at most; 0 for what suits the device.

    Reading the first reply raises ConfigError where the model does not exist or cannot be loaded,
    WriterError where the Hub cannot be reached or memory does not hold even one answer.
    """

    def generate(requests: Iterable[Request]) -> Iterator[Reply]:
        yield from _engine(find_model(model), device, dtype, rows).generate(requests)

    return generate


def identity_of(model: str) -> str:
    """The model's name by its content, such as `qwen2@1a2b3c4d5e6f`: no place is in it.

    Raises as the first reply of `open_local` does.
    """
    return content_name(find_model(model))


def _engine(files: ModelFiles, device: str, dtype: str, rows: int) -> "LocalEngine":
    key = (content_name(files), files, device, dtype, rows)
    with _holding:
        if key not in _held:
            _held.clear()
            _held[key] = _loaded(files, device, dtype, rows)
        return _held[key]


def _loaded(files: ModelFiles, device: str, dtype: str, rows: int) -> "LocalEngine":
    # Seconds of imports, which only those pay who ask a model.
    from tasks.models.local_engine import LocalEngine  # noqa: PLC0415
    from tasks.models.local_loading import load  # noqa: PLC0415

    loaded = load(files, device=device, dtype=dtype)
    on_cpu = loaded.device.type == "cpu"
    return LocalEngine(loaded, rows or (CPU_ROWS if on_cpu else GPU_ROWS))
