"""Answers of models are read row by row: whatever the form, a bad row costs only itself."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.inputs.answers import parse_answer
from tasks.records.functions import Parameter

SAMPLES = Path(__file__).parents[4] / "shared" / "data" / "case2code_writer_samples.jsonl"
AB = (Parameter(name="a"), Parameter(name="b"))
ONE = (Parameter(name="x"),)
OPTIONAL = (Parameter(name="a"), Parameter(name="b", default="0"))


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        pytest.param(
            "```python\nexamples = [\n    dict(a=1, b='x'),\n    dict(a=2, b='y'),\n]\n```\nDone.",
            [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}],
            id="fenced calls of dict",
        ),
        pytest.param(
            "1. {'a': 1, 'b': 2}\n2. {'a': 3, 'b': 4}",
            [{"a": 1, "b": 2}, {"a": 3, "b": 4}],
            id="numbered dicts",
        ),
        pytest.param(
            '[{"a": true, "b": null}, {"a": false, "b": [1.5]}]',
            [{"a": True, "b": None}, {"a": False, "b": [1.5]}],
            id="JSON words",
        ),
        pytest.param('{"examples": [{"a": 1, "b": 2}]}', [{"a": 1, "b": 2}], id="rows under a key"),
        pytest.param(
            "[(1, 'x'), (2, 'y')]",
            [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}],
            id="rows by position",
        ),
        pytest.param("f(1, 2)\nf(3, b=4)", [{"a": 1, "b": 2}, {"a": 3, "b": 4}], id="calls of it"),
        pytest.param("a=1, b=2\na=3, b=4", [{"a": 1, "b": 2}, {"a": 3, "b": 4}], id="bare lines"),
        pytest.param(
            "dict(a=1, 2), dict(3, b=4)",
            [{"a": 1, "b": 2}, {"a": 3, "b": 4}],
            id="positions beside names",
        ),
        pytest.param(
            "[dict(a=1, b=2, times=3)]", [{"a": 1, "b": 2}], id="a name that does not exist"
        ),
        pytest.param(
            "[dict(a=1, b=2),  # it's the first\n dict(a='#', b=')')]",
            [{"a": 1, "b": 2}, {"a": "#", "b": ")"}],
            id="comments and brackets in texts",
        ),
        pytest.param(
            "[dict(a=1, b=2), dict(a=[1, 2], b=", [{"a": 1, "b": 2}], id="a last row cut off"
        ),
        pytest.param(
            "[dict(a='x' * 9, b=1), dict(a=open('f'), b=1), dict(a=5, b=6)]",
            [{"a": 5, "b": 6}],
            id="expressions",
        ),
        pytest.param("dict(a=1, b=2) dict(a=1, b=2)", [{"a": 1, "b": 2}], id="a row twice"),
        pytest.param("dict(b=2, a=1)", [{"a": 1, "b": 2}], id="another order"),
        pytest.param("dict(a=-1.5, b=+2)", [{"a": -1.5, "b": 2}], id="signs"),
        pytest.param(
            "dict(a=set(), b=float('inf'))", [{"a": set(), "b": float("inf")}], id="no literal for"
        ),
        pytest.param("dict(a=1)", [], id="a required one missing"),
        pytest.param("I cannot help with that.", [], id="prose"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_rows_are_found(text: str, rows: list[dict[str, Any]]) -> None:
    assert parse_answer(text, AB) == rows


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("[[1, 2, 3], [4, 5]]", [[1, 2, 3], [4, 5]]),
        ("['a', 'b']", ["a", "b"]),
        ("[{'k': 1}, {'k': 2}]", [{"k": 1}, {"k": 2}]),
        ("[dict(x=[1, 2]), dict(x=[])]", [[1, 2], []]),
        ("[{'x': {'k': 1}}]", [{"k": 1}]),
    ],
)
def test_bare_values_are_rows_of_the_one_parameter(text: str, values: list[Any]) -> None:
    assert [row["x"] for row in parse_answer(text, ONE)] == values


def test_what_has_a_default_may_be_missing() -> None:
    assert parse_answer("dict(a=1)", OPTIONAL) == [{"a": 1}]


def test_deep_nesting_costs_only_the_row() -> None:
    deep = "dict(a=" + "[" * 5000 + "]" * 5000 + ", b=1)"

    assert parse_answer(deep + "\ndict(a=1, b=2)", AB) == [{"a": 1, "b": 2}]


@given(st.text(alphabet="dict(a=1,b'\")[]{}:#\n\\ ", max_size=80))
def test_no_text_is_an_error(text: str) -> None:
    for row in parse_answer(text, AB):
        assert list(row) == ["a", "b"]


@given(st.lists(st.tuples(st.integers(), st.text(max_size=5)), min_size=1, max_size=5))
def test_rows_written_plainly_come_back(rows: list[tuple[int, str]]) -> None:
    text = "examples = [\n" + "".join(f"    dict(a={a!r}, b={b!r}),\n" for a, b in rows) + "]"

    expected = list({repr(row): {"a": row[0], "b": row[1]} for row in rows}.values())
    assert parse_answer(text, AB) == expected


@pytest.mark.skipif(not SAMPLES.exists(), reason="needs ../shared/data")
def test_answers_of_a_real_model_give_all_their_rows() -> None:
    for line in SAMPLES.read_text().splitlines():
        sample = json.loads(line)
        names = sample["example_str"].split("dict(", 1)[1].split("=", 1)[0]
        first = (Parameter(name=names),)
        assert len(parse_answer(sample["completions"], first)) >= 3
