"""The hostile programs, read from the TOML files beside this one.

One table is one program: its name says what it attacks, `source` defines `f`, `calls` (default:
one call with 1) are made, and each must end in one of the `allowed` statuses; an answer that is
`ok` must be `value` where that is given, an error one of `error`. Never run one outside a jail.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox import Call, Outcome, Program, Status

FOLDER = Path(__file__).parent

THEMES = (
    "time",
    "memory",
    "endings",
    "processes",
    "kernel",
    "files",
    "channel",
    "interpreter",
    "leftovers",
    "lies",
    "loading",
    "nondeterminism",
)

ANSWERED = ("ok", "raised", "bad_program", "refused")
"""What a program may come to that does nothing worse than patch what it can reach."""

DEFAULT_ALLOWED = {"nondeterminism": ("ok",), "leftovers": ANSWERED}

# All in one program, so that the answer is a word that an outcome can carry.
_SYSCALL = """
import ctypes

def f(x):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    answer = libc.syscall(*map(ctypes.c_long, {arguments}))
    if answer != -1:
        return "got through"
    return {{1: "refused", 38: "no such call"}}.get(ctypes.get_errno(), "reached the kernel")
"""


@dataclass(frozen=True)
class Attack:
    """A hostile program and what may become of it."""

    theme: str
    name: str
    source: str
    calls: tuple[tuple[Any, ...], ...]
    allowed: frozenset[Status]
    value: str | None
    errors: tuple[str, ...]
    tolerant: bool
    """Two runs may agree by chance."""

    @property
    def program(self) -> Program:
        """The attack as the sandbox takes it."""
        return Program(self.source, "f", tuple(map(Call, self.calls)))

    def complaints(self, outcomes: tuple[Outcome, ...]) -> list[str]:
        """What is wrong with these outcomes; empty where nothing is."""
        found = [f"{len(outcomes)} outcomes"] if len(outcomes) != len(self.calls) else []
        return [*found, *(text for outcome in outcomes for text in self._of_one(outcome))]

    def _of_one(self, outcome: Outcome) -> Iterator[str]:
        if outcome.status not in self.allowed:
            yield f"{outcome.status} is not allowed: {outcome}"
        if outcome.status is Status.OK and self.value is not None and outcome.value != self.value:
            yield f"a wrong value: {outcome}"
        if outcome.status is not Status.OK and outcome.value is not None:
            yield f"a failure with a value: {outcome}"
        if self.errors and outcome.error not in self.errors and outcome.error:
            yield f"a wrong error: {outcome}"


def read_attacks() -> tuple[Attack, ...]:
    """Every attack, in the order of the themes and of the files."""
    return tuple(
        _attack(theme, name, table) for theme in THEMES for name, table in _tables(theme).items()
    )


def read_syscalls() -> dict[str, Program]:
    """A program for each system call that must be refused."""
    return {
        name: Program(_SYSCALL.format(arguments=arguments), "f", (Call((1,)),))
        for name, arguments in _tables("syscalls").items()
    }


def _tables(theme: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{theme}.toml").read_text())


def _attack(theme: str, name: str, table: dict[str, Any]) -> Attack:
    return Attack(
        theme=theme,
        name=name,
        source=table["source"],
        calls=tuple(map(tuple, table.get("calls", [[1]]))),
        allowed=frozenset(map(Status, table.get("allowed", DEFAULT_ALLOWED.get(theme, ())))),
        value=table.get("value"),
        errors=tuple(table.get("error", ())),
        tolerant=table.get("tolerant", False),
    )
