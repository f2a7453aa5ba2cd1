"""A thousand programs in one run, some dying: every answer comes back to its own program."""

import random
from collections.abc import Iterator

import pytest

from sandbox import Call, Limits, Outcome, Program, Sandbox, Status

LIMITS = Limits(cpu_seconds=0.2, wall_factor=2.0, memory_bytes=256 << 20)
COUNT = 1_000

# What the body of `f` looks like, and what its calls come to; OK means "its own number".
KINDS = (
    ("return {number}, x", Status.OK, 60),
    ("return {number}, sum(range(x)) - sum(range(x)) + x", Status.OK, 20),
    ("import math\n    return math.floor({number}.5), x", Status.OK, 10),
    ("total = 0\n    for n in range({number}): total += 1\n    return total, x", Status.OK, 20),
    ("import os\n    os._exit({number} % 250)", Status.EXITED, 4),
    ("import os\n    os.kill(os.getpid(), 9)", Status.CRASHED, 4),
    ("import os\n    return os.write(3, b'{number}'), x", Status.TAMPERED, 4),
    ("raise KeyError({number})", Status.RAISED, 8),
    ("return 'a' * 10 ** 12", Status.MEMORY, 3),
    ("while True: pass", Status.TIMEOUT, 1),
)


def _draw(number: int) -> tuple[Program, Status]:
    draw = random.Random(number)
    [(body, status, _)] = draw.choices(KINDS, [weight for *_, weight in KINDS])
    filler = f"# {'filler ' * draw.randrange(60)}\n" * draw.randrange(20)
    source = f"{filler}def f(x):\n    {body.format(number=number)}\n"
    count = 1 if status is Status.TIMEOUT else draw.randrange(1, 6)
    return Program(source, "f", tuple(Call((n,)) for n in range(count))), status


def _mistakes(
    programs: list[tuple[Program, Status]], results: list[tuple[Outcome, ...]]
) -> list[tuple[int, Outcome]]:
    return [
        (number, outcome)
        for number, ((program, status), outcomes) in enumerate(zip(programs, results, strict=True))
        for call, outcome in zip(program.calls, outcomes, strict=True)
        if not _as_it_must(number, call, outcome, status)
    ]


def _as_it_must(number: int, call: Call, outcome: Outcome, status: Status) -> bool:
    if status is Status.OK:
        return outcome == Outcome(Status.OK, value=f"({number}, {call.args[0]})")
    if status is Status.RAISED:
        return (outcome.status, outcome.message) == (status, str(number))
    return outcome.status in {status, Status.SKIPPED} and outcome.value is None


@pytest.fixture(scope="module", params=[1, 2], ids=["one_worker", "two_workers"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(workers=request.param, limits=LIMITS) as opened:
        yield opened


def test_no_answer_is_attributed_to_another_program(sandbox: Sandbox) -> None:
    programs = [_draw(number) for number in range(COUNT)]
    results = list(sandbox.run([program for program, _ in programs]))
    assert _mistakes(programs, results) == []


def test_no_proof_is_attributed_to_another_program(sandbox: Sandbox) -> None:
    programs = [_draw(number) for number in range(COUNT // 4)]
    results = list(sandbox.prove([program for program, _ in programs]))
    assert _mistakes(programs, results) == []


def test_outcomes_come_in_order_while_programs_are_still_being_handed_in(
    sandbox: Sandbox,
) -> None:
    def endless() -> Iterator[Program]:
        number = 0
        while True:
            yield Program(f"def f(x):\n    return {number}", "f", (Call((1,)),))
            number += 1

    results = sandbox.run(endless())
    assert [next(results)[0].value for _ in range(2_000)] == [str(n) for n in range(2_000)]


def test_a_run_that_is_dropped_half_way_leaves_the_next_one_right(sandbox: Sandbox) -> None:
    programs = [_draw(number)[0] for number in range(200)]
    next(sandbox.run(programs))
    good = Program("def f(x):\n    return x", "f", (Call((1,)),))
    assert [outcome.value for [outcome] in sandbox.run([good] * 50)] == ["1"] * 50
