"""Values: text and back, exactly; the same text whatever the hash seed; nothing else read."""

import math
import struct
import subprocess
import sys
import types
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import ValueTooLargeError, decode, encode
from sandbox.literals import is_plain

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.complex_numbers(allow_nan=True, allow_infinity=True)
    | st.text(st.characters(categories=None))
    | st.binary()
)
HASHABLE = st.recursive(
    SCALARS, lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=4), max_leaves=8
)
VALUES = st.recursive(
    HASHABLE,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner)
        | st.sets(HASHABLE, max_size=4)
        | st.dictionaries(HASHABLE, inner, max_size=4)
    ),
    max_leaves=20,
)


def shape(value: Any) -> Any:
    """What must survive: the type, the bits and the order, of everything inside."""
    if type(value) is float:
        return ("float", "nan" if math.isnan(value) else struct.pack("d", value))
    if type(value) is complex:
        return ("complex", shape(value.real), shape(value.imag))
    if type(value) in (set, frozenset):
        return (type(value).__name__, sorted(repr(shape(item)) for item in value))
    if type(value) is dict:
        return ("dict", [(shape(key), shape(item)) for key, item in value.items()])
    if type(value) in (list, tuple):
        return (type(value).__name__, [shape(item) for item in value])
    return (type(value).__name__, value)


@given(VALUES)
def test_a_value_comes_back_bit_for_bit(value: Any) -> None:
    assert shape(decode(encode(value))) == shape(value)


@given(VALUES)
def test_the_text_is_a_python_expression_of_that_value(value: Any) -> None:
    names = {"float": float, "complex": complex, "set": set, "frozenset": frozenset}
    evaluated = eval(encode(value), {"__builtins__": {}}, names)  # noqa: S307 - our own text
    assert shape(evaluated) == shape(value)


LITERAL_PIECES = ["0", "-1", "10", "01", "-0", "1.5", "1.50", "-0.0", "1e16", "1.5e-07", "2.5e+20"]
LITERAL_PIECES += ["'a'", "'1.50'", '"', "\\", "None", "True", "[", "]", "(", ")", ", ", ",", " "]


@given(st.lists(st.sampled_from(LITERAL_PIECES), max_size=9).map("".join))
def test_what_is_called_plain_without_parsing_is_canonical(text: str) -> None:
    if is_plain(text):
        assert encode(decode(text)) == text


@pytest.mark.parametrize(
    "value", [0, -12, 1.5, -0.0, "it is", None, True, [], (), (1,), [1, "a"], [(1, 2.5), []]]
)
def test_the_usual_values_are_plain(value: Any) -> None:
    assert is_plain(encode(value))


@pytest.mark.parametrize(
    "text", ["-0", "01", "1.50", "1e400", "'1.50', 1.50", "[1,2]", "(1)", "[1, ]", "1.0\n", "٣"]
)
def test_what_looks_like_the_usual_values_is_not(text: str) -> None:
    assert not is_plain(text)


@given(st.text())
def test_any_text_is_a_canonical_value_or_a_value_error(text: str) -> None:
    try:
        value = decode(text)
    except ValueError:
        return
    assert encode(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "None"),
        (-0.0, "-0.0"),
        (
            [float("nan"), float("inf"), -float("inf")],
            "[float('nan'), float('inf'), float('-inf')]",
        ),
        (complex(1, 2), "(1+2j)"),
        (2j, "2j"),
        (complex(0.0, -2.0), "complex(0.0, -2.0)"),
        (complex(-0.0, 2.0), "complex(-0.0, 2.0)"),
        (complex(1.0, -0.0), "complex(1.0, -0.0)"),
        (set(), "set()"),
        ({3, 1, 20}, "{1, 20, 3}"),
        (frozenset({"b", "a"}), "frozenset({'a', 'b'})"),
        (frozenset(), "frozenset()"),
        ({"b": 1, "a": (2,)}, "{'b': 1, 'a': (2,)}"),
        ("\ud800\x00é", "'\\ud800\\x00é'"),
        (b"\xff\x00", "b'\\xff\\x00'"),
        ((), "()"),
    ],
)
def test_the_canonical_literal_is_the_expected_one(value: Any, text: str) -> None:
    assert encode(value) == text
    assert shape(decode(text)) == shape(value)


