"""One tuple for each program, in order, one outcome for each call; whatever dies."""

import itertools
import os
import random
import signal
import threading
from collections.abc import Iterator

import pytest

from sandbox import Call, Limits, Program, Sandbox, Status


def numbered(count: int) -> Iterator[Program]:
    """Programs of every sort, each returning its own number."""
    sorts = (
        "def f(n): return n",
        "import re\ndef f(n): return int(re.sub('x', '', str(n)))",
        "import os\ndef f(n): return n if os.getpid() else 0",
        "import json\ndef f(n): return json.loads(str(n))",
    )
    for number in range(count):
        yield Program(sorts[number % len(sorts)], "f", (Call((number,)), Call((-number,))))


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("proved", [False, True])
def test_outcomes_come_in_order_and_complete(workers: int, proved: bool) -> None:
    with Sandbox(workers=workers) as sandbox:
        ask = sandbox.prove if proved else sandbox.run
        values = [tuple(o.value for o in outcomes) for outcomes in ask(numbered(600))]
    assert values == [(str(n), str(-n)) for n in range(600)]


def test_programs_are_read_ahead_but_not_without_end() -> None:
    with Sandbox() as sandbox:
        outcomes = sandbox.run(itertools.cycle(numbered(4)))
        first = [next(outcomes)[0].value for _ in range(8)]
        outcomes.close()
        assert first == ["0", "1", "2", "3"] * 2
        assert len(list(sandbox.run(numbered(3)))) == 3


def test_two_streams_of_one_sandbox_do_not_mix() -> None:
    with Sandbox() as sandbox:
        pairs = zip(sandbox.run(numbered(50)), sandbox.prove(numbered(50)), strict=True)
        assert all(one == two for one, two in pairs)


@pytest.mark.parametrize("seed", range(3))
def test_killed_zygotes_and_nsjails_lose_and_double_nothing(seed: int) -> None:
    draw = random.Random(seed)
    with Sandbox(workers=2) as sandbox:
        values = []
        for at, outcomes in enumerate(sandbox.run(numbered(800))):
            values.append(outcomes[0].value)
            if at % 100 == draw.randrange(100):
                os.kill(draw.choice(sandbox.process_ids()), signal.SIGKILL)
    assert values == [str(n) for n in range(800)]


def test_every_thread_may_have_a_sandbox_of_its_own() -> None:
    found: dict[int, list[str | None]] = {}

    def work(number: int) -> None:
        with Sandbox() as sandbox:
            found[number] = [outcomes[0].value for outcomes in sandbox.run(numbered(100))]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: [str(n) for n in range(100)] for number in range(3)}


def test_a_slow_program_does_not_cost_its_neighbours_their_results() -> None:
    with Sandbox(limits=Limits(cpu_seconds=0.2)) as sandbox:
        slow = Program("def f(n):\n while True: pass", "f", (Call((1,)),))
        programs = [*numbered(30), slow, *numbered(30)]
        outcomes = [found[0] for found in sandbox.run(programs)]
    assert outcomes.pop(30).status is Status.TIMEOUT
    assert [outcome.value for outcome in outcomes] == [str(n) for n in [*range(30)] * 2]
