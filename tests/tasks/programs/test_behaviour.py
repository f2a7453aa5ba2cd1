"""Functions that behave alike have one signature; what tells little has none."""

import pytest

from sandbox import Sandbox
from tasks.programs.behaviour import arities, battery, battery_program, loose, signature
from tasks.records.functions import Function, Parameter, ParameterKind


def function(code: str, parameters: int = 1) -> Function:
    return Function(
        id="1",
        name="f",
        program=code,
        code=code,
        parameters=tuple(Parameter(name=f"p{number}") for number in range(parameters)),
        identity="1",
        operations=1,
        branches=0,
        source="a.py",
        path="a.py",
        corpus="a",
        first_line=1,
        last_line=1,
    )


def signature_of(code: str, arity: int = 1) -> str:
    program = battery_program(function(code, arity))
    assert program is not None
    with Sandbox() as sandbox:
        [outcomes] = sandbox.run([program])
    return signature(outcomes, arity)


ALIKE = [
    (
        "def f(values):\n    return sorted(values)[::-1]\n",
        "def f(values):\n    out = list(values)\n    out.sort(reverse=True)\n    return out\n",
        1,
    ),
    (
        "def f(a, b):\n    while b:\n        a, b = b, a % b\n    return abs(a)\n",
        "import math\ndef f(a, b):\n    return math.gcd(a, b)\n",
        2,
    ),
    (
        "def f(text):\n    return len([c for c in text if c.isupper()]) * 31 + len(text)\n",
        "def f(text):\n    n = sum(map(str.isupper, text))\n    return n * 31 + len(text)\n",
        1,
    ),
]


@pytest.mark.parametrize(("one", "other", "arity"), ALIKE)
def test_another_way_to_the_same_outputs_has_the_same_signature(
    one: str, other: str, arity: int
) -> None:
    assert signature_of(one, arity) == signature_of(other, arity) != ""


def test_other_outputs_have_another_signature() -> None:
    up = signature_of("def f(values):\n    return sorted(values)\n")
    assert up != signature_of(ALIKE[0][0])


@pytest.mark.parametrize(
    "code",
    [
        "def f(a):\n    return a\n",
        "def f(a):\n    return 7\n",
        "def f(a):\n    return a.missing\n",
        "def f(a):\n    while True: pass\n",
    ],
)
def test_what_tells_little_has_no_signature(code: str) -> None:
    assert signature_of(code) == ""


def test_the_battery_is_the_same_each_time() -> None:
    before = battery(2)
    battery.cache_clear()
    assert battery(2) == before


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.0", "1"),
        ("True", "1"),
        ("0.1", "0.10000000000001"),
        ("{'a': 1.0, 'b': 2}", "{'b': 2, 'a': 1}"),
        ("{1.0, 2}", "{1, 2}"),
        ("[0.30000000000000004]", "[0.3]"),
    ],
)
def test_values_that_count_as_equal_have_one_loose_text(one: str, other: str) -> None:
    assert loose(one) == loose(other)


@pytest.mark.parametrize(("one", "other"), [("1", "2"), ("[1]", "(1,)"), ("'1'", "1")])
def test_values_that_differ_do_not(one: str, other: str) -> None:
    assert loose(one) != loose(other)


def test_numbers_of_arguments_leave_defaults_out_and_in() -> None:
    parameters = [Parameter(name="a"), Parameter(name="b", default="1")]
    assert arities(parameters) == (1, 2)
    keyword = Parameter(name="c", kind=ParameterKind.KEYWORD_ONLY)
    assert arities([*parameters, keyword]) == ()
    assert arities([Parameter(name="a", default="1")]) == (1,)
