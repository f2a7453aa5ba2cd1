"""Whether a program passes tests (HumanEval and MBPP style), with the answers kept outside.

Covered: a program cannot read the answers that it is compared with, nor pass by objects that
equal everything, by leaving early, by patching builtins, or by killing what tests it. Not covered
where a verdict is marked `inside`: such tests share a process with the program, which can find
and change them if it is written for that; comparisons are of plain values there too.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sandbox.assertions import Expectation, Tests, take_apart
from sandbox.core import Sandbox
from sandbox.outcome import Call, Outcome, Program, Status
from sandbox.parsing import parse_module
from sandbox.values import decode

_TESTS = "__tests__"
# Equality that asks no object of the program: what it defines equals nothing.
_HARDENING = """
def {name}(token):
    _plain = (type(None), bool, int, float, complex, str, bytes)
    _held = (list, tuple, set, frozenset, dict)
    import sys as _sys
    def _known(value, depth=0, type=type, all=all, any=any, getattr=getattr, len=len):
        kind = type(value)
        if kind in _plain or depth > 60:
            return depth <= 60
        if kind is dict:
            return all(_known(k, depth + 1) and _known(v, depth + 1) for k, v in value.items())
        if kind in _held:
            return all(_known(item, depth + 1) for item in value)
        home = _sys.modules.get(kind.__module__)
        return kind.__module__ != __name__ and getattr(home, kind.__name__, None) is kind
    def __equal__(left, right):
        return left == right if _known(left) and _known(right) else False
    namespace = dict(globals(), __equal__=__equal__)
    exec(compile({tests!r}, "<tests>", "exec"), namespace)
    return token
"""


@dataclass(frozen=True, slots=True)
class Trial:
    """A program and the tests that it shall pass."""

    source: str
    entry: str
    tests: str
    """Assertions, or a `def check(candidate)`."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a program passed."""

    passed: bool
    inside: bool
    """Some of it rests on tests that ran in one process with the program."""
    detail: str = ""
    """What the first test that failed came to."""
    outcomes: tuple[Outcome, ...] = ()
    """Of the calls made from outside, then of the tests inside."""


def judge(sandbox: Sandbox, trials: Iterable[Trial]) -> Iterator[Verdict]:
    """The verdict on each trial, in order.

    A call whose answer has no literal is asked again inside, where a comparison can be made.

    Raises:
        SyntaxError: Some tests do not parse: they are ours, not the program's.
    """
    trials = list(trials)
    parts = [take_apart(trial.tests, trial.entry) for trial in trials]
    outside = sandbox.run(map(_outside, trials, parts))
    for trial, tests, outcomes in zip(trials, parts, outside, strict=True):
        yield _judge(sandbox, trial, tests, outcomes)


def _outside(trial: Trial, tests: Tests) -> Program:
    return Program(trial.source, trial.entry, tuple(item.call for item in tests.expectations))


def _judge(sandbox: Sandbox, trial: Trial, tests: Tests, outcomes: tuple[Outcome, ...]) -> Verdict:
    pairs = list(zip(tests.expectations, outcomes, strict=True))
    has_opaque = any(outcome.status is Status.OPAQUE for outcome in outcomes)
    for expectation, outcome in pairs:
        if outcome.status is not Status.OPAQUE and not _holds(expectation, outcome):
            return Verdict(False, inside=False, detail=_detail(outcome), outcomes=outcomes)
    rest = take_whole(trial) if has_opaque else tests.rest
    if pairs and not rest:
        return Verdict(True, inside=False, outcomes=outcomes)
    [[inner]] = sandbox.run([_inside(trial, rest)])
    passed = inner.status is Status.OK and inner.value == repr(_TESTS)
    detail = "" if passed else _detail(inner)
    return Verdict(passed, inside=True, detail=detail, outcomes=(*outcomes, inner))


def take_whole(trial: Trial) -> str:
    """All tests as they are, to be run inside."""
    return take_apart(f"{trial.tests}\n0 + 0\n", trial.entry).rest


def _holds(expectation: Expectation, outcome: Outcome) -> bool:
    return (
        outcome.status is Status.OK
        and outcome.value is not None
        and expectation.holds(decode(outcome.value))
    )


def _inside(trial: Trial, rest: str) -> Program:
    source = trial.source + "\n" + _HARDENING.format(name=_TESTS, tests=_harden(rest or "pass"))
    return Program(source, _TESTS, (Call((_TESTS,)),))


def _harden(tests: str) -> str:
    """Every `==` of an assertion becomes a comparison of plain values."""
    return ast.unparse(ast.fix_missing_locations(_Hardener().visit(parse_module(tests))))


class _Hardener(ast.NodeTransformer):
    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        if len(node.ops) != 1 or not isinstance(node.ops[0], ast.Eq):
            return node
        name = ast.Name("__equal__", ast.Load())
        return ast.Call(name, [node.left, node.comparators[0]], [])


def _detail(outcome: Outcome) -> str:
    if outcome.status is Status.OK:
        return f"returned {(outcome.value or '')[:200]}"
    return f"{outcome.status}: {outcome.error} {outcome.message}".strip(": ")
