"""Which programs may share a process."""

import subprocess
import sys

import pytest

from sandbox import Call, Program, Sandbox
from sandbox.gate import FLAVOURS, SHAREABLE, judge


def shareable(source: str) -> bool:
    return judge(compile(source, "<program>", "exec", dont_inherit=True)).shareable


@pytest.mark.parametrize(
    "source",
    [
        "def f(x): return sorted(x)[0] + len(str(x))",
        (
            "class A:\n def __init__(self): self.x = 1\n def __eq__(self, o): return True\n"
            "def f(x): return A().x"
        ),
        "import re, math\nfrom collections import Counter\ndef f(x): return Counter(x)",
        "def f(x):\n try:\n  return x[0]\n except (KeyError, IndexError) as e:\n  return str(e)",
        "def _helper(x): return x\ndef f(x): return _helper(x)",
        "import re\ndef _helper(x): return x\ndef f(x): return re.escape(_helper(x))",
    ],
)
def test_harmless_programs_may_share(source: str) -> None:
    assert shareable(source)


@pytest.mark.parametrize(
    "source",
    [
        "import os",
        "import sys",
        "def f(x): return x.__class__",
        "def f(x): return getattr(x, '__cl' + 'ass__')",
        "def f(x): return eval(x)",
        "def f(x): return (y for y in x).gi_frame",
        "def f(x):\n match x:\n  case object(gi_frame=y): return y",
        "def f(x):\n match x:\n  case object(__class__=y): return y",
        "import re\nre.compile = None",
        "import re\ndel re.compile",
        "import re\ndef f(x): return re._cache",
        "import collections\ndef f(x): return collections._sys",
        "import dataclasses\ndef f(x): return dataclasses.inspect",
        "from dataclasses import inspect",
        "from collections import _sys",
        "import operator\ndef f(x): return operator.attrgetter('a')",
        "import string\ndef f(x): return string.Formatter()",
        "import typing\ndef f(x): return typing.get_type_hints(x)",
        "class A:\n def __del__(self): pass",
        "def f(x): return globals()",
        "def f(x): return [e.__traceback__ for e in x]",
        "import numbers\nnumbers.Number.register(str)",
    ],
)
def test_reflection_and_shared_state_may_not(source: str) -> None:
    assert not shareable(source)


LEADS = """
import importlib, sys
from types import ModuleType
for name in sys.argv[1:]:
    importlib.import_module(name)
for name in sorted(sys.modules):
    for attribute, held in vars(sys.modules[name]).items():
        if isinstance(held, ModuleType):
            print(name, attribute, held.__name__)
"""


def _package(name: str) -> str:
    return name if name in SHAREABLE else name.split(".", maxsplit=1)[0]


def test_no_module_that_is_let_in_leads_to_one_that_is_not() -> None:
    command = [sys.executable, "-I", "-S", "-c", LEADS, *FLAVOURS["wide"]]
    lines = subprocess.check_output(command, text=True).splitlines()
    leads = [line.split() for line in lines]
    assert any(name == "dataclasses" for name, _, _ in leads)
    for name, attribute, held in leads:
        # A module of a package that is let in is looked at in its own turn.
        if _package(name) in SHAREABLE and _package(held) not in SHAREABLE:
            source = f"import {name}\ndef f(): return {name}.{attribute}"
            assert not shareable(source), f"{name}.{attribute}"


def test_flavours_hold_each_other_and_all_that_may_be_shared() -> None:
    bare, common, wide = map(set, FLAVOURS.values())
    assert bare < common < wide
    assert wide >= SHAREABLE


def test_every_module_of_a_flavour_exists_in_the_jail() -> None:
    source = "import sys\n{}\ndef f(names): return [n for n in names if n not in sys.modules]"
    for names in FLAVOURS.values():
        imports = "\n".join(f"import {name}" for name in names)
        with Sandbox() as sandbox:
            program = Program(source.format(imports), "f", (Call((list(names),)),))
            [[outcome]] = sandbox.run([program])
        assert outcome.value == "[]"


@pytest.mark.parametrize(
    "attack",
    [
        "import textwrap\ndef f():\n    textwrap.TextWrapper.unicode_whitespace_trans[97] = 98",
        "import urllib.parse\ndef f():\n    urllib.parse.uses_netloc.clear()",
        "import hashlib\ndef f():\n    hashlib.algorithms_available.clear()",
        "import html\ndef f():\n    html.entities.html5['lt;'] = 'x'",
    ],
)
def test_what_the_gate_lets_through_is_noticed_and_the_neighbours_are_right(attack: str) -> None:
    neighbour = (
        "import textwrap, urllib.parse, hashlib, html\n"
        "def f():\n"
        "    return [textwrap.fill('a b', 9), urllib.parse.urljoin('http://a/b', 'c'),\n"
        "            'md5' in hashlib.algorithms_available, html.unescape('&lt;')]"
    )
    programs = [Program(source, "f", (Call(),)) for source in (neighbour, attack, neighbour)]
    with Sandbox() as sandbox:
        first, _, last = sandbox.run(programs)
    assert first[0].value == last[0].value == "['a b', 'http://a/c', True, '<']"