def test_sets_are_written_alike_under_every_hash_seed() -> None:
    code = "from sandbox import encode; print(encode({frozenset('abc'): {'x', 'y', b'z', 1.5}}))"
    texts = {
        subprocess.check_output([sys.executable, "-c", code], env={"PYTHONHASHSEED": str(seed)})
        for seed in range(3)
    }
    assert len(texts) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 1",
        "[1,2]",
        "1 + 1",
        "(1+2j)+1",
        "{1, 1}",
        "{2, 1}",
        "{True: 1, 1: 2}",
        "{**{}}",
        "'\\d'",
        '"a"',
        "''''''",
        "f''",
        "0x10",
        "1_0",
        "1.50",
        "float('NaN')",
        "float('1.5')",
        "complex(1, 2)",
        "complex(1.0, 2.0)",
        "frozenset([1])",
        "set([1])",
        "...",
        "x",
        "__import__('os')",
        "[x for x in (1,)]",
        "-True",
        "--1",
        "[[]][0]",
        "{[]: 1}",
        "\x00",
        "(" * 300,
        "-" * 20_000 + "1",
        "1" * 5_000,
        "[" * 70 + "]" * 70,
    ],
)
def test_what_encode_never_writes_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        decode(text)


def nest(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


def cycle() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


def shared() -> list[Any]:
    value: list[Any] = [0]
    for _ in range(60):
        value = [value, value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(cycle(), id="cyclic"),
        pytest.param(nest(64), id="deep"),
        pytest.param(nest(100_000), id="very deep"),
        pytest.param(shared(), id="shared"),
        pytest.param(list(range(20_001)), id="many nodes"),
        pytest.param("a" * 70_000, id="long text"),
        pytest.param(["é" * 40_000], id="long in bytes only"),
        pytest.param(["a" * 60_000] * 9_000, id="many long texts"),
        pytest.param(1 << 14_000, id="huge int"),
    ],
)
def test_too_large_a_value_is_named_so(value: Any) -> None:
    with pytest.raises(ValueTooLargeError):
        encode(value)


def test_the_deepest_value_allowed_comes_back() -> None:
    assert decode(encode(nest(63))) == nest(63)


class Meta(type):
    """Lies about its classes and runs for ever when one is hashed or compared."""

    def __hash__(cls) -> int:
        raise AssertionError("user code ran")

    def __eq__(cls, other: object) -> bool:
        raise AssertionError("user code ran")


class Liar(metaclass=Meta):
    """Says it is an int."""

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return int

    def __repr__(self) -> str:
        raise AssertionError("user code ran")


class Number(int):
    """A subclass that reads as 42."""

    def __repr__(self) -> str:
        return "42"


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ([Number(1)], "test_values.Number"),
        ((Liar(),), "test_values.Liar"),
        ({"a": types.SimpleNamespace()}, "types.SimpleNamespace"),
        (len, "builtin_function_or_method"),
        (bytearray(b"a"), "bytearray"),
        (range(3), "range"),
    ],
)
def test_an_opaque_value_is_a_type_error_with_the_name_of_its_type(value: Any, name: str) -> None:
    with pytest.raises(TypeError) as caught:
        encode(value)
    assert str(caught.value).endswith(name)


def test_the_limit_of_the_text_can_be_set() -> None:
    assert encode("a" * 100_000, max_bytes=200_000) == repr("a" * 100_000)
    with pytest.raises(ValueTooLargeError):
        encode([1, 2, 3], max_bytes=5)
    with pytest.raises(ValueTooLargeError):
        decode("[1, 2, 3]", max_bytes=5)
