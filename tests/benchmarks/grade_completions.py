"""Completions of HumanEval to grade: the canonical ones and harmless mutants of them.

For each problem five, as a model writes them, right and wrong:

| kind | is |
| --- | --- |
| canonical | the benchmark's own |
| wrong | the canonical one, whose answers are replaced by others of their kind |
| nothing | returns None |
| crashing | raises for every input, each problem another exception; some end the process |
| slow | the canonical one after some thousand needless steps; or one that never ends |
"""

from dataclasses import dataclass

from tasks.records.problems import Problem

NEEDLESS_STEPS = 5_000
"""Of each call: some hundred times what most of these functions take."""
KINDS = ("canonical", "wrong", "nothing", "crashing", "slow")

_CRASHES = (
    "raise ValueError('no')",
    "return 1 // 0",
    "return [][1]",
    "return undefined_name",
    "exit(0)",
    "raise SystemExit(0)",
    "assert False",
    "return {}['key']",
)
_SLOW = f"""
    for _step in range({NEEDLESS_STEPS}):
        _step += 1
    return _right(*args)
"""
_WRONG = """
    _answer = _right(*args)
    if isinstance(_answer, bool): return not _answer
    if isinstance(_answer, (int, float)): return _answer + 1
    if isinstance(_answer, str): return _answer + "x"
    if isinstance(_answer, (list, tuple)): return _answer + type(_answer)([None])
    return 0
"""


@dataclass(frozen=True, slots=True)
class Tried:
    """A completion of HumanEval: it goes on from the prompt."""

    problem: Problem
    kind: str
    text: str


def completions(problems: list[Problem], *, endless: bool = False) -> list[Tried]:
    """Five for each problem, in order; `endless`: the slow ones never end."""
    return [
        Tried(problem, kind, _text(problem, kind, number, endless=endless))
        for number, problem in enumerate(problems)
        for kind in KINDS
    ]


def _text(problem: Problem, kind: str, number: int, *, endless: bool) -> str:
    own = problem.solution.removeprefix(problem.prompt)
    match kind:
        case "wrong":
            return _in_place_of(problem, _WRONG)
        case "nothing":
            return "    return None\n"
        case "crashing":
            return f"    {_CRASHES[number % len(_CRASHES)]}\n"
        case "slow" if endless:
            return "    while True:\n        pass\n"
        case "slow":
            return _in_place_of(problem, _SLOW)
    return own


def _in_place_of(problem: Problem, body: str) -> str:
    """The canonical function under another name, and one of the right name that calls it."""
    head = "    return None\n\n\n"
    own = problem.solution.replace(f"def {problem.entry}(", "def _right(", 1)
    own = own.replace(f"{problem.entry}(", "_right(")
    return f"{head}{own}\n\ndef {problem.entry}(*args):{body}"
