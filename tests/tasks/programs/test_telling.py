"""An output that is an argument again tells nothing; anything computed does."""

from typing import Any

import pytest

from sandbox import encode
from tasks.programs.telling import BY_CHANCE, handed_back, is_bare, telling


@pytest.mark.parametrize(
    ("argument", "output"),
    [
        ("level", "level"),
        ("level", ("", "level")),
        ("level", [None, "level"]),
        ("level", "'level'"),
        ("lever", b"lever"),
        (b"level", ("level", 5)),
        (17, "17"),
        ([1, 2], [1, 2]),
        ({"a": 1}, {}),
    ],
)
def test_an_argument_again_tells_nothing(argument: Any, output: Any) -> None:
    assert telling({"p": argument}, encode(output)) == 0


@pytest.mark.parametrize(
    ("argument", "output"),
    [
        ("level", "LEVEL"),
        ("level", ("lev", "el")),
        ("level", 5),
        ("level", None),
        ("a b", ["a", "b"]),
        ("ab", ["ab", "ab"]),
        (3, [3, 4]),
        (True, True),
        ([1, 2], [2, 1]),
    ],
)
def test_what_is_computed_tells(argument: Any, output: Any) -> None:
    assert telling({"p": argument}, encode(output)) == 1


def test_a_number_that_equals_an_argument_may_have_been_computed() -> None:
    assert telling({"a": 3, "b": 5}, "5") == BY_CHANCE


def test_the_first_parameter_that_comes_back_is_named() -> None:
    assert handed_back({"a": 3, "b": 5, "c": 5}, "5") == "b"
    assert handed_back({"a": 3}, "3.0") == ""


def test_a_single_character_is_bare_and_a_number_is_not() -> None:
    assert is_bare({"p": "x", "q": 1})
    assert not is_bare({"p": 0, "q": "xy"})
