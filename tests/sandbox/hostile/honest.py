"""Honest programs to run before, beside and after a hostile one: their answers never change.

There is one for each set of modules that a program may find imported, and they use what the
hostile programs patch, so that anything left behind shows in an answer.
"""

from sandbox import Call, Outcome, Program, Status

_BARE = """
def honest(n):
    marker = "honest_neighbour"
    numbers = sorted([n, 2, len(marker)])
    table = {str(number): (number, float(number)) for number in numbers}
    return [marker, table, max(numbers), [isinstance(n, int), repr(n), sum(numbers)]]
"""

_BARE_ANSWER = (
    "['honest_neighbour', {'2': (2, 2.0), '3': (3, 3.0), '16': (16, 16.0)}, 16, [True, '3', 21]]"
)

_COMMON = """
import collections
import copy
import functools
import heapq
import math
import operator
import random
import re
import string

def honest(n):
    numbers = [n, 2, 1]
    return [
        "honest_neighbour",
        len(numbers),
        sorted(copy.deepcopy(numbers)),
        copy.copy(numbers),
        string.digits,
        string.Template("$a").substitute(a=n),
        round(math.pi, 4),
        re.sub("a+", "b", "caat"),
        collections.Counter("aab").most_common(1),
        collections.OrderedDict(a=1).get("a"),
        functools.reduce(operator.add, numbers),
        sorted(numbers, key=functools.cmp_to_key(lambda one, two: one - two)),
        heapq.nsmallest(1, numbers),
        random.Random(7).randrange(1000),
        isinstance([], collections.abc.Hashable),
        isinstance(1, collections.abc.Sequence),
    ]
"""

_COMMON_ANSWER = (
    "['honest_neighbour', 3, [1, 2, 3], [3, 2, 1], '0123456789', '3', 3.1416, 'cbt', "
    "[('a', 2)], 1, 6, [1, 2, 3], [1], 331, False, False]"
)

_WIDE = """
import datetime
import decimal
import json
import textwrap
import warnings

def honest(n):
    warnings.warn("a warning is no error")
    return [
        "honest_neighbour",
        str(decimal.Decimal(n) / 7),
        json.dumps({"b": [n, "a"], "a": None}),
        json.loads("[1.5]"),
        str(datetime.date(2020, 2, 28) + datetime.timedelta(2)),
        textwrap.shorten("one two three", 8, placeholder=""),
    ]
"""

_WIDE_ANSWER = (
    "['honest_neighbour', '0.4285714285714285714285714286', "
    "'{\"b\": [3, \"a\"], \"a\": null}', [1.5], '2020-03-01', 'one two']"
)

_CALLS = (Call((3,)),)

HONEST: tuple[tuple[Program, str], ...] = (
    (Program(_BARE, "honest", _CALLS), _BARE_ANSWER),
    (Program(_COMMON, "honest", _CALLS), _COMMON_ANSWER),
    (Program(_WIDE, "honest", _CALLS), _WIDE_ANSWER),
)
"""Programs of one call each, with the answer."""

PROGRAMS = tuple(program for program, _ in HONEST)


def is_right(outcome: Outcome, answer: str) -> bool:
    """Whether the call came to just this answer, and to nothing beside it."""
    return outcome == Outcome(Status.OK, value=answer)


def wrong_answers(results: list[tuple[Outcome, ...]]) -> list[tuple[Outcome, ...]]:
    """Those of the results of `PROGRAMS` that are not what they must be."""
    return [
        outcomes
        for outcomes, (_, answer) in zip(results, HONEST, strict=True)
        if len(outcomes) != 1 or not is_right(outcomes[0], answer)
    ]
