"""Texts drawn from a pattern match it, where it has no assertions."""

import re
from random import Random

import pytest

from tasks.inputs.regexes import matching


@pytest.mark.parametrize(
    "pattern",
    [
        r"\d{4}-\d\d-\d\d",
        r"(?P<word>[a-z]+) (?P=word)",
        r"a|bc|[^d-z]",
        r"([A-Z][a-z]*,? ?)+",
        r"\w+@\w+\.(com|org)",
        "x*?y+z{2,3}",
        r"\s*\S+\W",
    ],
)
def test_drawn_texts_match(pattern: str) -> None:
    rng = Random(1)
    for _ in range(30):
        text = matching(pattern, rng)
        assert text is not None
        assert re.fullmatch(pattern, text)


@pytest.mark.parametrize("pattern", ["(", "a{9999999999}", "(?P<n>a)(?P<n>b)"])
def test_what_is_no_pattern_gives_nothing(pattern: str) -> None:
    assert matching(pattern, Random(0)) is None
