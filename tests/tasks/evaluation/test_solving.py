"""Programs from examples: files, candidates, evidence, repair."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from sandbox import Call, Limits
from tasks.errors import ConfigError
from tasks.evaluation.case_files import Cases, read_cases
from tasks.evaluation.jails import Jails
from tasks.evaluation.solving import solve
from tasks.models.requests import Reply, Request
from tasks.records.solutions import SolveConfig

DOUBLES = Cases("f", (Call((1,)), Call((2,)), Call((0.1,))), (2, 4, 0.2))
WRONG = "```python\ndef f(x):\n    return x * x\n```"
LONG = "```python\ndef f(x):\n    y = x\n    return y + y + 0\n```"
SHORT = "```python\ndef f(x):\n    return 2 * x\n```"


class Scripted:
    """Answers each request with the next text, and notes what it was asked."""

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)
        self.asked: list[Request] = []

    def __call__(self, requests: Iterable[Request]) -> Iterator[Reply]:
        for request in requests:
            self.asked.append(request)
            yield Reply(request.key, self.texts.pop(0))


@pytest.fixture(scope="module")
def jails() -> Iterator[Jails]:
    with Jails(Limits(cpu_seconds=0.5)) as opened:
        yield opened


def test_the_simplest_program_that_passes_all_is_the_answer(jails: Jails) -> None:
    model = Scripted(WRONG, LONG, SHORT, SHORT)
    solution = solve(DOUBLES, model, jails, SolveConfig(samples=4))
    assert solution.solved
    assert solution.source == "def f(x):\n    return 2 * x"
    assert (solution.candidates, solution.passing) == (3, 2)
    assert [one.call for one in solution.evidence] == ["f(1)", "f(2)", "f(0.1)"]
    assert all(one.right for one in solution.evidence)


def test_without_one_the_nearest_is_shown_and_called_that(jails: Jails) -> None:
    solution = solve(DOUBLES, Scripted(WRONG, "no code"), jails, SolveConfig(samples=2))
    assert not solution.solved
    assert solution.source == "def f(x):\n    return x * x"
    assert [(one.result, one.right) for one in solution.evidence] == [
        ("1", False),
        ("4", True),
        ("0.010000000000000002", False),
    ]


def test_repair_gives_what_failed_back_to_the_model(jails: Jails) -> None:
    model = Scripted(WRONG, SHORT)
    solution = solve(DOUBLES, model, jails, SolveConfig(samples=1, repair=2))
    assert (solution.solved, solution.rounds) == (True, 2)
    assert "f(1) returned 1, it should return 2" in model.asked[1].messages[-1].content
    assert "f(2)" not in model.asked[1].messages[-1].content


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", '[{"input": {"a": 1, "b": "x"}, "output": [1, "x"]}]'),
        ("a.csv", "a,b,output\n1,x,\"[1, 'x']\"\n"),
        ("a.py", "assert solve(a=1, b='x') == [1, 'x']\n"),
    ],
)
def test_examples_come_in_three_forms(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    cases = read_cases(tmp_path / name)
    assert cases.shown() == [">>> solve(a=1, b='x')\n[1, 'x']"]
    assert read_cases(tmp_path / name, "other").name == "other"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.json", "{}", "write a list"),
        ("a.json", "[]", "no example"),
        ("a.csv", "a,b\n1,2\n", "output"),
        ("a.py", "import os\n", "line 1"),
        ("a.py", "assert f(x) == 1\n", "with literals"),
        ("a.txt", "", ".json, .csv, .py"),
    ],
)
def test_what_holds_no_examples_is_said_so(name: str, text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ConfigError, match=said):
        read_cases(tmp_path / name)
