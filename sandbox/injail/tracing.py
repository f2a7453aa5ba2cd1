"""Line to line jumps of a program, and a budget of lines that is the same on every machine."""

from __future__ import annotations

from sys import settrace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any

    Trace = Callable[[FrameType, str, Any], Any]

PROGRAM_FILE = "<program>"
OUTSIDE = -1
"""Stands for the caller, in the arcs that enter and leave a function."""


class OutOfStepsError(BaseException):
    """The call used up its lines. A BaseException, so that few programs catch it."""


class Tracer:
    """Records one call's arcs in the program's own code; other code runs untraced."""

    def __init__(self, steps: int) -> None:
        self.arcs: set[tuple[int, int]] = set()
        self.steps = steps
        """Lines left; below zero once they were used up, whatever the program made of it."""

    def start(self) -> None:
        """Trace from the next call on."""
        settrace(self._enter)

    def _enter(self, frame: FrameType, event: str, arg: Any) -> Trace | None:  # noqa: ARG002 - the signature of a trace function
        if frame.f_code.co_filename != PROGRAM_FILE:
            return None
        last, add = OUTSIDE, self.arcs.add

        def step(frame: FrameType, event: str, arg: Any) -> Trace:  # noqa: ARG001 - as above
            nonlocal last
            if event == "line":
                line = frame.f_lineno
                add((last, line))
                last = line
                self.steps -= 1
                if self.steps < 0:
                    raise OutOfStepsError
            elif event == "return":
                add((last, OUTSIDE))
            return step

        return step
