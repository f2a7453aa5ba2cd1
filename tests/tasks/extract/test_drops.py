"""What is left out, with the reason and the name that a person would look for."""

import sys
from typing import Any

import pytest

FUNCTIONS: dict[str, tuple[str, str, str]] = {
    "no parameters": ("def f(): return 1 + 2 + 3", "no_parameters", ""),
    "only *args": ("def f(*args): return sum(args) + 1", "no_parameters", ""),
    "*args and options": ("def f(*a, n=1): return sum(a) + n", "no_parameters", "*a"),
    "self": ("def f(self, x): return x + x + 1", "object_parameter", "self"),
    "no return": ("def f(x): x + x + 1", "no_return", ""),
    "a bare return": ("def f(x):\n    x += x + 1\n    return", "no_return", ""),
    "a return of a nested function": (
        "def f(x):\n    def g(): return x + 1\n    x + 2",
        "no_return",
        "",
    ),
    "a generator that never ends": (
        "def f(x):\n    while True:\n        yield x + 1 * 2\n        x += 1",
        "generator",
        "list_f",
    ),
    "a generator where the name for its list is taken": (
        "list_f = 1\ndef f(x):\n    yield x + 1 * 2\n",
        "generator",
        "list_f",
    ),
    "a generator where another list hides the builtin": (
        "def list(x): return x\ndef f(x):\n    yield x + 1 * 2\n",
        "generator",
        "list_f",
    ),
    "a generator that uses no parameter": (
        "def f(x):\n    yield 1 + 1 * 2",
        "trivial",
        "uses no parameter",
    ),
    "a generator of objects": (
        "def f(nodes):\n    for node in nodes:\n        yield node.left + 1 * 2",
        "object_parameter",
        "nodes.left in f",
    ),
    "a coroutine": ("async def f(x): return x + 1 * 2", "coroutine", ""),
    "a constant": ("def f(x):\n    x + 1 * 2\n    return 3", "trivial", ""),
    "a pass-through": ("def f(x): return x", "trivial", ""),
    "one operation": ("def f(x): return g(x)\ndef g(x): return x", "trivial", ""),
    "a lambda": ("def f(x): return lambda y: x + y * 2", "opaque_return", "lambda y: x + y * 2"),
    "a decorator's work": (
        "def f(fn):\n    def g(*a): return fn(*a) + 1 + 2\n    return g",
        "opaque_return",
        "g",
    ),
    "an object": (
        "class A: pass\ndef f(x): return A(x + 1 * 2)",
        "opaque_return",
        "A(x + 1 * 2)",
    ),
    "an unknown decorator": (
        "@app.route('/')\ndef f(x): return x + 1 * 2",
        "decorator",
        "app.route",
    ),
    "an external module": (
        "import numpy as np\ndef f(x): return np.sum(x) + 1",
        "external_import",
        "numpy",
    ),
    "a relative import": (
        "from . import util\ndef f(x): return util.g(x) + 1",
        "external_import",
        ".",
    ),
    "an external import inside": (
        "def f(x):\n    import numpy\n    return numpy.sum(x) + 1",
        "external_import",
        "numpy",
    ),
    "an optional module without a fall-back": (
        "try:\n    import yaml\nexcept ImportError:\n    pass\ndef f(x): return yaml.load(x) + 1",
        "external_import",
        "yaml",
    ),
    "an impure module": (
        "import random\ndef f(x): return random.choice(x) + 1",
        "impure_module",
        "random",
    ),
    "an impure part of a module": (
        "import os\ndef f(x): return os.getcwd() + x",
        "impure_call",
        "os.getcwd",
    ),
    "a module as a value": (
        "import os\ndef f(x): return vars2(os, x) + 1\ndef vars2(a, b): return a",
        "impure_module",
        "os",
    ),
    "the clock": (
        "from datetime import datetime\ndef f(x): return (datetime.now() - x).days + 1",
        "impure_call",
        "now",
    ),
    "a file": ("def f(path): return open(path).read() + 'x'", "impure_call", "open"),
    "a file of a helper": (
        "def g(p): return open(p)\ndef f(path): return len(g(path)) + 1",
        "impure_call",
        "open in g",
    ),
    "print": ("def f(x):\n    print(x)\n    return x + 1 + 2", "impure_call", "print"),
    "exec": ("def f(x):\n    exec(x)\n    return x + 1 + 2", "impure_call", "exec"),
    "hash": ("def f(x): return hash(x) + 1", "impure_call", "hash"),
    "id": ("def f(x): return id(x) + 1", "impure_call", "id"),
    "a global statement": (
        "N = 0\ndef f(x):\n    global N\n    N += x\n    return N + 1",
        "global_state",
        "N",
    ),
    "a cache that it fills": (
        "CACHE = {}\ndef f(x):\n    CACHE[x] = x + 1\n    return CACHE[x] * 2",
        "global_state",
        "CACHE",
    ),
    "a registry that others fill": (
        "SEEN = []\ndef add(x): SEEN.append(x)\ndef f(x): return x in SEEN or len(SEEN) > 1",
        "global_state",
        "SEEN",
    ),
    "an attribute of itself": (
        "def f(x):\n    f.calls += 1\n    return x + f.calls * 2",
        "global_state",
        "f",
    ),
    "a counter of the module": (
        "from itertools import count\nnumber = count(1)\ndef f(x): return x % next(number) + 1",
        "global_state",
        "number = count(1) in line 2",
    ),
    "a counter of the module, by its method": (
        "from itertools import count as _n\nmore = _n(1).__next__\ndef f(x): return x % more() + 1",
        "global_state",
        "more = _n(1).__next__ in line 2",
    ),
    "a counter in a dict": (
        "N = {'n': 0}\ndef f(x):\n    N['n'] += 1\n    return x + N['n']",
        "global_state",
        "N",
    ),
    "the version of Python": (
        "import sys\ndef f(x): return x + sys.version_info[0] * 2",
        "impure_call",
        "sys.version_info",
    ),
    "the text of the version": (
        "from sys import version\ndef f(x): return version + x * 2",
        "impure_call",
        "sys.version",
    ),
    "the platform": (
        "import sys\ndef f(x): return x + sys.platform * 2",
        "impure_call",
        "sys.platform",
    ),
    "the machine": (
        "import platform\ndef f(x): return platform.machine() + x * 2",
        "impure_module",
        "platform",
    ),
    "the operating system": (
        "import os\ndef f(x): return os.name + x * 2",
        "impure_call",
        "os.name",
    ),
    "the environment": (
        "from os import environ\ndef f(x): return environ[x] + x * 2",
        "impure_call",
        "os.environ",
    ),
    "the time as text": (
        "import time\ndef f(x): return time.strftime(x) + x * 2",
        "impure_module",
        "time",
    ),
    "the day": (
        "from datetime import date\ndef f(x): return str(date.today()) + x * 2",
        "impure_call",
        "today",
    ),
    "the locale": (
        "import locale\ndef f(x): return locale.str(x) + x * 2",
        "impure_module",
        "locale",
    ),
    "names of the locale": (
        "from calendar import day_name\ndef f(x): return day_name[x] + str(x)",
        "impure_call",
        "calendar.day_name",
    ),
    "an undefined name": ("def f(x): return y + x * 2", "unresolved", "y"),
    "a name of Python 2": ("def f(x): return [i for i in xrange(x + 1)]", "unresolved", "xrange"),
    "a name that the standard library lost": (
        "from fractions import gcd\ndef f(x): return gcd(x, 2) + 1",
        "unresolved",
        "fractions.gcd",
    ),
    "the place of the file": ("def f(x): return __file__ + x * 2", "unresolved", "__file__"),
    "a name only the main block has": (
        "def f(x): return N + x * 2\nif __name__ == '__main__':\n    N = 1",
        "unresolved",
        "N",
    ),
    "an unknown star import": (
        "from helpers import *\ndef f(x): return scale(x) + 1",
        "star_import",
        "scale from helpers",
    ),
    "a builtin that a star import may hide": (
        "from numpy import *\ndef f(x): return sum(x) + 1",
        "star_import",
        "sum from numpy",
    ),
    "a function as parameter": ("def f(g, x): return g(x) + 1", "callable_parameter", "g"),
    "a function for a helper": (
        "def apply(g, x): return g(x)\ndef f(h, x): return apply(h, x) + 1",
        "callable_parameter",
        "h in apply",
    ),
    "an object as parameter": (
        "def f(node): return node.left + 1 * 2",
        "object_parameter",
        "node.left",
    ),
    "getattr of an object": (
        "def f(node): return getattr(node, 'left') + 1",
        "object_parameter",
        "node.left",
    ),
    "a list of objects": (
        "def f(nodes): return [n.left + 1 for n in nodes]",
        "object_parameter",
        "nodes.left",
    ),
    "an annotated object": (
        "from pathlib import Path\ndef f(path: Path) -> str: return str(path) + str(1)",
        "object_parameter",
        "path",
    ),
    "an annotated function": (
        "from typing import Callable\ndef f(g: Callable[[int], int], x): return [g, x][0] + 1",
        "object_parameter",
        "g",
    ),
    "a container of objects": (
        "from ast import AST\ndef f(x: dict[str, AST]): return x[0] + x[1]",
        "object_parameter",
        "x",
    ),
    "an annotated iterator as result": (
        "from typing import Iterator\ndef f(x) -> Iterator[int]: return abs(x + 1)",
        "opaque_return",
        "Iterator[int]",
    ),
    "an attribute from elsewhere": (
        "def f(x):\n    y = x[0]\n    return y.shape + 1",
        "object_attribute",
        "shape",
    ),
    "a test": ("def test_f(x): return x + 1 * 2", "test_function", ""),
    "a conditional definition": (
        "import os\nif os.sep in '/':\n    def f(x): return x + 1 * 2",
        "conditional",
        "",
    ),
    "a name with two kinds of value": (
        "def g(x): return x\ng = 3\ndef f(x): return g + x * 2",
        "redefined",
        "g",
    ),
    "a definition that wraps its forerunner": (
        "def g(x): return x\nold = g\ndef g(x): return old(x)\ndef f(x): return g(x) + 1",
        "redefined",
        "g",
    ),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_dropped_with_its_reason(name: str, extracted: Any) -> None:
    source, reason, detail = FUNCTIONS[name]
    entry = "test_f" if "def test_f" in source else "f"
    assert extracted(source).why(entry) == (reason, detail)


def test_a_function_with_too_many_lines_is_dropped(extracted: Any) -> None:
    body = "    x += x * 2\n" * 5
    assert extracted(f"def f(x):\n{body}    return x", max_lines=6).why("f")[0] == "too_long"
    assert extracted(f"def f(x):\n{body}    return x", max_lines=7)["f"]


def test_a_program_with_too_many_lines_is_dropped(extracted: Any) -> None:
    source = "T = [\n" + "    1,\n" * 20 + "]\ndef f(x): return T[x] + 1"
    assert extracted(source, max_program_lines=24).why("f") == ("program_too_long", "25 lines")
    assert extracted(source, max_program_lines=25)["f"]


def test_the_limit_of_operations_includes_itself(extracted: Any) -> None:
    source = "def f(x): return x * 2 + 1"
    assert extracted(source, min_operations=2)["f"].operations == 2
    assert extracted(source, min_operations=3).why("f")[0] == "trivial"


@pytest.mark.parametrize(
    "source",
    [
        "def f(x): return x[1:",
        "def f(x):\n    print 'two'\n    return x",
        "def f(x): return x +\n",
        "def f(x): return " + "(" * 500,
        "def f(x):\n    y = 1\n      return y\n",
    ],
    ids=["cut off", "Python 2", "unfinished", "too deep", "indent"],
)
def test_a_file_of_which_no_function_parses_is_dropped(source: str, extracted: Any) -> None:
    [drop] = extracted({"a.py": source}).drops
    assert (drop.step, drop.reason) == ("parse", "syntax")
    assert drop.subject == "c/a.py"


def test_a_function_that_does_not_parse_leaves_the_others(extracted: Any) -> None:
    source = "print 'two'\ndef f(x):\n    print x\n    return x\ndef g(x): return x * 2 + 1\n"
    assert extracted(source)["g"]
    assert extracted(source).why("f")[0] == "syntax"


def test_a_name_that_a_broken_statement_mentions_is_not_known(extracted: Any) -> None:
    source = "TABLE = {}\nTABLE[1] = 0777\ndef f(x): return TABLE[x] * 2 + 1\n"
    assert extracted(source).why("f") == ("unresolved", "TABLE in what does not parse")


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python knows type parameters")
def test_type_parameters_are_dropped_as_syntax_by_a_python_that_does_not_know_them(
    extracted: Any,
) -> None:
    source = "def first[T](items: list[T]) -> T: return items[0] + items[1]"
    assert extracted({"a.py": source}).why("a.py")[0] == "syntax"


@pytest.mark.skipif(sys.version_info < (3, 12), reason="this Python knows no type parameters")
def test_type_parameters_are_kept_by_a_python_that_knows_them(extracted: Any, call: Any) -> None:
    source = "def first[T](items: list[T]) -> T: return items[0] + items[1]"
    assert call(extracted(source)["first"], [1, 2]).value == "3"


def test_what_parses_but_does_not_compile_is_dropped(extracted: Any) -> None:
    source = "def f(x):\n    nonlocal y\n    return x + 1 * 2\ndef g(x): return x * 2 + 1"
    assert extracted(source).why("f") == ("broken_slice", "SyntaxError")
    assert extracted(source)["g"]


def test_an_expression_a_thousand_deep_is_dropped(extracted: Any) -> None:
    source = f"def f(x): return {' + '.join(['x'] * 1500)}\ndef g(x): return x * 2 + 1"
    assert extracted(source).why("f")[0] in {"broken_slice", "syntax"}


def test_syntax_newer_than_this_python_is_dropped_as_syntax(extracted: Any) -> None:
    # The syntax of PEP 695 is in 3.12; what no Python has yet stands in for the future.
    assert extracted({"a.py": "def f[T](x: T)?: return x"}).why("a.py")[0] == "syntax"


@pytest.mark.parametrize(
    "path", ["test_a.py", "a_test.py", "tests/a.py", "p/test/a.py", "conftest.py"]
)
def test_a_test_file_is_dropped(path: str, extracted: Any) -> None:
    [drop] = extracted({path: "def f(x): return x * 2 + 1"}).drops
    assert (drop.step, drop.reason) == ("parse", "test_file")


@pytest.mark.parametrize("path", ["contest.py", "testing.py", "latest/a.py", "attest.py"])
def test_a_file_that_only_sounds_like_a_test_is_read(path: str, extracted: Any) -> None:
    assert extracted({path: "def f(x): return x * 2 + 1"})["f"]


def test_one_bad_function_does_not_hide_the_others(extracted: Any) -> None:
    source = "def f(x): return unknown(x) + 1\ndef g(x): return x * 2 + 1\n"
    assert extracted(source)["g"]
    assert extracted(source).why("f") == ("unresolved", "unknown")


def test_every_function_is_either_kept_or_dropped(extracted: Any) -> None:
    source = """
    def a(x): return x * 2 + 1
    def b(): return 1
    class C:
        @staticmethod
        def d(x): return x * 2 + 1
        def method(self): return 1
    if unknown:
        def e(x): return 1
    async def g(x): return 1
    """
    result = extracted(source)
    assert {function.name for function in result.functions} == {"a", "d"}
    assert {d.subject.split(":")[-1] for d in result.drops} == {"b", "e", "g"}


def test_a_class_method_that_uses_its_class_is_dropped(extracted: Any) -> None:
    source = "class A:\n    @classmethod\n    def f(cls, x): return cls(x) + 1 * 2"
    assert extracted(source).why("A.f") == ("object_parameter", "cls")
