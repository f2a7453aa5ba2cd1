"""Honest programs to run before, beside and after a hostile one: their answers never change.

They import nothing, little or much, may share a process with others or may not, and use what the
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
import re
import string
from collections.abc import Hashable, Sequence

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
        repr(re.RegexFlag(10)),
        collections.Counter("aab").most_common(1),
        collections.OrderedDict(a=1).get("a"),
        functools.reduce(operator.add, numbers),
        sorted(numbers, key=functools.cmp_to_key(lambda one, two: one - two)),
        heapq.nsmallest(1, numbers),
        isinstance([], Hashable),
        isinstance(1, Sequence),
    ]
"""

_COMMON_ANSWER = (
    "['honest_neighbour', 3, [1, 2, 3], [3, 2, 1], '0123456789', '3', 3.1416, 'cbt', "
    "'re.IGNORECASE|re.MULTILINE', [('a', 2)], 1, 6, [1, 2, 3], [1], False, False]"
)

_WIDE = """
import calendar
import collections
import copy
import datetime
import decimal
import errno
import fractions
import html
import ipaddress
import json
import keyword
import os.path
import posixpath
import reprlib
import string
import stringprep
import textwrap
from urllib.parse import urljoin

Pair = collections.namedtuple("Pair", "one other", defaults=(2,))

def honest(n):
    print(n)
    day = copy.deepcopy(datetime.date(2020, 2, 28))
    return [
        "honest_neighbour",
        repr(Pair(n)),
        string.digits,
        json.dumps({"b": [n, "a"], "a": None}, indent=1),
        json.loads("[1.5]"),
        str(day + datetime.timedelta(2)),
        textwrap.wrap("one\\vtwo three", 8),
        ipaddress.ip_network("10.0.0.0/8").num_addresses,
        str(copy.copy(fractions.Fraction(n, 9))),
        urljoin("http://a/b/c", "../d"),
        html.unescape("&lt;") + html.entities.codepoint2name[62],
        posixpath.abspath("x"),
        os.path.join(os.sep, "x"),
        calendar.monthcalendar(2020, 2)[0],
        str(decimal.Decimal(n) / 7),
        errno.errorcode[2],
        len(keyword.kwlist),
        stringprep.in_table_b1("a"),
        reprlib.repr([1, 2, 3]),
    ]
"""

_WIDE_ANSWER = (
    "['honest_neighbour', 'Pair(one=3, other=2)', '0123456789', "
    '\'{\\n "b": [\\n  3,\\n  "a"\\n ],\\n "a": null\\n}\', [1.5], \'2020-03-01\', '
    "['one two', 'three'], 16777216, '1/3', 'http://a/d', '<gt', '/x', '/x', "
    "[0, 0, 0, 0, 0, 1, 2], '0.4285714285714285714285714286', 'ENOENT', 35, False, '[1, 2, 3]']"
)

_ALONE = """
import decimal
import random
import warnings

def honest(n):
    warnings.warn("a warning is no error")
    return [
        "honest_neighbour",
        str(decimal.Decimal(n) / 7),
        random.Random(7).randrange(1000),
    ]
"""

_ALONE_ANSWER = "['honest_neighbour', '0.4285714285714285714285714286', 331]"

# Several pipes full, in each kind of process, so that a channel left small or impatient shows.
_LONG = """
import {module}

def honest(n):
    return "honest_neighbour" * (n * 1000)
"""

_LONG_ANSWER = repr("honest_neighbour" * 3_000)

_CALLS = (Call((3,)),)

HONEST: tuple[tuple[Program, str], ...] = (
    (Program(_BARE, "honest", _CALLS), _BARE_ANSWER),
    (Program(_COMMON, "honest", _CALLS), _COMMON_ANSWER),
    (Program(_WIDE, "honest", _CALLS), _WIDE_ANSWER),
    (Program(_ALONE, "honest", _CALLS), _ALONE_ANSWER),
    *(
        (Program(_LONG.format(module=module), "honest", _CALLS * 6), _LONG_ANSWER)
        for module in ("__future__", "string", "json", "decimal")
    ),
)
"""Programs, each with the answer that every call of it must get."""

PROGRAMS = tuple(program for program, _ in HONEST)


def is_right(outcome: Outcome, answer: str) -> bool:
    """Whether the call came to just this answer, and to nothing beside it."""
    return outcome == Outcome(Status.OK, value=answer)


def wrong_answers(results: list[tuple[Outcome, ...]]) -> list[tuple[Outcome, ...]]:
    """Those of the results of `PROGRAMS` that are not what they must be."""
    return [
        outcomes
        for outcomes, (program, answer) in zip(results, HONEST, strict=True)
        if [is_right(outcome, answer) for outcome in outcomes] != [True] * len(program.calls)
    ]
