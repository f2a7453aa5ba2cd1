"""A kept program has all that its function needs, and does what the module would do.

Every program is run in the jail: what is compared is the value that the author's module gives.
"""

from typing import Any

import pytest

CASES: dict[str, tuple[str, str, tuple[Any, ...], str]] = {
    "helpers of helpers": (
        """
        def a(x): return b(x) + 1
        def b(x): return c(x) * 2
        def c(x): return x - 1 + 0
        """,
        "a",
        (5,),
        "9",
    ),
    "mutual recursion": (
        """
        def is_even(n): return True if n == 0 else is_odd(n - 1)
        def is_odd(n): return False if n == 0 else is_even(n - 1)
        """,
        "is_odd",
        (7,),
        "True",
    ),
    "constants that stand on constants": (
        """
        BASE = 10
        LIMIT = BASE ** 2
        TABLE = {n: n * BASE for n in range(LIMIT)}
        def lookup(n): return TABLE[n] + TABLE[0] + LIMIT
        """,
        "lookup",
        (3,),
        "130",
    ),
    "a table that a loop fills": (
        """
        POWERS = []
        value = 1
        for _ in range(5):
            POWERS.append(value)
            value *= 2
        del value
        def power(n): return POWERS[n] + len(POWERS)
        """,
        "power",
        (4,),
        "21",
    ),
    "a table that calls change": (
        """
        WORDS = {"a": 1}
        WORDS.update(b=2)
        WORDS["c"] = 3
        def total(extra): return sum(WORDS.values()) + extra * 1
        """,
        "total",
        (10,),
        "16",
    ),
    "a constant that is bound again": (
        """
        LIMIT = 10
        LIMIT = LIMIT + 5
        LIMIT += 1
        def over(n): return n - LIMIT if n > LIMIT else 0
        """,
        "over",
        (20,),
        "4",
    ),
    "a constant made by a helper": (
        """
        def square_all(items): return [i * i for i in items]
        SQUARES = square_all([1, 2, 3])
        def nth(n): return SQUARES[n] * 1
        """,
        "nth",
        (2,),
        "9",
    ),
    "a constant made by the function itself": (
        """
        def double(n): return n * 2 if n not in MEMO else MEMO[n]
        MEMO = {}
        FOUR = double(2)
        def use(n): return double(n) + FOUR
        """,
        "use",
        (3,),
        "10",
    ),
    "a default that names a constant": (
        """
        WIDTH = 3
        def pad(text, width=WIDTH, *, fill="."): return text.rjust(width, fill)
        """,
        "pad",
        ("a",),
        "'..a'",
    ),
    "a default that calls a helper": (
        """
        def alphabet(n): return "abcdef"[:n] + ""
        def index(letter, letters=alphabet(3)): return letters.index(letter) + 1
        """,
        "index",
        ("c",),
        "3",
    ),
    "positional-only and keyword-only parameters": (
        "def clamp(value, /, low=0, *, high=9): return max(low, min(value, high))",
        "clamp",
        (12,),
        "9",
    ),
    "closures": (
        """
        SCALE = 2
        def scaled(items, by):
            total = 0
            def add(item):
                nonlocal total
                total += item * by * SCALE
            for item in items:
                add(item)
            return total
        """,
        "scaled",
        ([1, 2], 3),
        "18",
    ),
    "nested functions that hide a global": (
        """
        def helper(x): raise ValueError("not this one")
        def outer(x):
            def helper(y): return y * 2
            return helper(x) + 1
        """,
        "outer",
        (2,),
        "5",
    ),
    "comprehension variables that hide a global": (
        """
        n = [1]
        def count(items): return sum(n for n in items if n) + len(items)
        """,
        "count",
        ([1, 2],),
        "5",
    ),
    "a walrus in a comprehension": (
        """
        LIMIT = 2
        def big(items): return [last for item in items if (last := item * 2) > LIMIT], last
        """.replace("], last", "]"),
        "big",
        ([1, 2],),
        "[4]",
    ),
    "match with captures": (
        """
        KNOWN = {"go": 1}
        def act(command):
            match command:
                case [verb, *rest] if verb in KNOWN:
                    return KNOWN[verb] + len(rest)
                case {"verb": verb, **others}:
                    return verb, others
                case _ as other:
                    return str(other) + "!"
        """,
        "act",
        (["go", "n", "e"],),
        "3",
    ),
    "match with single values": (
        """
        def name(x):
            match x:
                case True | False:
                    return "truth" + str(x)
                case None:
                    return "nothing"
                case _:
                    return "more" * 2
        """,
        "name",
        (True,),
        "'truthTrue'",
    ),
    "a shadowed builtin": (
        """
        def sorted(items): return items[::-1] + []
        def top(items): return sorted(items)[0] + 1
        """,
        "top",
        ([1, 2, 3],),
        "4",
    ),
    "an I/O builtin that the module replaces": (
        """
        def open(x): return x * 2
        def twice(x): return open(x) + open(1)
        """,
        "twice",
        (3,),
        "8",
    ),
    "a class with base, class attribute and helper": (
        """
        class Base:
            unit = 2
            def __init__(self, value): self.value = value
        class Stack(Base):
            def push(self, n): return Stack(grow(self.value, n) * self.unit)
        def grow(a, b): return a + b
        def run(n):
            stack = Stack(1).push(n)
            return stack.value + stack.unit
        """,
        "run",
        (4,),
        "12",
    ),
    "a dataclass, which looks its module up": (
        """
        from __future__ import annotations
        from dataclasses import dataclass, field
        @dataclass(order=True)
        class Point:
            x: int
            y: int = 0
            tags: list[str] = field(default_factory=list)
        def norm(x, y):
            point = Point(x, y)
            return point.x ** 2 + point.y ** 2
        """,
        "norm",
        (3, 4),
        "25",
    ),
    "a named tuple": (
        """
        from collections import namedtuple
        Pair = namedtuple("Pair", "left right")
        def swap(a, b):
            pair = Pair(a, b)
            return (pair.right, pair.left, pair._asdict())
        """,
        "swap",
        (1, 2),
        "(2, 1, {'left': 1, 'right': 2})",
    ),
    "an enumeration": (
        """
        import enum
        class Level(enum.IntEnum):
            LOW = 1
            HIGH = 2
        def level(name): return Level[name.upper()].value + 1
        """,
        "level",
        ("high",),
        "3",
    ),
    "a static method, its class not needed": (
        '''
        class Tools:
            big = 1
            @staticmethod
            def shout(text):
                """Say it.

                Loud.
                """
                extra = """two
            lines"""
                return text.upper() + extra + "!"
        ''',
        "shout",
        ("a",),
        "'Atwo\\n    lines!'",
    ),
    "a static method that needs its class": (
        """
        class Tools:
            factor = 3
            @staticmethod
            def times(n):
                if n > 10:
                    return n
                return Tools.times(n * Tools.factor)
        """,
        "times",
        (2,),
        "18",
    ),
    "a class method that does not use its class": (
        """
        RATE = 3
        class Tools:
            @classmethod
            def scale(cls, n, by=RATE):
                return n * by + 0
        """,
        "scale",
        (2,),
        "6",
    ),
    "a class method whose class is all it is given but one": (
        """
        class Tools:
            @classmethod
            def twice(
                cls,
                n,
            ):
                return n * 2 + 0
        """,
        "twice",
        (2,),
        "4",
    ),
    "functools.lru_cache": (
        """
        import functools
        @functools.lru_cache(maxsize=None)
        def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
        """,
        "fib",
        (30,),
        "832040",
    ),
    "a star import of a known module": (
        """
        from math import *
        def hypotenuse(a, b): return sqrt(a * a + b * b) + floor(0.5)
        """,
        "hypotenuse",
        (3, 4),
        "5.0",
    ),
    "aliases and submodules": (
        """
        import os.path
        import urllib.parse as up
        import collections as c, math
        from os import path as p
        def parts(url):
            host = up.urlsplit(url).netloc
            return host, p.join("a", "b"), os.path.basename("x/y"), math.gcd(4, 6)
        """,
        "parts",
        ("http://h/p",),
        "('h', 'a/b', 'y', 2)",
    ),
    "an import inside the function": (
        """
        def roots(n):
            import math
            from itertools import chain
            return list(chain([math.isqrt(n)], [n]))
        """,
        "roots",
        (10,),
        "[3, 10]",
    ),
    "an import with a fall-back": (
        """
        try:
            import numpy as np
            FAST = True
        except ImportError:
            np = None
            FAST = False
        def total(items): return np if FAST else sum(items) + 0
        """,
        "total",
        ([1, 2],),
        "3",
    ),
    "an accelerator that takes the place of a function": (
        """
        def push(heap, item): return sorted([*heap, item])
        try:
            from _speedups import push
        except ImportError:
            pass
        def pushed(items): return push(items, 0) + [len(items)]
        """,
        "pushed",
        ([2, 1],),
        "[0, 1, 2, 2]",
    ),
    "a condition on the version of Python": (
        """
        import sys
        if sys.version_info >= (3, 0):
            text_type = str
            def text(x): return text_type(x) + "3"
        else:
            text_type = unicode
        """,
        "text",
        (1,),
        "'13'",
    ),
    "a conditional definition that is needed": (
        """
        import sys
        if sys.maxsize > 2 ** 31:
            def word(): return 8
        else:
            def word(): return 4
        def words(n): return n // word() + n % word()
        """,
        "words",
        (17,),
        "3",
    ),
    "an elif that is cut out": (
        """
        import sys
        import os
        if sys.platform == "win32":
            SEP = 1
        # Everything else.
        elif os.sep == "/":
            SEP = 2
        else:
            SEP = 3
        def sep(n): return n * SEP + n
        """,
        "sep",
        (2,),
        "6",
    ),
    "the last of two definitions": (
        """
        def f(x): return x * 2 + 1
        def g(x): return f(x) + f(0)
        def f(x): return x * 3 + 1
        """,
        "g",
        (2,),
        "8",
    ),
    "overloads": (
        """
        from typing import overload
        @overload
        def twice(x: int) -> int: ...
        @overload
        def twice(x: str) -> str: ...
        def twice(x): return x + x if x else x * 2
        """,
        "twice",
        ("a",),
        "'aa'",
    ),
    "a list of public names, which says nothing of what a name means": (
        """
        __all__ = ["scale"]
        __all__ += ["other"]
        def _step(x): return x * 2
        def scale(x): return _step(x) + 1
        __all__.append("scale")
        """,
        "scale",
        (3,),
        "7",
    ),
    "letters that take several bytes": (
        """
        NAMES = {"ä": "é→", "b": 2}  # ünïcode; x = 1
        def näme(k): return NAMES[k] if k in NAMES else "ß" + k; y = 2
        """,
        "näme",
        ("c",),
        "'ßc'",
    ),
    "statements that share a line": (
        """
        A = 1; B = 2; C = A + B
        def add(n): return n + C + B
        """,
        "add",
        (1,),
        "6",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_slice_runs_on_its_own(name: str, extracted: Any, call: Any) -> None:
    source, entry, args, expected = CASES[name]
    outcome = call(extracted(source, min_operations=0)[entry], *args)
    assert (outcome.status, outcome.value, outcome.message) == ("ok", expected, "")


def test_only_what_is_needed_is_sliced(extracted: Any) -> None:
    source = """
    import re, json
    from math import floor, ceil
    __all__ = ["f"]
    UNUSED = 1
    USED = 2
    def unused(x): return json.dumps(x) + "x"
    def f(x): return floor(x * USED) + 1
    """
    assert extracted(source)["f"].program == (
        "from math import floor\n\nUSED = 2\n\n\ndef f(x): return floor(x * USED) + 1\n"
    )


def test_the_function_comes_last_and_its_helpers_in_the_order_of_the_source(
    extracted: Any,
) -> None:
    source = """
    def target(x): return first(x) + second(x)
    def second(x): return x * 2 + 1
    def first(x): return x * 3 + 1
    """
    program = extracted(source)["target"].program
    assert program.index("def second") < program.index("def first") < program.index("def target")


def test_a_function_that_runs_while_the_module_is_loaded_stays_in_its_place(
    extracted: Any, call: Any
) -> None:
    source = """
    def scale(n): return n * 10 if n < 3 else TABLE[n] + 1
    TABLE = [scale(i) for i in range(3)] + [7, 8]
    """
    assert call(extracted(source)["scale"], 4).value == "9"


def test_comments_layout_and_docstring_stay(extracted: Any) -> None:
    source = '''
    X = 1

    # What the weight of a word is.
    WEIGHT = 2  # grams


    # Weigh it
    # with care.
    def weigh(word):
        """Weigh."""
        # Count, then scale.
        return len(word)  *  WEIGHT
    '''
    function = extracted(source)["weigh"]
    assert function.program == (
        "# What the weight of a word is.\n"
        "WEIGHT = 2  # grams\n\n\n"
        "# Weigh it\n# with care.\n"
        "def weigh(word):\n"
        '    """Weigh."""\n'
        "    # Count, then scale.\n"
        "    return len(word)  *  WEIGHT\n"
    )
    assert function.code in function.program
    assert function.docstring == "Weigh."
    assert (function.first_line, function.last_line) == (8, 13)


@pytest.mark.parametrize(
    "comment",
    ["# pylint: disable=all", "# -----\n# Part\n# -----", "#\n#", "# a\n" * 7 + "# b", "# a\n"],
    ids=["pragma", "banner", "blank", "long", "apart"],
)
def test_a_comment_that_is_not_about_the_function_is_left(comment: str, extracted: Any) -> None:
    source = f"X = 1\n{comment}\ndef f(a): return a * 2 + 1\n"
    assert extracted(source)["f"].code.startswith("def f")


def test_a_comment_is_taken_whole_or_not_at_all(extracted: Any) -> None:
    source = "X = 1\n# 1st, `double` it:\n#\n# then add.\ndef f(a): return a * 2 + 1\n"
    assert extracted(source)["f"].code.startswith("# 1st")


def test_the_first_comment_of_a_file_is_about_the_file(extracted: Any) -> None:
    assert extracted("# Tools.\ndef f(a): return a * 2 + 1\n")["f"].code.startswith("def f")


def test_a_static_method_indented_by_tabs_is_dedented(extracted: Any) -> None:
    source = "class A:\n\t@staticmethod\n\tdef f(a):\n\t\tb = a * 2\n\t\treturn b + 1\n"
    assert extracted(source)["f"].code == "def f(a):\n\tb = a * 2\n\treturn b + 1"
