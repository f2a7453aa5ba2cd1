"""Another date and time of day, so that two passes of one day disagree on what reads the clock.

Covered: the functions of `time` and `datetime` that ask for the present. The zone of the jail
differs too, by its environment (`sandbox.policy`). Not covered: a program that calls the C
library by itself, and `datetime` where the zygote has not imported it.
"""

from __future__ import annotations

import gc
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_ASKED_AT_LAST = ("gmtime", "localtime", "ctime", "asctime", "strftime")
"""Functions of `time` that take the present where their last argument is not given, or is None."""


def move(seconds: int) -> None:
    """Let the clock of this process stand that much later."""
    real_time, real_time_ns = time.time, time.time_ns
    time.time = lambda: real_time() + seconds
    time.time_ns = lambda: real_time_ns() + seconds * 10**9
    _move_by_kind("clock_gettime", seconds)
    _move_by_kind("clock_gettime_ns", seconds * 10**9)
    for name in _ASKED_AT_LAST:
        _give_present(name)
    datetime: Any = sys.modules.get("datetime")
    if datetime is not None:
        delta = datetime.timedelta(seconds=seconds)
        for name in ("now", "utcnow"):
            _move_method(datetime.datetime, name, delta)


def _move_by_kind(name: str, more: int) -> None:
    """Of the clocks that can be asked for by number, those that tell the date."""
    real: Any = getattr(time, name)
    dated = {time.CLOCK_REALTIME, 5, 11}  # CLOCK_REALTIME_COARSE and CLOCK_TAI of clock_getres(2)

    def moved(clock: int) -> Any:
        return real(clock) + more if clock in dated else real(clock)

    setattr(time, name, moved)


def _give_present(name: str) -> None:
    real: Any = getattr(time, name)
    present: Callable[[], Any] = time.time if name in {"gmtime", "localtime", "ctime"} else _now
    given = 1 if name == "strftime" else 0

    def asked(*args: Any) -> Any:
        missing = len(args) == given or (len(args) == given + 1 and args[given] is None)
        return real(*args[:given], present()) if missing else real(*args)

    setattr(time, name, asked)


def _now() -> Any:
    return time.localtime()


def _move_method(cls: Any, name: str, delta: Any) -> None:
    """Replace a class method of a type that is written in C, and so forbids it."""
    real = vars(cls)[name]

    def moved(cls: Any, *args: Any, **kwargs: Any) -> Any:
        return real.__get__(None, cls)(*args, **kwargs) + delta

    # Behind the view that `vars` gives; before anyone has looked the method up.
    [held] = gc.get_referents(vars(cls))
    held[name] = classmethod(moved)
    clear: Callable[[], None] | None = getattr(sys, "_clear_type_cache", None)
    if clear is not None:
        clear()
