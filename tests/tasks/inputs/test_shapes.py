"""What the code says of a parameter decides what is drawn for it."""

from random import Random
from typing import Any

import pytest

from tasks.inputs.drawing import Drawer, Within, plan_of
from tasks.inputs.parameters import shapes_of
from tasks.inputs.shapes import Base, likelihood, weights


def likeliest(function: Any, name: str = "p") -> Base:
    known = weights(shapes_of(function)[0][name])
    return max(known, key=known.__getitem__)


@pytest.mark.parametrize(
    ("source", "base"),
    [
        ("def f(p): return p.split(',')", Base.STR),
        ("def f(p): return p % 7 == 0", Base.INT),
        ("def f(p): return p.items()", Base.DICT),
        ("def f(p): return [x + 1 for x in p]", Base.LIST),
        ("def f(p): return p['key']", Base.DICT),
        ("def f(p):\n    if p is True: return 1\n    return 2", Base.BOOL),
        ("def f(p): return range(p)", Base.INT),
        ("def f(p): return b'x' in p and p.decode()", Base.BYTES),
        ("def f(p): return ord(p)", Base.STR),
        ("def f(p: 'list[int]'): return p", Base.LIST),
        ("def f(p: float | None): return p", Base.FLOAT),
        ("from typing import Optional\ndef f(p: Optional[str]): return p", Base.STR),
        ("Row = dict[str, int]\ndef f(p: Row): return p", Base.DICT),
        ("def f(p=(1, 2)): return p", Base.TUPLE),
        ("def f(p):\n    '''Args:\n    p (list of str): words.'''\n    return p", Base.LIST),
        ("def g(q): return q.upper()\ndef f(p): return g(p)", Base.STR),
        ("def f(p):\n    a, b = p\n    return a - b", Base.TUPLE),
    ],
)
def test_the_likeliest_type_follows_from_the_code(
    make_function: Any, source: str, base: Base
) -> None:
    assert likeliest(make_function(source)) is base


def test_elements_have_shapes_of_their_own(make_function: Any) -> None:
    function = make_function("def f(p):\n    return [w.upper() for row in p for w in row]")

    rows = shapes_of(function)[0]["p"].inner()

    known = weights(rows.inner())
    assert max(known, key=known.__getitem__) is Base.STR


def test_constants_that_it_is_compared_with_belong_to_it(make_function: Any) -> None:
    source = (
        "def f(p):\n    if p == 'red' or p in ('blue', 'green'):\n        return 1\n    return 2"
    )

    assert shapes_of(make_function(source))[0]["p"].constants == ["red", "blue", "green"]


def test_keys_that_are_asked_for_are_drawn(make_function: Any) -> None:
    function = make_function("def f(p): return p['name'].upper() + str(p['age'] + 1)")
    shapes, facts = shapes_of(function)
    rng = Random(0)
    drawer = Drawer(facts.pool, rng)

    drawn = [drawer.draw(plan_of(shapes["p"], rng, Within()), shapes["p"]) for _ in range(50)]

    whole = [value for value in drawn if isinstance(value, dict) and {"name", "age"} <= set(value)]
    assert len(whole) > 25
    assert sum(isinstance(value["name"], str) for value in whole) > len(whole) / 2


def test_a_value_of_another_type_is_less_natural(make_function: Any) -> None:
    shape = shapes_of(make_function("def f(p: str): return p"))[0]["p"]

    assert likelihood(shape, "text") > 100 * likelihood(shape, [1, 2])


@pytest.mark.parametrize("seed", range(5))
def test_what_stands_in_a_set_or_as_a_key_is_hashable(make_function: Any, seed: int) -> None:
    source = """\
def f(p: set, q: dict):
    for x in p:
        if isinstance(x, list) or isinstance(x, tuple):
            return x[0][1]
    for k, v in q.items():
        a, b = k
        if isinstance(v, dict):
            return a
"""
    shapes, facts = shapes_of(make_function(source))
    rng = Random(seed)
    drawer = Drawer(facts.pool, rng)

    for shape in shapes.values():
        for _ in range(100):
            drawer.draw(plan_of(shape, rng, Within(3.0)), shape)
