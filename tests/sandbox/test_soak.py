"""A hundred thousand programs in a row, a fifth of them hostile: no leak, no wrong answer."""

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from sandbox import Call, Limits, Outcome, Program, Sandbox, Status
from tests.sandbox.hostile.attacks import Attack, read_attacks
from tests.sandbox.hostile.honest import HONEST, is_right
from tests.sandbox.hostile.processes import descendants, open_descriptors, resident_kilobytes

COUNT = int(os.environ.get("SOAK_PROGRAMS", "100000"))
WARM = COUNT // 10
"""Programs after which memory is measured for the first time."""
LIMITS = Limits(cpu_seconds=0.05, wall_factor=2.0, memory_bytes=256 << 20)

ATTACKS = read_attacks()
# One in a hundred of the hostile ones may use up its time: else the soak would only wait.
SLOW = [attack for attack in ATTACKS if Status.TIMEOUT in attack.allowed]
QUICK = [attack for attack in ATTACKS if Status.TIMEOUT not in attack.allowed]


@dataclass
class Footprint:
    """What the sandbox holds: memory of this process and its workers, descriptors, processes."""

    kilobytes: int
    descriptors: int
    processes: int

    @classmethod
    def now(cls) -> "Footprint":
        """Measured at this moment, between two programs."""
        below = descendants(os.getpid())
        return cls(
            kilobytes=sum(map(resident_kilobytes, (os.getpid(), *below))),
            descriptors=open_descriptors(os.getpid()),
            processes=len(below),
        )


@dataclass
class Ledger:
    """Programs handed in and not yet answered, and what was wrong with the answers."""

    waiting: dict[int, Attack | str] = field(default_factory=dict)
    mistakes: list[str] = field(default_factory=list)

    def programs(self) -> Iterator[Program]:
        """The programs of the soak, noted as they are handed in."""
        for number in range(COUNT):
            draw = random.Random(number)
            if draw.random() < 0.2:
                attack = draw.choice(SLOW if draw.random() < 0.01 else QUICK)
                self.waiting[number] = attack
                yield attack.program
            else:
                program, self.waiting[number] = _honest(draw, number)
                yield program

    def check(self, number: int, outcomes: tuple[Outcome, ...]) -> None:
        """Compare the answer to program `number` with what it must be."""
        expected = self.waiting.pop(number)
        if isinstance(expected, Attack):
            self.mistakes += [
                f"{expected.name}: {what}" for what in _slow_aside(expected, outcomes)
            ]
        elif not all(is_right(outcome, expected) for outcome in outcomes):
            self.mistakes.append(f"honest program {number}: {outcomes}")


def _slow_aside(attack: Attack, outcomes: tuple[Outcome, ...]) -> list[str]:
    """Complaints, save that the small limit of CPU time may end any attack."""
    kept = [one for one in outcomes if one.status is not Status.TIMEOUT]
    return attack.complaints(outcomes) if len(kept) == len(outcomes) else []


def _honest(draw: random.Random, number: int) -> tuple[Program, str]:
    if draw.random() < 0.05:
        return draw.choice(HONEST[:2])
    body = draw.choice(
        (
            "return {number}",
            "return sum([1] * {number})",
            "return max(x, {number})",
            "import math\n    return math.floor({number}.5)",
        )
    )
    source = f"def f(x):\n    {body.format(number=number)}\n"
    return Program(source, "f", (Call((0,)),) * draw.randrange(1, 4)), str(number)


@pytest.mark.soak
@pytest.mark.timeout("7200")
def test_a_hundred_thousand_programs_leave_no_trace() -> None:
    ledger = Ledger()
    with Sandbox(workers=2, limits=LIMITS) as sandbox:
        for number, outcomes in enumerate(sandbox.run(ledger.programs())):
            ledger.check(number, outcomes)
            if number == WARM:
                before = Footprint.now()
        list(sandbox.run(program for program, _ in HONEST))
        after = Footprint.now()
    assert ledger.mistakes == []
    assert ledger.waiting == {}
    assert after.descriptors <= before.descriptors + 2
    assert after.processes <= before.processes + 2
    assert after.kilobytes <= before.kilobytes * 1.05 + 4_096
    assert descendants(os.getpid()) == []
