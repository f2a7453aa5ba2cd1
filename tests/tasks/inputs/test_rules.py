"""What one line of a program says is enough to make an input that fits it."""

from datetime import datetime
from random import Random
from typing import Any

import pytest

from sandbox import Outcome, Status
from tasks.inputs.drawing import Drawer, Plan, Within, plan_of
from tasks.inputs.edges import edges_of
from tasks.inputs.lessons import MAX_LOST, learn_from
from tasks.inputs.mutation import transplant
from tasks.inputs.parameters import shapes_of
from tasks.inputs.repair import missing, repaired
from tasks.inputs.shapes import ASKED_FOR, Base, weights
from tasks.inputs.trials import Trial

DRAWS = 120


def drawn(function: Any, name: str = "p") -> list[Any]:
    shapes, facts = shapes_of(function)
    rng = Random(1)
    drawer = Drawer(facts.pool, rng)
    return [drawer.draw(plan_of(shapes[name], rng, Within()), shapes[name]) for _ in range(DRAWS)]


def test_a_part_with_which_a_function_calls_itself_may_be_as_large_as_the_whole(
    make_function: Any,
) -> None:
    source = """def f(p):
    if isinstance(p['left'], dict):
        return f(p['left'])
    return p['left']
"""
    trees = [value for value in drawn(make_function(source)) if isinstance(value, dict)]
    assert any(isinstance(tree.get("left"), dict) and "left" in tree["left"] for tree in trees)


def test_what_is_only_cut_off_is_no_smaller_one_of_its_kind(make_function: Any) -> None:
    shape = shapes_of(make_function("def f(p): return f(p[1:]) if p else 0"))[0]["p"]
    assert shape.item is None or shape.item.alike is None


def test_a_text_is_written_in_the_format_that_it_is_read_with(make_function: Any) -> None:
    source = "from datetime import datetime\ndef f(p): return datetime.strptime(p, '%d.%m.%Y').year"
    texts = [value for value in drawn(make_function(source)) if isinstance(value, str)]
    assert sum(_reads(text, "%d.%m.%Y") for text in texts) > len(texts) / 2


def _reads(text: str, form: str) -> bool:
    try:
        datetime.strptime(text, form)  # noqa: DTZ007 - only whether it can be read
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    ("source", "types"),
    [
        ("def f(p): return '%s: %d' % p", (object, int)),
        ("def f(p): return '%x and %.2f and %d%%' % p", (int, float, int)),
    ],
)
def test_a_format_says_how_many_values_of_which_types_it_takes(
    make_function: Any, source: str, types: tuple[type, ...]
) -> None:
    rows = [value for value in drawn(make_function(source)) if isinstance(value, tuple)]
    assert len(rows) > DRAWS / 2
    assert all(len(row) == len(types) for row in rows)
    numbers = (int, float)
    fitting = [
        all(kind is object or isinstance(v, numbers) for v, kind in zip(row, types, strict=True))
        for row in rows
    ]
    assert sum(fitting) > len(rows) / 2


def test_numbers_read_in_base_16_are_written_so(make_function: Any) -> None:
    shape = shapes_of(make_function("def f(p): return int(p[1:3], 16)"))[0]["p"]
    assert "hexadecimal" in shape.flavours
    assert max(weights(shape), key=weights(shape).__getitem__) is Base.STR


def test_elements_made_into_bytes_are_small_numbers(make_function: Any) -> None:
    shape = shapes_of(make_function("def f(p): return [bytes((c,)) for c in p]"))[0]["p"]
    assert shape.inner().span == (0, 255)


def test_places_with_known_values_get_them_together(make_function: Any) -> None:
    source = "def f(p):\n    if p[0] == 44 and p[1] == 77: return 1\n    return 0\n"
    rows = [value for value in drawn(make_function(source)) if isinstance(value, (list, tuple))]
    assert any(row[:1] == type(row)((44,)) and row[1:2] == type(row)((77,)) for row in rows)


