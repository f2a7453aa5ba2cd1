"""Which programs may share a process."""

import subprocess
import sys
from pathlib import Path

import pytest

from sandbox import Call, Program, Sandbox
from sandbox.gate import FLAVOURS, PARTLY, SHAREABLE, judge


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
        "import os\ndef f(x): return os.path.join(os.sep, x).replace(os.curdir, '')",
        "import os.path\ndef f(x): return os.path.basename(x)",
        "import os.path as p\ndef f(x): return p.basename(x)",
        "from os.path import basename\ndef f(x): return basename(x)",
        "from os import fspath, sep\ndef f(x): return fspath(x) + sep",
        "import os, sys\ndef f(x): return os.sep if x > sys.maxsize else sys.byteorder",
        "import types\ndef f(x): return isinstance(x, (types.FunctionType, types.MethodType))",
        "from io import BytesIO\ndef f(x): return BytesIO(x).read()",
        "import decimal\ndef f(x): return str(decimal.Decimal(x).sqrt())",
        "from random import Random\ndef f(x): return Random(x).randrange(9)",
    ],
)
def test_harmless_programs_may_share(source: str) -> None:
    assert shareable(source)


@pytest.mark.parametrize(
    "source",
    [
        "import os\nos.environ",
        "import sys\nsys.modules",
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
        "import os\ndef f(x): return os.remove(x)",
        "import os as harmless\ndef f(x): return harmless.sep",
        "import os.path\ndef f(x): return os.remove(x)",
        "import os.path as p\ndef f(x): return p.os",
        "from os import *",
        "from os import remove",
        "from os import sep, remove",
        "from os.path import os",
        "import os\nharmless = os\ndef f(x): return harmless.sep",
        "import os\ndef f(x): return [os][0].sep",
        "import os\ndef f(x, os=os): return os.sep",
        "def f(x):\n import os\n return os.sep",
        "def f(x):\n global os\n import os\n return os.sep",
        "class A:\n import os\ndef f(x): return A.os.sep",
        "import enum\nclass A(enum.Enum):\n import os\ndef f(x): return list(A)[0].value",
        "import os\ndef f(x):\n match x:\n  case object(os=y): return y",
        "import os, posixpath\ndef f(x): return posixpath.os.sep",
        "import sys\ndef f(x): return sys.exc_info()",
        "import sys\ndef f(x): return sys._getframe()",
        "import types\ndef f(x): return types.CodeType(x)",
        "import types\ndef f(x): return types.new_class(x)",
        "import io\ndef f(x): return io.open(x)",
        "from io import open_code",
        "import random\ndef f(x): return random.random()",
        "from random import seed",
        "import codecs\ncodecs.register_error('strict', str)",
        "import calendar\ndef f(x): return calendar.setfirstweekday(x)",
        "import decimal\ndef f(x): return decimal.getcontext()",
        "from decimal import *\ndef f(x): return getcontext()",
        "from decimal import localcontext as harmless",
        "import decimal\ndef f(x): decimal.DefaultContext.clear_traps()",
        "import statistics\ndef f(x): return statistics.random",
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


STEPS = """
import dis, opcode, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from sandbox import gate
named = frozenset(opcode.hasname)
for path in sorted(Path(gate.posixpath.__file__).parent.glob("[a-j]*.py")):
    for part in gate._parts(compile(path.read_bytes(), "<program>", "exec", dont_inherit=True)):
        theirs = [
            (step.opcode, step.argval if step.opcode in named else "")
            for step in dis.get_instructions(part.code)
            if step.opname not in {"CACHE", "EXTENDED_ARG"}
        ]
        assert list(part.steps()) == theirs, (path, part.code)
print("same")
"""


def test_steps_are_read_as_the_disassembler_reads_them() -> None:
    command = [sys.executable, "-c", STEPS, str(Path(__file__).parents[2])]
    assert subprocess.check_output(command, text=True) == "same\n"


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
            if name.partition(".")[0] in PARTLY or held == f"os.{attribute}":
                continue  # seen by name alone
            source = f"import {name}\ndef f(): return {name}.{attribute}"
            assert not shareable(source), f"{name}.{attribute}"


def test_flavours_hold_each_other_and_all_that_may_be_shared() -> None:
    bare, common, wide = map(set, FLAVOURS.values())
    assert bare < common < wide
    assert wide >= SHAREABLE
    assert wide >= PARTLY.keys() - {"sys", "os.path"}


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
