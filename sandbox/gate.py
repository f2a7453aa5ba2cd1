"""Which programs may share a process, and which modules a zygote should have imported for them.

The gate reads compiled code, names and operations, in a few microseconds. It lets through what
has no way to reach a neighbour: no import but of modules without shared state, no reflection, no
frames, no attribute set on anything that another program could hold. It is there for speed. What
it lets through is watched (`sandbox.injail.child`), any oddity has each program of the batch run
again alone, and the second run in other company stands behind it; nothing rests on the gate alone.
"""

import dis
import opcode
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SHAREABLE = _words(
    """
    __future__ array base64 binascii bisect cmath collections collections.abc colorsys
    contextlib copy datetime difflib enum fnmatch fractions functools hashlib heapq html
    html.entities ipaddress itertools json math numbers operator posixpath re shlex statistics
    string struct textwrap typing unicodedata urllib.parse zlib
    """
)
"""Modules without state that a program could change through what the gate lets through.

Not `dataclasses`: it writes the names of fields, any text at all, into code that it runs.
"""
_COMMON = _words("""
    __future__ abc bisect collections collections.abc copy enum functools heapq itertools
    keyword math operator os posixpath random re string time types typing warnings
    """)
_WIDE = _words("""
    _strptime array ast base64 binascii calendar cmath codecs colorsys contextlib csv
    dataclasses datetime decimal difflib fnmatch fractions hashlib html html.entities inspect io
    ipaddress json locale numbers pprint queue shlex stat statistics struct tempfile textwrap
    threading tokenize traceback unicodedata urllib.parse uuid weakref zlib
    """)
FLAVOURS: dict[str, tuple[str, ...]] = {
    "bare": ("__future__",),
    "common": tuple(sorted(_COMMON)),
    "wide": tuple(sorted(_COMMON | _WIDE)),
}
"""What each kind of zygote imports beforehand; smallest first, since page faults cost a fork."""

_FORBIDDEN = _words(
    """
    Formatter ForwardRef Structure ag_code ag_frame attrgetter bltns breakpoint builtins chdir
    compile copyright cr_await cr_code cr_frame credits delattr dir eval exec exit f_back
    f_builtins f_code f_globals f_locals f_trace get_field get_type_hints getattr gi_code
    gi_frame gi_yieldfrom global_enum globals help license locals memoryview methodcaller
    modules open os quit redirect_stderr redirect_stdout register setattr singledispatch
    singledispatchmethod sys tb_frame tb_next update_wrapper vars wraps
    """
)
_DUNDERS = frozenset(
    f"__{name}__"
    for name in _words(
        """
    name module qualname doc annotations firstlineno static_attributes all future init new repr
    str len iter next getitem setitem delitem contains eq ne lt le gt ge hash bool int float
    index add sub mul truediv floordiv mod pow neg pos abs radd rsub rmul and or xor invert
    lshift rshift call enter exit slots classcell post_init reversed missing format
        """
    )
)
_IMPORT = opcode.opmap["IMPORT_NAME"]
_ATTRIBUTE_READS = frozenset(("LOAD_ATTR", "LOAD_METHOD"))
_ATTRIBUTE_OPERATIONS = _ATTRIBUTE_READS | frozenset(
    ("LOAD_SUPER_ATTR", "LOAD_SUPER_METHOD", "IMPORT_FROM")
)
_MODULES = sys.stdlib_module_names - _words("time token code test select queue symbol")
"""A module that is let in may hold one that is not, under its name or that with an underscore."""
_REACHES = frozenset(opcode.opmap[name] for name in ("STORE_ATTR", "DELETE_ATTR", "MATCH_CLASS"))
"""Set an attribute, or read one that is named by a constant."""
_SET_NAMES = _words("set frozenset keys")
_SET_OPERATIONS = frozenset(opcode.opmap[name] for name in ("BUILD_SET", "SET_ADD", "SET_UPDATE"))
_UNIT = 2
"""Bytes of one instruction: operation and argument."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate makes of a program."""

    shareable: bool
    """It may run in one process with others."""
    makes_sets: bool
    """Somewhere in its code a set is made, or the keys of dicts are treated as sets."""
    imports: tuple[str, ...]
    """Modules that it names, wherever in its code, sorted."""
    flavour: str
    """The smallest kind of zygote that has them."""


def judge(code: CodeType) -> Verdict:
    """The verdict on a compiled program."""
    codes = tuple(_walk(code))
    imports = tuple(sorted({name for part in codes for name in _imports(part)}))
    shareable = all(_is_harmless(part) for part in codes) and SHAREABLE.issuperset(imports)
    if imports and shareable:
        shareable = not any(_reaches_into_modules(part) for part in codes)
    return Verdict(shareable, any(map(_makes_sets, codes)), imports, _flavour(imports))


def _walk(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if type(constant) is CodeType:
            yield from _walk(constant)


def _imports(code: CodeType) -> Iterator[str]:
    operations = code.co_code
    if _IMPORT not in operations[::_UNIT]:
        return
    extended = 0
    for at in range(0, len(operations), _UNIT):
        argument = operations[at + 1] | extended
        if operations[at] == _IMPORT:
            yield code.co_names[argument]
        extended = argument << 8 if operations[at] == opcode.EXTENDED_ARG else 0


def _is_harmless(code: CodeType) -> bool:
    names = {*code.co_names}
    for constant in code.co_consts:
        if type(constant) is tuple:  # the attributes that a class pattern looks up
            names.update(item for item in constant if type(item) is str)
    forbidden = _FORBIDDEN & names
    if forbidden and not (forbidden == {"compile"} and _is_only_attribute(code, "compile")):
        return False
    return all(name in _DUNDERS for name in names if name.startswith("__") and name.endswith("__"))


def _makes_sets(code: CodeType) -> bool:
    return not (
        _SET_NAMES.isdisjoint(code.co_names)
        and _SET_OPERATIONS.isdisjoint(code.co_code[::_UNIT])
        and all(type(constant) is not frozenset for constant in code.co_consts)
    )


def _is_only_attribute(code: CodeType, name: str) -> bool:
    """Never the builtin: `re.compile` is the most usual use of that name."""
    return all(
        step.opname in _ATTRIBUTE_READS
        for step in dis.get_instructions(code)
        if step.argval == name and step.opname != "LOAD_CONST"
    )


def _reaches_into_modules(code: CodeType) -> bool:
    """Sets an attribute, or reads one that is private or another module's name."""
    if not _REACHES.isdisjoint(code.co_code[::_UNIT]):
        return True
    doubtful = {name for name in code.co_names if name[0] == "_" or name in _MODULES} - _DUNDERS
    return bool(doubtful - SHAREABLE) and any(
        step.argval in doubtful and step.argval not in SHAREABLE
        for step in dis.get_instructions(code)
        if step.opname in _ATTRIBUTE_OPERATIONS
    )


def _flavour(imports: tuple[str, ...]) -> str:
    wanted = set(imports)
    for flavour, modules in FLAVOURS.items():
        if wanted.issubset(modules):
            return flavour
    return "wide"
