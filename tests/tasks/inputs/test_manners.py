"""Nothing is passed that nobody would pass, and the search says what a function is about."""

from functools import partial
from random import Random
from typing import Any

import pytest

from sandbox import Sandbox
from tasks.inputs.facts import facts_of
from tasks.inputs.manners import is_odd, left_out, put_right
from tasks.inputs.parameters import shapes_of
from tasks.inputs.strings_drawn import composed
from tasks.inputs.topics import topics_of
from tasks.inputs.writing import write_inputs
from tasks.programs.calls import decode_arguments
from tasks.programs.telling import telling
from tasks.records.cases import WrittenFunction
from tasks.records.configs import InputsConfig
from tasks.records.functions import Function


def arguments(sandbox: Sandbox, function: Function) -> list[dict[str, Any]]:
    run = partial(sandbox.run, arcs=True)
    [written] = write_inputs([function], {}, run, InputsConfig(), 0)
    assert isinstance(written, WrittenFunction)
    return [decode_arguments(each.arguments) for each in written.inputs]


@pytest.mark.parametrize(
    ("source", "name", "known"),
    [
        ("def f(s, errors='strict'): return s.encode('ascii', errors)", "errors", "ignore"),
        ("def f(n, byteorder): return n.to_bytes(4, byteorder)", "byteorder", "little"),
        ("def f(s, flag=False): return s.upper() if flag else s", "flag", True),
        ("def f(n, sign):\n    if sign:\n        return n\n    return -n", "sign", True),
        ("def f(n, sign):\n    return n if not sign and n > 2 else -n", "sign", False),
    ],
)
def test_a_parameter_with_few_sensible_values_gets_no_other(
    make_function: Any, sandbox: Sandbox, source: str, name: str, known: object
) -> None:
    function = make_function(source)
    closed = shapes_of(function)[0][name].closed

    assert known in closed
    for values in arguments(sandbox, function):
        assert values.get(name, known) in closed


def test_the_parameter_that_a_function_is_about_stays_open(make_function: Any) -> None:
    function = make_function("def f(encoding): return encoding.replace('-', '_').lower()")

    assert not shapes_of(function)[0]["encoding"].closed


def test_values_beside_the_sensible_ones_are_odd(make_function: Any) -> None:
    shapes, _ = shapes_of(make_function("def f(s, flag=False): return s if flag else 1"))

    assert is_odd({"s": "x", "flag": 1}, shapes)
    assert not is_odd({"s": "x", "flag": True}, shapes)


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def f(a, key=None): return sorted(a, key=key)", {"key"}),
        ("def f(a, how=len): return how(a)", {"how"}),
        ("def f(a, key='id'): return a[key]", set()),
        ("def f(a, key): return a[key]", set()),
    ],
)
def test_data_is_not_passed_for_a_callable(
    make_function: Any, source: str, names: set[str]
) -> None:
    function = make_function(source)

    assert left_out(function, facts_of(function.program, "f")) == names


def test_elements_of_a_search_among_sorted_ones_are_sorted(make_function: Any) -> None:
    source = "def f(a, x):\n    '''Find x in a, which must be sorted.'''\n    return a.index(x)"
    shapes, _ = shapes_of(make_function(source))

    assert put_right({"a": [3, 1, 2], "x": 1}, shapes)["a"] == [1, 2, 3]
    assert put_right({"a": [3, "b"], "x": 1}, shapes)["a"] == [3, "b"]


def test_cases_of_one_function_are_of_one_kind(make_function: Any, sandbox: Sandbox) -> None:
    function = make_function("def f(text):\n    '''text: a string.'''\n    return len(text) * 2")

    assert {type(values["text"]) for values in arguments(sandbox, function)} == {str}


def test_kinds_that_the_code_tells_apart_are_both_shown(
    make_function: Any, sandbox: Sandbox
) -> None:
    source = (
        "def f(c):\n    if type(c) == type(''):\n        return ord(c[0])\n    return int(c) + 1"
    )
    kinds = {type(values["c"]) for values in arguments(sandbox, make_function(source))}

    assert {str, int} <= kinds


@pytest.mark.parametrize(
    "source",
    [
        "def f(p): return p[p.rfind('/') + 1:]",
        "SEP = '::'\ndef f(p): return p.split(SEP)[-1]",
        "import re\nP = re.compile(r'%([0-9A-F]{2})')\ndef f(p): return P.sub('#', p)",
        "def g(p):\n    return '/'\ndef f(p):\n    sep = g(p)\n    return p[p.rfind(sep) + 1:]",
    ],
)
def test_texts_hold_what_the_program_looks_for(
    make_function: Any, sandbox: Sandbox, source: str
) -> None:
    function = make_function(source)
    space: dict[str, Any] = {}
    exec(source, space)  # noqa: S102 - written in this test

    told = [telling(v, repr(space["f"](**v))) for v in arguments(sandbox, function)]

    assert sum(told) >= len(told) / 2


def test_texts_without_anything_to_look_for_are_not_composed(make_function: Any) -> None:
    shapes, facts = shapes_of(make_function("def f(p): return p.upper()"))

    assert composed(shapes["p"], facts.pool, Random(0)) is None


@pytest.mark.parametrize(
    ("name", "docstring", "topic"),
    [
        ("splitdrive", "Split a pathname.", "path"),
        ("parse_url", "", "url"),
        ("f", "Parse an ISO 8601 date.", "date"),
        ("f", "Add two numbers.", None),
    ],
)
def test_names_and_docstrings_say_what_it_is_about(
    make_function: Any, name: str, docstring: str, topic: str | None
) -> None:
    function = make_function(f"def {name}(p):\n    '''{docstring}'''\n    return p", name)

    assert next(iter(topics_of(function)), None) == topic
