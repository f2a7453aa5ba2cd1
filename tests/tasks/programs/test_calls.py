"""A call passes what the arguments' text says, in the way that the signature allows."""

import pytest

from sandbox import Call
from tasks.programs.calls import ArgumentStyle, call_of, encode_arguments, program_of, render_call
from tasks.records.functions import Function, Parameter, ParameterKind

A = Parameter(name="a", kind=ParameterKind.POSITIONAL_ONLY)
B = Parameter(name="b")
C = Parameter(name="c", default="0")
D = Parameter(name="d", kind=ParameterKind.KEYWORD_ONLY, default="None")
ALL = (A, B, C, D)
TEXT = "{'a': 1, 'b': 'x', 'c': [2.5], 'd': None}"


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        (ArgumentStyle.POSITIONAL, "f(1, 'x', [2.5], d=None)"),
        (ArgumentStyle.KEYWORD, "f(1, b='x', c=[2.5], d=None)"),
        (ArgumentStyle.MIXED, "f(1, 'x', c=[2.5], d=None)"),
    ],
)
def test_a_style_is_followed_as_far_as_the_signature_allows(
    style: ArgumentStyle, expected: str
) -> None:
    assert render_call("f", ALL, TEXT, style) == expected


def test_what_follows_a_parameter_left_out_goes_by_keyword() -> None:
    optional = (C, Parameter(name="e", default="1"))

    assert call_of(optional, "{'e': 5}") == Call((), {"e": 5})


def test_a_call_without_arguments_is_rendered_bare() -> None:
    assert render_call("f", (C,), "{}", ArgumentStyle.POSITIONAL) == "f()"


@pytest.mark.parametrize(
    "text",
    ["{'z': 1}", "[1]", "{1: 2}", "not a literal", "{'b': undefined}"],
)
def test_text_that_does_not_fit_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        call_of(ALL, text)


def test_a_gap_before_a_positional_only_parameter_is_an_error() -> None:
    first = Parameter(name="z", kind=ParameterKind.POSITIONAL_ONLY, default="1")

    with pytest.raises(ValueError, match="positional only"):
        call_of((first, A), "{'a': 1}")


def test_arguments_are_written_in_the_order_of_the_signature() -> None:
    assert encode_arguments((B, C), {"c": 1, "b": "x"}) == "{'b': 'x', 'c': 1}"


def test_a_program_makes_one_call_for_each_text() -> None:
    function = Function(
        id="1",
        name="f",
        program="def f(b, c=0): return b, c",
        code="def f(b, c=0): return b, c",
        parameters=(B, C),
        identity="1",
        operations=1,
        branches=0,
        source="s",
        path="p",
        corpus="c",
        first_line=1,
        last_line=1,
    )

    program = program_of(function, ["{'b': 1}", "{'b': 2, 'c': {'k': (3,)}}"])

    assert program.entry == "f"
    assert program.calls == (Call((1,), {}), Call((2, {"k": (3,)}), {}))
