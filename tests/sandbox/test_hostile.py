"""Every hostile program ends as it must, alone and among honest ones, whose answers stay right.

All run in one sandbox (those that only want time in another), in an order that changes from run to
run, so that whatever one of them breaks for good shows in those after it.
"""

from collections.abc import Iterator

import pytest

from sandbox import Limits, Sandbox, Status
from tests.sandbox.hostile.attacks import Attack, read_attacks, read_syscalls
from tests.sandbox.hostile.honest import PROGRAMS, wrong_answers

# Small, so that some hundred programs that use all of it take a minute.
# Touching 256 MB page by page takes a loaded machine 0.3 s of CPU.
LIMITS = Limits(cpu_seconds=0.5, wall_factor=2.0, memory_bytes=128 << 20)
QUICK = Limits(cpu_seconds=0.2, wall_factor=2.0, memory_bytes=128 << 20)
"""For those that use up their time and hardly any memory."""

ATTACKS = read_attacks()
SYSCALLS = read_syscalls()


def _named(attack: Attack) -> str:
    return f"{attack.theme}-{attack.name}"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(limits=LIMITS) as opened:
        yield opened


@pytest.fixture(scope="module")
def quick() -> Iterator[Sandbox]:
    with Sandbox(limits=QUICK) as opened:
        yield opened


@pytest.fixture
def stage(sandbox: Sandbox, quick: Sandbox, attack: Attack) -> Sandbox:
    """Where an attack is tried."""
    return quick if attack.theme == "time" else sandbox


@pytest.mark.parametrize("attack", ATTACKS, ids=_named)
def test_alone_it_ends_as_it_must_and_the_next_is_answered_rightly(
    stage: Sandbox, attack: Attack
) -> None:
    [outcomes] = stage.run([attack.program])
    assert attack.complaints(outcomes) == []
    assert wrong_answers(list(stage.run(PROGRAMS))) == []


@pytest.mark.parametrize("attack", ATTACKS, ids=_named)
def test_among_honest_programs_it_ends_as_it_must_and_theirs_stay_right(
    stage: Sandbox, attack: Attack
) -> None:
    results = list(stage.run([*PROGRAMS, attack.program, *PROGRAMS]))
    assert attack.complaints(results[len(PROGRAMS)]) == []
    assert wrong_answers(results[: len(PROGRAMS)]) == []
    assert wrong_answers(results[len(PROGRAMS) + 1 :]) == []


@pytest.fixture(scope="module")
def answers(sandbox: Sandbox) -> dict[str, str]:
    """What became of each system call, all asked for in one run."""
    results = sandbox.run(list(SYSCALLS.values()))
    return {
        name: str(outcome.value or outcome)
        for name, (outcome,) in zip(SYSCALLS, results, strict=True)
    }


@pytest.mark.parametrize("name", SYSCALLS)
def test_the_system_call_is_refused(answers: dict[str, str], name: str) -> None:
    assert answers[name] in {"'refused'", "'no such call'"}


def test_no_two_attacks_share_a_name_and_more_than_165_are_tried() -> None:
    names = [attack.name for attack in ATTACKS] + list(SYSCALLS)
    assert len(set(names)) == len(names)
    assert len(names) > 165


def test_no_attack_may_end_in_a_fault_of_the_sandbox() -> None:
    assert not [attack.name for attack in ATTACKS if Status.INTERNAL_ERROR in attack.allowed]
