"""Takes tests apart: what can be asked from outside becomes calls, the rest stays a program.

`assert f(1, [2]) == 3` says which call to make and what its answer must be; the answer never
enters the jail. What has another form (loops, tolerances, values made by code) is run inside.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.outcome import Call
from sandbox.parsing import parse_module


@dataclass(frozen=True, slots=True)
class Expectation:
    """One assertion that is asked from outside."""

    call: Call
    kind: str
    """`equals`, `is`, `true` or `false`."""
    value: Any = None
    """What the answer must be, for the first two."""

    def holds(self, answer: Any) -> bool:
        """Whether an answer is as it must be. Compares plain values only."""
        match self.kind:
            case "equals":
                return bool(answer == self.value)
            case "is":
                return answer is self.value
            case _:
                return bool(answer) is (self.kind == "true")


@dataclass(frozen=True, slots=True)
class Tests:
    """Test code taken apart."""

    expectations: tuple[Expectation, ...]
    rest: str
    """What must run inside; empty where there is nothing."""


def take_apart(tests: str, entry: str) -> Tests:
    """Take apart test code: plain assertions, or HumanEval's `def check(candidate)`.

    Raises:
        SyntaxError: The tests do not parse.
    """
    tree = parse_module(tests)
    names, body = {entry}, [node for node in tree.body if not _says_nothing(node)]
    check = body[0] if len(body) == 1 else None
    if isinstance(check, ast.FunctionDef) and check.name == "check" and len(check.args.args) == 1:
        names.add(check.args.args[0].arg)
        body = [node for node in check.body if not _says_nothing(node)]
    if not all(isinstance(node, ast.Assert) for node in body):
        return Tests((), _inside(tests, entry))
    found = [(node, _expectation(node, names)) for node in body]
    rest = [node for node, expectation in found if expectation is None]
    expectations = tuple(item for _, item in found if item is not None)
    alias = "".join(f"{name} = {entry}\n" for name in sorted(names - {entry}))
    source = ast.unparse(ast.Module(rest, [])) if rest else ""
    return Tests(expectations, alias + source if source else "")


def _inside(tests: str, entry: str) -> str:
    """Tests that run whole; `check` is called as HumanEval does it."""
    calls_check = any(
        isinstance(node, ast.FunctionDef) and node.name == "check"
        for node in parse_module(tests).body
    )
    return f"{tests}\ncheck({entry})\n" if calls_check else tests


def _says_nothing(node: ast.stmt) -> bool:
    """A docstring, METADATA, `pass`, `assert True`, or the call of `check` itself."""
    match node:
        case ast.Pass():
            return True
        case ast.Assert(test=ast.Constant(value=value)):
            return bool(value)
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Expr(value=ast.Call(func=ast.Name(id="check"))):
            return True
        case ast.Assign(targets=[ast.Name(id="METADATA")]):
            return True
    return False


def _expectation(node: ast.stmt, names: set[str]) -> Expectation | None:
    if not isinstance(node, ast.Assert):
        return None
    try:
        return next(_expectations(node.test, names), None)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None  # some part of it is not a literal


def _expectations(test: ast.expr, names: set[str]) -> Iterator[Expectation]:
    match test:
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
            if _is_call(left, names):
                yield Expectation(_call(left), "equals", _literal(right))
            elif _is_call(right, names):
                yield Expectation(_call(right), "equals", _literal(left))
        case ast.Compare(
            left=left, ops=[ast.Is()], comparators=[ast.Constant(value=None | True | False) as c]
        ) if _is_call(left, names):
            yield Expectation(_call(left), "is", c.value)
        case ast.UnaryOp(op=ast.Not(), operand=operand) if _is_call(operand, names):
            yield Expectation(_call(operand), "false")
        case ast.Call() if _is_call(test, names):
            yield Expectation(_call(test), "true")


def _is_call(node: ast.expr, names: set[str]) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names


def _call(node: ast.expr) -> Call:
    if not isinstance(node, ast.Call):
        raise TypeError("not a call")
    args = tuple(_literal(argument) for argument in node.args)
    kwargs = {str(keyword.arg): _literal(keyword.value) for keyword in node.keywords}
    if any(keyword.arg is None for keyword in node.keywords):
        raise ValueError("arguments by **")
    return Call(args, kwargs)


def _literal(node: ast.expr) -> Any:
    return ast.literal_eval(node)
