import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import decode, encode
from tasks.prompts.scan import find_outside, split_arguments, split_at
from tasks.prompts.values import as_json, is_comparable, is_printable, printed

NAN = float("nan")
TEXTS = st.text("'\"\\, :=[]{}()|nab\n", max_size=6)
PLAIN = st.recursive(
    st.one_of(TEXTS, st.integers(), st.floats(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
)


@pytest.mark.parametrize(
    ("value", "comparable", "printable"),
    [
        (1, True, True),
        ("banana", True, True),
        (NAN, False, True),
        ([{"a": NAN}], False, True),
        (complex(0, NAN), False, True),
        ({1, 2}, True, False),
        ({1}, True, True),
        (set(), True, True),
        ([frozenset({1, 2})], True, False),
        ({"a": {1: 2}}, True, True),
        ("{1, 2}", True, True),
        ([NAN, {1, 2}], False, False),
    ],
)
def test_what_can_be_claimed_of_a_value(value: Any, comparable: bool, printable: bool) -> None:
    assert is_comparable(encode(value)) is comparable
    assert is_printable(encode(value)) is printable


KEYS = st.recursive(
    st.one_of(TEXTS, st.integers(0, 9)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2).map(tuple), st.frozensets(inner, max_size=2)
    ),
)


@given(
    st.recursive(
        KEYS,
        lambda inner: st.one_of(
            st.lists(inner, max_size=2),
            st.sets(KEYS, max_size=2),
            st.dictionaries(KEYS, inner, max_size=2),
        ),
    )
)
def test_a_set_of_many_is_found_wherever_it_is(value: Any) -> None:
    assert is_printable(encode(value)) is not has_set_of_many(value)


def has_set_of_many(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(has_set_of_many, [*value, *value.values()]))
    if isinstance(value, (set, frozenset)) and len(value) > 1:
        return True
    return not isinstance(value, (str, int)) and any(map(has_set_of_many, value))


@pytest.mark.parametrize("value", [NAN, [-float("inf")], complex(-0.0, -2), 1e300, "float('nan')"])
def test_printed_is_what_the_interpreter_prints(value: Any) -> None:
    assert printed(encode(value)) == repr(value)


@pytest.mark.parametrize(
    "value",
    [(1,), {1}, b"", 1j, NAN, float("inf"), {1: 2}, {True: 1}, ["\ud800"], [(1,)], {"a": {1}}],
)
def test_json_is_refused_where_it_would_change_the_value(value: Any) -> None:
    assert as_json(encode(value)) is None


@given(PLAIN)
def test_json_gives_the_same_value_back_on_one_line(value: Any) -> None:
    text = as_json(encode(value))
    if text is not None:
        assert encode(json.loads(text)) == encode(value)
        assert text.isprintable()


@given(st.dictionaries(st.sampled_from(["a", "b_1", "größe"]), PLAIN))
def test_arguments_are_split_as_they_were_written(values: dict[str, Any]) -> None:
    parts = split_arguments(encode(values))
    assert list(parts) == list(values)
    assert {name: encode(decode(text)) for name, text in parts.items()} == {
        name: encode(value) for name, value in values.items()
    }


@given(st.lists(PLAIN, min_size=1, max_size=4), st.sampled_from([", ", " | ", "\t", " -> "]))
def test_values_are_split_at_separators_and_not_inside(values: list[Any], separator: str) -> None:
    texts = [encode(value) for value in values]
    assert split_at(separator.join(texts), separator) == texts


def test_nothing_is_found_after_a_bracket_that_was_never_opened() -> None:
    assert find_outside("1), 2", 0, ", ") == -1
