"""Every problem that counts has inputs that rule other functions out."""

from sandbox import Sandbox
from tasks.decontaminate.solving import PROBING, solve
from tests.tasks.decontaminate.conftest import problem

WAYS = ("t.upper()", "t.title()", "t[::-1]", "t + t", "t[1:]", "t.lower() + '.'")
TEXTS = ("aB", "bCc", "Cddd")


def of_texts(number: int, way: str) -> tuple[str, str, list[str]]:
    name = f"way{number}"
    answers = [eval(way, {"t": text}) for text in TEXTS]  # noqa: S307 - written above
    tests = [f"{name}({t!r}) == {a!r}" for t, a in zip(TEXTS, answers, strict=True)]
    return name, f"def {name}(t):\n    return {way}\n", tests


def test_a_problem_that_answers_no_shared_input_keeps_its_own() -> None:
    digits = {"one": 1, "two": 2, "three": 3}
    others = [
        problem(name, code, *tests)
        for name, code, tests in (of_texts(number, way) for number, way in enumerate(WAYS))
    ]
    alone = problem(
        "digit",
        f"def digit(t):\n    return {digits}[t]\n",
        *(f"digit({word!r}) == {number}" for word, number in digits.items()),
    )
    with Sandbox() as sandbox, Sandbox(limits=PROBING) as prober:
        *_, solved = solve([*others, alone], sandbox, prober)
    assert not solved.excluded
    assert solved.shared == solved.probes
    assert [probe.arguments for probe in solved.shared] == ["('one',)", "('two',)"]