@pytest.mark.parametrize(
    ("source", "base"),
    [
        ("def f(path):\n    if isinstance(path, bytes): return 1\n    return 2", Base.BYTES),
        ("def f(path):\n    if type(path) == type(()): return 1\n    return 2", Base.TUPLE),
    ],
)
def test_types_that_are_asked_for_are_tried(make_function: Any, source: str, base: Base) -> None:
    assert weights(shapes_of(make_function(source))[0]["path"])[base] >= ASKED_FOR


def test_what_is_compared_is_of_like_types(make_function: Any) -> None:
    plain = shapes_of(make_function("def f(p, q): return (p + q, q.upper())"))[0]
    assert weights(plain["p"])[Base.STR] > weights(plain["p"])[Base.LIST]


def test_one_value_takes_the_place_of_another_of_its_type() -> None:
    values = {"name": "jd", "session": {"taken": ["kim", "lee"], "size": 3}}
    moved = [transplant(values, Random(seed)) for seed in range(60)]
    assert any(one and one["name"] in one["session"]["taken"] for one in moved)
    assert all(one is None or one["session"]["size"] == 3 for one in moved)
    assert values == {"name": "jd", "session": {"taken": ["kim", "lee"], "size": 3}}


def test_where_nothing_differs_nothing_is_moved() -> None:
    assert transplant({"a": 1, "b": 1}, Random(0)) is None
    assert transplant({"a": 1, "b": "x"}, Random(0)) is None


def raised(error: str, message: str) -> Outcome:
    return Outcome(Status.RAISED, error=error, message=message)


@pytest.mark.parametrize(
    ("outcome", "value"),
    [
        (raised("KeyError", "'a'"), "a"),
        (raised("KeyError", "7"), 7),
        (raised("ValueError", "'red' is not in list"), "red"),
        (raised("ValueError", "3 is not in deque"), 3),
        (raised("KeyError", "(1, 2)"), None),
        (raised("KeyError", "no such thing"), None),
        (raised("ValueError", "no"), None),
        (Outcome(Status.TIMEOUT), None),
    ],
)
def test_a_failure_names_what_was_sought(outcome: Outcome, value: Any) -> None:
    assert missing(outcome) == value


def test_what_was_sought_is_added_with_its_like_from_the_others() -> None:
    values = {"names": ["x"], "rows": {1: ["a", "b"], 2: ["b"]}}
    assert repaired(values, "a", Random(0)) == {
        "names": ["x", "a", "b"],
        "rows": {1: ["a", "b"], 2: ["b"]},
    }


def test_a_dict_gets_the_key_with_a_value_of_its_own() -> None:
    assert repaired({"table": {"x": 5}, "key": "y"}, "y", Random(0)) == {
        "table": {"x": 5, "y": 5},
        "key": "y",
    }


def test_nothing_is_repaired_where_no_argument_could_hold_it() -> None:
    assert repaired({"text": "abc", "numbers": [1, 2]}, "z", Random(0)) is None


def test_a_type_that_fails_keeps_a_part_of_its_weight(make_function: Any) -> None:
    shapes, _ = shapes_of(make_function("def f(p: str): return p"))
    before = shapes["p"].scores[Base.STR]
    trial = Trial({"p": "a"}, "{'p': 'a'}", "search", (("p", Plan(Base.STR)),))
    for _ in range(50):
        learn_from(trial, raised("TypeError", "no"), shapes)
    assert shapes["p"].scores[Base.STR] == pytest.approx(before - MAX_LOST)


def test_what_is_looked_into_at_any_depth_is_no_number(make_function: Any) -> None:
    shapes, _ = shapes_of(make_function("def f(p): return [x for x in p['pos']]"))
    inner = shapes["p"].fields["pos"]
    before = inner.scores[Base.INT]
    trial = Trial({"p": {}}, "{'p': {}}", "search", (("p", Plan(Base.DICT)),))
    learn_from(trial, raised("TypeError", "'int' object is not iterable"), shapes)
    assert inner.scores[Base.INT] < before


def test_edges_are_those_of_types_that_are_likely(make_function: Any) -> None:
    shape = shapes_of(make_function("def f(p):\n    return p is None or p.upper()"))[0]["p"]
    assert None in edges_of(shape)
