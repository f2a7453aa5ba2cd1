"""Executed functions of every shape that matters to a prompt, with their true outputs."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from sandbox import encode
from tasks.programs.calls import bind
from tasks.records.base import digest_of
from tasks.records.cases import Case, ExecutedFunction
from tasks.records.functions import Function, Parameter, ParameterKind

ONLY, EITHER, KEYWORD = ParameterKind

Values = dict[str, Any]


def namespace_of(program: str) -> dict[str, Any]:
    """The names that a program of the tests' own defines."""
    namespace: dict[str, Any] = {}
    exec(compile(program, "<test>", "exec"), namespace)  # noqa: S102  code written in the tests
    return namespace


def execute(
    name: str, program: str, parameters: Sequence[Parameter], inputs: Sequence[Values]
) -> ExecutedFunction:
    function = Function(
        id=digest_of(name, program),
        name=name,
        program=program,
        code=program,
        parameters=tuple(parameters),
        identity=digest_of(program),
        operations=2,
        branches=0,
        source="corpus/a.py",
        path="a.py",
        corpus="corpus",
        licence="MIT",
        revision="1",
        first_line=1,
        last_line=2,
    )
    cases = []
    for values in inputs:
        call = bind(parameters, values)
        output = namespace_of(program)[name](*call.args, **call.kwargs)
        cases.append(
            Case(arguments=encode(values), writer="search", status="ok", output=encode(output))
        )
    return ExecutedFunction(function=function, cases=tuple(cases))


def _plain() -> ExecutedFunction:
    program = "def repeat(text, times=2):\n    return ' '.join([text] * times)\n"
    inputs = [{"text": text, "times": n} for n, text in enumerate(["a", "b|c", "-> `x`", "é\n"])]
    return execute(
        "repeat", program, [Parameter(name="text"), Parameter(name="times", default="2")], inputs
    )


def _with_gaps() -> ExecutedFunction:
    program = "def wrap(text, width=70, *, sep='-'):\n    return sep.join([text, str(width)])\n"
    parameters = [
        Parameter(name="text"),
        Parameter(name="width", default="70"),
        Parameter(name="sep", kind=KEYWORD, default="'-'"),
    ]
    inputs: list[Values] = [
        {"text": "a"},
        {"text": "b, c", "sep": " == "},
        {"text": "d: e", "width": 3},
        {"text": "f'", "width": 4, "sep": "\\"},
        {"text": '"""'},
    ]
    return execute("wrap", program, parameters, inputs)


def _both_ends() -> ExecutedFunction:
    program = "def power(base, /, *, exponent):\n    return base ** exponent\n"
    parameters = [Parameter(name="base", kind=ONLY), Parameter(name="exponent", kind=KEYWORD)]
    inputs = [{"base": n, "exponent": m} for n in (2, 3.5) for m in (0, 1, 2)]
    return execute("power", program, parameters, inputs)


def _odd_values() -> ExecutedFunction:
    program = "def pack(value):\n    return [value, (value,)]\n"
    values: list[Any] = [
        float("nan"),
        float("-inf"),
        -0.0,
        None,
        True,
        b"\x00'",
        {1},
        {"a", "b"},
        1j,
        10**40,
    ]
    values += [frozenset(), {"k": [1, {2: 3}]}, "\ud800", "```", ""]
    return execute("pack", program, [Parameter(name="value")], [{"value": v} for v in values])


def _recursive() -> ExecutedFunction:
    program = "def fact(n):\n    return 1 if n < 2 else n * fact(n - 1)\n"
    return execute("fact", program, [Parameter(name="n")], [{"n": n} for n in range(7)])


def _none() -> ExecutedFunction:
    program = "def first(items):\n    return items[0] if items else None\n"
    inputs: list[Values] = [{"items": items} for items in ([], [1], [[2]], ["x", 1], [None])]
    return execute("first", program, [Parameter(name="items")], inputs)


def _clash() -> ExecutedFunction:
    program = "def result(expected, arguments=()):\n    return [expected, *arguments]\n"
    parameters = [Parameter(name="expected"), Parameter(name="arguments", default="()")]
    inputs = [{"expected": n, "arguments": (n,) * n} for n in range(5)]
    return execute("result", program, parameters, inputs)


_MAKERS: dict[str, Callable[[], ExecutedFunction]] = {
    "plain": _plain,
    "with_gaps": _with_gaps,
    "both_ends": _both_ends,
    "odd_values": _odd_values,
    "recursive": _recursive,
    "none": _none,
    "clash": _clash,
}


@pytest.fixture(params=list(_MAKERS))
def executed(request: pytest.FixtureRequest) -> ExecutedFunction:
    """One function of each shape."""
    return _MAKERS[request.param]()


@pytest.fixture
def plain() -> ExecutedFunction:
    return _plain()


@pytest.fixture
def odd_values() -> ExecutedFunction:
    return _odd_values()


@pytest.fixture
def run() -> Callable[[str], dict[str, Any]]:
    return namespace_of


@pytest.fixture
def execution() -> Callable[..., ExecutedFunction]:
    return execute
