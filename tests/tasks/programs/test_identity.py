"""Copies with other names are the same program; other programs are not."""

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.programs.identity import identity

PROGRAM = '''
import re
from math import floor

LIMIT = 3


class Box:
    """A box."""

    size = 1

    def __init__(self, value):
        self.value = value


def helper(items, *, limit=LIMIT):
    """Take some."""
    return [item for item in items if item < limit]


def target(data, width: int = 2) -> list:
    """Do it."""
    total: int = 0
    for entry in helper(data, limit=width):
        total += floor(entry)  # count
    try:
        return [Box(total).value, re.sub("a", "b", str(total))]
    except ValueError as error:
        return [str(error)]
'''

COPY = """
from math import floor as down
import re


def rest(seq, *, most=TOP):
    return [x for x in seq if x < most]


class Crate:
    size = 1
    def __init__(me, v):
        me.value = v


TOP = 3


def entry(
    values,
    n=2,
):
    # Another comment.
    result = 0
    for v in rest(values, most=n):
        result += down(v)
    try:
        return [Crate(result).value, re.sub('a', "b", str(result))]
    except ValueError as e:
        return [str(e)]
"""


def test_a_copy_with_other_names_order_and_layout_is_the_same() -> None:
    assert identity(PROGRAM, "target") == identity(COPY, "entry")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("LIMIT = 3", "LIMIT = 4"),
        ("LIMIT = 3", "LIMIT = 3.0"),
        ("width: int = 2", "width: int = 1"),
        ("item < limit", "item <= limit"),
        ("item < limit", "limit < item"),
        ("floor(entry)", "round(entry)"),
        ("total += floor(entry)", "total -= floor(entry)"),
        ("self.value = value", "self.other = value"),
        ("str(error)", "str(total)"),
        ("ValueError", "TypeError"),
        ("helper(data, limit=width)", "helper(data)"),
        ("size = 1", "length = 1"),
    ],
)
def test_what_computes_something_else_is_another(old: str, new: str) -> None:
    assert old in PROGRAM
    assert identity(PROGRAM.replace(old, new), "target") != identity(PROGRAM, "target")


def test_code_that_the_entry_does_not_use_does_not_count() -> None:
    more = PROGRAM + "\n\nOTHER = 1\n\n\ndef unused(x): return OTHER\n"
    assert identity(more, "target") == identity(PROGRAM, "target")


def test_a_statement_that_changes_a_constant_counts() -> None:
    source = "T = []\n{}\ndef f(x): return T + x\n"
    changed = [identity(source.format(line), "f") for line in ("", "T.append(1)", "T.append(2)")]
    assert len(set(changed)) == 3


def test_two_variables_are_not_one() -> None:
    one = "def f(a, b):\n    return a - b"
    other = "def f(a, b):\n    return a - a"
    swapped = "def f(a, b):\n    return b - a"
    assert len({identity(source, "f") for source in (one, other, swapped)}) == 3


def test_a_local_that_hides_a_global_is_not_the_global() -> None:
    hidden = "n = 1\ndef f(x):\n    n = 2\n    return x + n"
    plain = "def f(x):\n    k = 2\n    return x + k"
    assert identity(hidden, "f") == identity(plain, "f")


def test_match_captures_are_renamed() -> None:
    source = dedent("""
        def f(x):
            match x:
                case [{0}, *{1}]: return {0}
                case {{"k": {2}, **{3}}}: return {2}, {3}
                case {4}: return {4}
    """)
    one, other = source.format(*"abcde"), source.format(*"ghijk")
    assert identity(one, "f") == identity(other, "f")


def test_an_entry_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        identity("x = 1", "f")


NAMES = st.from_regex(r"[a-z]{3,8}_", fullmatch=True)


@given(st.lists(NAMES, min_size=4, max_size=4, unique=True))
def test_any_consistent_renaming_is_the_same(names: list[str]) -> None:
    source = "def {0}({1}, {2}):\n    {3} = {1} * 2\n    return {0}({3}, {2}) if {1} else {2}"
    renamed = identity(source.format(*names), names[0])
    assert renamed == identity(source.format("f", "a", "b", "c"), "f")
