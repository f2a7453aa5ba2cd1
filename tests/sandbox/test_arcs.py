"""On request an outcome says which way its call took, and how far is counted in lines."""

from sandbox import Call, Limits, Program, Sandbox, Status

SOURCE = """\
def f(x):
    total = 0
    for i in range(x):
        if i % 2:
            total += i
    return total

def forever(x):
    while True:
        x += 1

def stubborn(x):
    try:
        while True:
            x += 1
    except BaseException:
        return 1
"""


def test_arcs_are_the_lines_that_a_call_went_through() -> None:
    with Sandbox() as sandbox:
        calls = (Call((0,)), Call((1,)), Call((2,)))
        [outcomes] = sandbox.run([Program(SOURCE, "f", calls)], arcs=True)
        untraced = list(sandbox.run([Program(SOURCE, "f", calls)]))
    assert outcomes[0].arcs == ((-1, 2), (2, 3), (3, 6), (6, -1))
    assert outcomes[1].arcs == ((-1, 2), (2, 3), (3, 4), (3, 6), (4, 3), (6, -1))
    assert {(4, 5), (5, 3)} <= set(outcomes[2].arcs or ())
    assert all(outcome.arcs is None for outcome in untraced[0])


def test_code_of_others_is_not_traced() -> None:
    source = "import json\ndef f(x):\n    return json.dumps(x)\n"
    with Sandbox() as sandbox:
        [[outcome]] = sandbox.run([Program(source, "f", (Call(([1],)),))], arcs=True)
    assert outcome.arcs == ((-1, 3), (3, -1))


def test_steps_end_a_call_and_no_other() -> None:
    with Sandbox(limits=Limits(steps=500)) as sandbox:
        programs = [Program(SOURCE, entry, (Call((1,)),)) for entry in ("forever", "stubborn", "f")]
        outcomes = [outcome for (outcome,) in sandbox.run(programs, arcs=True)]
    assert [(outcome.status, outcome.error) for outcome in outcomes] == [
        (Status.TIMEOUT, "steps"),
        (Status.TIMEOUT, "steps"),
        (Status.OK, ""),
    ]
