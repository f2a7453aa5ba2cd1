"""Completions that try to pass without an answer. None may, whatever form its tests have."""

from collections.abc import Iterator

import pytest

from sandbox import Limits
from tasks.evaluation.grading import grade
from tasks.evaluation.jails import Jails
from tasks.evaluation.references import references
from tasks.records.evaluations import Completion, GradeConfig
from tasks.records.problems import HiddenCase, Problem

SOLUTION = "def add(a, b):\n    return a + b\n"
LOOP = "def check(candidate):\n    for n in range(5):\n        assert candidate(n, n) == 2 * n\n"
PROBLEMS = {
    "assertions": Problem(
        benchmark="own",
        id="assertions",
        prompt="",
        entry="add",
        solution=SOLUTION,
        tests="assert add(1, 2) == 3\nassert add(2, 2) == 4",
    ),
    "loop": Problem(
        benchmark="own", id="loop", prompt="", entry="add", solution=SOLUTION, tests=LOOP
    ),
    "inputs": Problem(
        benchmark="own",
        id="inputs",
        prompt="",
        entry="add",
        solution=SOLUTION,
        tests="",
        base_inputs="[[1, 2], [3, 4]]",
        plus_inputs="[[5, 6.5]]",
    ),
    "hidden": Problem(
        benchmark="own",
        id="hidden",
        prompt="",
        entry="add",
        solution=SOLUTION,
        tests="",
        hidden=(HiddenCase(arguments="{'a': 1, 'b': 2}", output="3"),),
    ),
}
FORGERIES = {
    "equals_everything": """
class Any:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __bool__(self): return True
    def __sub__(self, other): return 0
    def __hash__(self): return 0
def add(a, b): return Any()
""",
    "int_that_equals_everything": """
class Any(int):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    __hash__ = int.__hash__
def add(a, b): return Any()
""",
    "searches_frames": """
import sys
def add(a, b):
    frame, found = sys._getframe(), []
    while frame:
        for value in list(frame.f_locals.values()) + list(frame.f_globals.values()):
            if type(value) is int and value not in (a, b): found.append(value)
        frame = frame.f_back
    return found[0] if found else None
""",
    "searches_the_collector": """
import gc
def add(a, b):
    for held in gc.get_objects():
        if type(held) in (list, tuple) and len(held) == 3 and tuple(held[:2]) == (a, b):
            return held[2]
    return None
""",
    "patches_exec": "def exec(*a): pass\ndef add(a, b): return None\n",
    "patches_builtins": """
import builtins
builtins.exec = builtins.compile = lambda *a, **k: None
builtins.all = builtins.isinstance = lambda *a: True
def add(a, b): return None
""",
    "patches_the_caller": """
import sys
def add(a, b):
    frame = sys._getframe(1)
    while frame:
        frame.f_globals.update(__equal__=lambda *a: True, check=lambda *a: None)
        frame = frame.f_back
    return None
""",
    "defines_the_check": "def check(candidate): pass\ndef add(a, b): return None\n",
    "leaves_early": "import os\ndef add(a, b): os._exit(0)\n",
    "exits": "def add(a, b): raise SystemExit(0)\n",
    "writes_a_verdict": """
import os
def add(a, b):
    for descriptor in range(3, 16):
        try: os.write(descriptor, b"all tests passed\\n")
        except OSError: pass
    return "all tests passed"
""",
    "returns_the_token": "def add(a, b): return '__tests__'\n",
}


@pytest.fixture(scope="module")
def jails() -> Iterator[Jails]:
    with Jails(Limits(cpu_seconds=1)) as opened:
        yield opened


@pytest.mark.parametrize("kind", list(PROBLEMS))
def test_no_forgery_passes_and_the_solution_does(kind: str, jails: Jails) -> None:
    [reference] = references([PROBLEMS[kind]], jails)
    assert reference.error == ""
    completion = Completion(benchmark="own", problem=kind, sample=0, text="")
    sources = {**FORGERIES, "solution": SOLUTION}
    answered = [(completion, reference, source) for source in sources.values()]
    passed = [one.passed for one in grade(answered, jails, GradeConfig())]
    assert [name for name, one in zip(sources, passed, strict=True) if one] == ["solution"]
