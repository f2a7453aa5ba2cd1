"""What one run cannot see, the second must: answers that depend on more than the arguments."""

from collections.abc import Iterator

import pytest

from sandbox import Call, Limits, Program, Sandbox, Status
from tests.sandbox.hostile.attacks import Attack, read_attacks
from tests.sandbox.hostile.honest import PROGRAMS, wrong_answers

LIMITS = Limits(cpu_seconds=0.2, wall_factor=2.0, memory_bytes=256 << 20)

# Of the others, those that take long to end are proved no better than they are run.
QUICK = ("channel", "interpreter", "leftovers", "lies", "loading")

ATTACKS = read_attacks()
CHANGING = [attack for attack in ATTACKS if attack.theme == "nondeterminism"]
OTHERS = [attack for attack in ATTACKS if attack.theme in QUICK]

SEEDS = Program("import random\n\ndef f(x):\n    random.seed(1)\n    return x", "f", (Call((1,)),))
DRAWS = Program("import random\n\ndef f(x):\n    return random.random()", "f", (Call((1,)),))


def _named(attack: Attack) -> str:
    return f"{attack.theme}-{attack.name}"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(limits=LIMITS) as opened:
        yield opened


@pytest.mark.parametrize("attack", CHANGING, ids=_named)
def test_an_answer_that_changes_is_never_proved(sandbox: Sandbox, attack: Attack) -> None:
    [outcomes] = sandbox.prove([attack.program])
    statuses = {outcome.status for outcome in outcomes}
    assert statuses <= attack.allowed | {Status.NONDETERMINISTIC}
    assert Status.NONDETERMINISTIC in statuses or attack.tolerant


@pytest.mark.parametrize("attack", CHANGING, ids=_named)
def test_an_answer_that_changes_costs_its_neighbours_nothing(
    sandbox: Sandbox, attack: Attack
) -> None:
    results = list(sandbox.prove([*PROGRAMS, attack.program, *PROGRAMS]))
    statuses = {outcome.status for outcome in results.pop(len(PROGRAMS))}
    assert Status.NONDETERMINISTIC in statuses or attack.tolerant
    assert wrong_answers(results[: len(PROGRAMS)]) == []
    assert wrong_answers(results[len(PROGRAMS) :]) == []


@pytest.mark.parametrize("attack", OTHERS, ids=_named)
def test_two_runs_beside_a_hostile_program_prove_the_honest_ones(
    sandbox: Sandbox, attack: Attack
) -> None:
    results = list(sandbox.prove([*PROGRAMS, attack.program, *PROGRAMS]))
    for outcome in results.pop(len(PROGRAMS)):
        assert outcome.status in attack.allowed | {Status.NONDETERMINISTIC}
    assert wrong_answers(results[: len(PROGRAMS)]) == []
    assert wrong_answers(results[len(PROGRAMS) :]) == []


def test_a_neighbour_that_seeds_the_generator_makes_no_draw_look_certain(
    sandbox: Sandbox,
) -> None:
    results = list(sandbox.prove([SEEDS, DRAWS, SEEDS, DRAWS, SEEDS]))
    assert [outcome.status for [outcome] in results] == [
        Status.OK,
        Status.NONDETERMINISTIC,
        Status.OK,
        Status.NONDETERMINISTIC,
        Status.OK,
    ]


def test_nobody_s_answer_depends_on_its_place_among_a_hundred(sandbox: Sandbox) -> None:
    quiet = [Program(f"def f(x):\n    return x + {n}", "f", (Call((1,)),)) for n in range(100)]
    for results in (sandbox.prove(quiet), reversed(list(sandbox.prove(quiet[::-1])))):
        assert [outcome.value for [outcome] in results] == [str(n + 1) for n in range(100)]
