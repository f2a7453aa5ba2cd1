"""A function may stand on other modules of its project: they become part of its program."""

from typing import Any

import pytest

from tasks.extract.extract import extract
from tasks.records.configs import ExtractConfig
from tasks.records.functions import Function
from tasks.records.sources import SourceFile

CASES: dict[str, tuple[dict[str, str], tuple[Any, ...], str]] = {
    "a helper beside it": (
        {
            "p/util.py": "SCALE = 3\ndef grow(x): return x * SCALE\ndef unused(x): return x",
            "p/m.py": "from .util import grow\ndef f(x): return grow(x) + 1",
        },
        (2,),
        "7",
    ),
    "an absolute import": (
        {
            "src/p/util.py": "def grow(x): return x * 3",
            "src/p/m.py": "from p.util import grow\ndef f(x): return grow(x) + 1",
        },
        (2,),
        "7",
    ),
    "a name that the package hands on": (
        {
            "p/__init__.py": "from .util import grow\n",
            "p/util.py": "def grow(x): return x * 3",
            "p/m.py": "from . import grow\ndef f(x): return grow(x) + 1",
        },
        (2,),
        "7",
    ),
    "a module of compatibility": (
        {
            "p/compat.py": "try:\n    from math import gcd\nexcept ImportError:\n    gcd = None\n",
            "p/m.py": "from .compat import gcd\ndef f(x): return gcd(x, 4) + 1",
        },
        (6,),
        "3",
    ),
    "another name": (
        {
            "p/util.py": "def grow(x): return x * 3",
            "p/m.py": "from .util import grow as g\ndef f(x): return g(x) + 1",
        },
        (2,),
        "7",
    ),
    "another name for what is handed on from the standard library": (
        {
            "p/compat.py": "from math import gcd",
            "p/m.py": "from .compat import gcd as common\ndef f(x): return common(x, 4) + 1",
        },
        (6,),
        "3",
    ),
    "a folder above": (
        {
            "p/util.py": "def grow(x): return x * 3",
            "p/deep/er/m.py": "from ...util import grow\ndef f(x): return grow(x) + 1",
        },
        (2,),
        "7",
    ),
    "another folder, by its absolute name": (
        {
            "src/p/core/util.py": "def grow(x): return x * 3",
            "src/p/api/m.py": "from p.core.util import grow\ndef f(x): return grow(x) + 1",
        },
        (2,),
        "7",
    ),
    "two helpers that call each other": (
        {
            "p/a.py": "from .b import odd\ndef even(n): return n == 0 or odd(n - 1)\n"
            "def f(n): return [even(n)] + [n]",
            "p/b.py": "from .a import even\ndef odd(n): return n != 0 and even(n - 1)",
        },
        (4,),
        "[True, 4]",
    ),
    "constants made of constants of a third module": (
        {
            "p/a.py": "from .b import B\nfrom .c import C\ndef f(n): return B[n] + C[n] * 1",
            "p/b.py": "from .c import C\nB = [c * 10 for c in C]",
            "p/c.py": "C = [1, 2]\nC.append(3)",
        },
        (2,),
        "33",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_the_package_gives_is_part_of_the_program(
    name: str, extracted: Any, call: Any
) -> None:
    files, args, expected = CASES[name]
    outcome = call(extracted(files, min_operations=0)["f"], *args)
    assert (outcome.status, outcome.value, outcome.message) == ("ok", expected, "")


def test_only_what_is_needed_comes_along(extracted: Any) -> None:
    files, *_ = CASES["a helper beside it"]
    assert extracted(files)["f"].program == (
        "SCALE = 3\n\n\ndef grow(x): return x * SCALE\n\n\ndef f(x): return grow(x) + 1\n"
    )


DROPPED: dict[str, tuple[dict[str, str], str, str]] = {
    "a name bound in both modules": (
        {
            "p/util.py": "BASE = 1\ndef grow(x): return x * BASE",
            "p/m.py": "from .util import grow\nBASE = 2\ndef f(x): return grow(x) + BASE",
        },
        "redefined",
        "BASE",
    ),
    "a builtin that only one module replaces": (
        {
            "p/util.py": "def grow(x): return len(x) * 2",
            "p/m.py": "from .util import grow\ndef len(x): return 1\n"
            "def f(x): return grow(x) + len(x)",
        },
        "redefined",
        "len",
    ),
    "state of another module": (
        {
            "p/util.py": "SEEN = []\ndef note(x): SEEN.append(x)",
            "p/m.py": "from .util import SEEN\ndef f(x): return x in SEEN or len(SEEN) > 1",
        },
        "global_state",
        "SEEN",
    ),
    "state that the importer changes": (
        {
            "p/util.py": "SEEN = []",
            "p/m.py": "from .util import SEEN\nSEEN.append(1)\n"
            "def f(x): return x in SEEN or len(x)",
        },
        "external_import",
        ".util",
    ),
    "another name that the module has for something else": (
        {
            "p/util.py": "def grow(x): return x * 3\ng = 1",
            "p/m.py": "from .util import grow as g\ndef f(x): return g(x) + 1",
        },
        "external_import",
        ".util",
    ),
    "another name for state": (
        {
            "p/util.py": "SEEN = []\ndef note(x): SEEN.append(x)",
            "p/m.py": "from .util import SEEN as seen\ndef f(x): return x in seen or len(seen) > 1",
        },
        "global_state",
        "SEEN",
    ),
    "a module of another project": (
        {
            "util.py": "def grow(x): return x * 3",
            "p/m.py": "from util import grow\ndef f(x): return grow(x) + 1",
        },
        "external_import",
        "util",
    ),
    "a helper that is not pure": (
        {
            "p/util.py": "def grow(x): return open(x).read()",
            "p/m.py": "from .util import grow\ndef f(x): return grow(x) + 'x'",
        },
        "impure_call",
        "open in grow",
    ),
    "a module that is not there": (
        {"p/m.py": "from .util import grow\ndef f(x): return grow(x) + 1"},
        "external_import",
        ".util",
    ),
    "names in a circle": (
        {
            "p/a.py": "from .b import g\ndef f(x): return g(x) + 1",
            "p/b.py": "from .a import g",
        },
        "external_import",
        ".b",
    ),
}


@pytest.mark.parametrize("name", DROPPED)
def test_what_would_not_mean_the_same_is_dropped(name: str, extracted: Any) -> None:
    files, reason, detail = DROPPED[name]
    assert extracted(files).why("f") == (reason, detail)


def test_a_helper_under_another_licence_is_not_taken() -> None:
    texts = {
        "p/util.py": ("def grow(x): return x * 3", "GPL-3.0-only"),
        "p/m.py": ("from .util import grow\ndef f(x): return grow(x) + 1", "MIT"),
    }
    files = [
        SourceFile(name=path, path=path, corpus="c", text=text, licence=licence, revision="")
        for path, (text, licence) in texts.items()
    ]
    found = {
        item.name if isinstance(item, Function) else item.reason.value
        for item in extract(files, ExtractConfig(min_operations=0))
    }
    assert found == {"grow", "external_import"}
