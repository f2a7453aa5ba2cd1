"""Which programs may share a process, and which modules a zygote should have imported for them.

The gate reads compiled code, names and operations, in a few microseconds. It lets through what
has no way to reach a neighbour: no import but of modules without shared state, no reflection, no
frames, no attribute set on anything that another program could hold. It is there for speed. What
it lets through is watched (`sandbox.injail.child`), an oddity ends the process and has the odd
program run again alone, and the second run in other company stands behind it; nothing rests on
the gate alone.
"""

import opcode
import posixpath
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from types import CodeType


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SHAREABLE = _words(
    """
    __future__ array base64 binascii bisect cmath collections collections.abc colorsys
    contextlib copy datetime decimal difflib enum errno fnmatch fractions functools hashlib heapq
    html html.entities ipaddress itertools json keyword math numbers operator posixpath quopri re
    shlex statistics string stringprep struct textwrap typing unicodedata urllib.parse zlib
    """
)
"""Modules without state that a program could change through what the gate lets through.

`decimal` has one, its contexts, whose names are forbidden. Not `dataclasses`: it writes the names
of fields, any text at all, into code that it runs.
"""
PARTLY = {
    "bz2": _words("compress decompress BZ2Compressor BZ2Decompressor"),
    "calendar": _words("isleap leapdays monthcalendar monthrange timegm weekday"),
    "codecs": _words(
        """
        BOM BOM_BE BOM_LE BOM_UTF8 BOM_UTF16 BOM_UTF16_BE BOM_UTF16_LE BOM_UTF32 BOM_UTF32_BE
        BOM_UTF32_LE decode encode utf_8_decode utf_8_encode
        """
    ),
    "io": _words("BytesIO SEEK_CUR SEEK_END SEEK_SET StringIO UnsupportedOperation"),
    "os": _words(
        "PathLike altsep curdir devnull extsep fsdecode fsencode fspath linesep pardir path "
        "pathsep sep"
    ),
    "os.path": frozenset((*posixpath.__all__, "path")),
    "random": _words("Random"),
    "reprlib": _words("repr"),
    "sys": _words(
        "api_version byteorder float_info hash_info hexversion int_info maxsize maxunicode "
        "platform version version_info"
    ),
    "types": _words(
        """
        BuiltinFunctionType BuiltinMethodType ClassMethodDescriptorType EllipsisType FunctionType
        GeneratorType GenericAlias GetSetDescriptorType LambdaType MappingProxyType
        MemberDescriptorType MethodDescriptorType MethodType MethodWrapperType ModuleType NoneType
        NotImplementedType SimpleNamespace UnionType WrapperDescriptorType
        """
    ),
}
"""Modules of which no more may be seen than these names, each written out where it is used."""
_COMMON = _words("""
    __future__ abc bisect collections collections.abc copy enum functools heapq itertools
    keyword math operator os posixpath random re string time types typing warnings
    """)
_WIDE = _words("""
    _strptime array ast base64 binascii bz2 calendar cmath codecs colorsys contextlib csv
    dataclasses datetime decimal difflib errno fnmatch fractions hashlib html html.entities
    inspect io ipaddress json locale numbers pprint queue quopri reprlib shlex stat statistics
    stringprep struct tempfile textwrap threading tokenize traceback unicodedata urllib.parse uuid
    weakref zlib
    """)
FLAVOURS: dict[str, tuple[str, ...]] = {
    "bare": ("__future__",),
    "common": tuple(sorted(_COMMON)),
    "wide": tuple(sorted(_COMMON | _WIDE)),
}
"""What each kind of zygote imports beforehand; smallest first, since page faults cost a fork."""
_PREIMPORTED = {
    flavour: frozenset((*modules, "sys", "os.path" if "os" in modules else "sys"))
    for flavour, modules in FLAVOURS.items()
}

_FORBIDDEN = _words(
    """
    BasicContext DefaultContext ExtendedContext Formatter ForwardRef Structure ag_code ag_frame
    attrgetter bltns breakpoint builtins chdir compile copyright cr_await cr_code cr_frame credits
    delattr dir eval exec exit f_back f_builtins f_code f_globals f_locals f_trace get_field
    get_type_hints getattr getcontext gi_code gi_frame gi_yieldfrom global_enum globals help
    license localcontext locals memoryview methodcaller modules open os quit redirect_stderr
    redirect_stdout register setattr setcontext singledispatch singledispatchmethod sys tb_frame
    tb_next update_wrapper vars wraps
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
_MODULES = sys.stdlib_module_names - _words("time token code test select queue symbol")
"""A module that is let in may hold one that is not, under its name or that with an underscore."""
_SET_NAMES = _words("set frozenset keys")


def _operations(*names: str) -> frozenset[int]:
    """Their numbers in this version of Python, which may not have all of them."""
    return frozenset(opcode.opmap[name] for name in names if name in opcode.opmap)


def _finder(operations: frozenset[int]) -> re.Pattern[bytes]:
    return re.compile(b"[" + re.escape(bytes(sorted(operations))) + b"]")


_IMPORT = opcode.opmap["IMPORT_NAME"]
_IMPORT_FROM = opcode.opmap["IMPORT_FROM"]
_SKIPPED = _operations("CACHE")
_READS = _operations("LOAD_ATTR", "LOAD_METHOD")
_ATTRIBUTE = _READS | _operations("LOAD_SUPER_ATTR", "LOAD_SUPER_METHOD", "IMPORT_FROM")
_NAMED = frozenset(opcode.hasname)
_GLOBAL_READS = _operations("LOAD_NAME", "LOAD_GLOBAL")
_GLOBAL_STORES = _operations("STORE_NAME", "STORE_GLOBAL")
_SHIFTS = {opcode.opmap["LOAD_GLOBAL"]: 1}
"""Low bits of an argument that say something else than which name it is."""
if sys.version_info >= (3, 12):
    _SHIFTS |= dict.fromkeys(_READS, 1) | dict.fromkeys(_operations("LOAD_SUPER_ATTR"), 2)
_REACHES = _finder(_operations("STORE_ATTR", "DELETE_ATTR", "MATCH_CLASS"))
"""Set an attribute, or read one that is named by a constant."""
_MAKES_SETS = _finder(_operations("BUILD_SET", "SET_ADD", "SET_UPDATE"))
_UNIT = 2
"""Bytes of one instruction: operation and argument."""

Step = tuple[int, str]
"""An operation and the name that it bears; no name, the empty text."""


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


class _Part:
    """One code object: the module's own, or that of a function or class in it."""

    __slots__ = ("code", "kinds", "names", "operations")

    def __init__(self, code: CodeType) -> None:
        self.code = code
        self.names = code.co_names
        self.kinds = set(map(type, code.co_consts))
        self.operations = code.co_code[::_UNIT]

    def steps(self) -> Iterator[Step]:
        """Each operation and its name, in order."""
        names, code, extended = self.names, self.code.co_code, 0
        for operation, low in zip(code[::_UNIT], code[1::_UNIT], strict=True):
            if operation == opcode.EXTENDED_ARG:
                extended = (extended | low) << 8
                continue
            if operation not in _SKIPPED:
                at = (extended | low) >> _SHIFTS.get(operation, 0)
                yield operation, names[at] if operation in _NAMED else ""
            extended = 0


def judge(code: CodeType) -> Verdict:
    """The verdict on a compiled program."""
    parts = _parts(code)
    importing = [part for part in parts if _IMPORT in part.operations]
    imports = tuple(sorted({name for part in importing for name in _imports(part)}))
    shareable = _may_share(parts, imports)
    return Verdict(shareable, any(map(_makes_sets, parts)), imports, _flavour(imports))


def _parts(code: CodeType) -> list[_Part]:
    parts = [_Part(code)]
    for part in parts:
        if CodeType in part.kinds:
            parts += [_Part(item) for item in part.code.co_consts if type(item) is CodeType]
    return parts


def _imports(part: _Part) -> Iterator[str]:
    """Looked up where they are: walking over all steps would take most of the gate's time."""
    code, at = part.code.co_code, part.operations.find(_IMPORT)
    while at >= 0:
        index, before, shift = code[_UNIT * at + 1], at - 1, 8
        while before >= 0 and part.operations[before] == opcode.EXTENDED_ARG:
            index |= code[_UNIT * before + 1] << shift
            before, shift = before - 1, shift + 8
        yield part.names[index]
        at = part.operations.find(_IMPORT, at + 1)


def _may_share(parts: list[_Part], imports: tuple[str, ...]) -> bool:
    limited = [name for name in imports if name not in SHAREABLE]
    if not PARTLY.keys() >= set(limited):
        return False
    exempt = {name.partition(".")[0] for name in limited}
    if not all(_is_harmless(part, exempt) for part in parts):
        return False
    if imports and any(_reaches_into_modules(part, exempt) for part in parts):
        return False
    return not limited or all(_shows_no_more(part, exempt, part is parts[0]) for part in parts)


def _is_harmless(part: _Part, exempt: set[str]) -> bool:
    names: Iterable[str] = part.names
    if tuple in part.kinds:  # the attributes that a class pattern looks up
        names = {*names, *_constant_names(part.code)}
    if not _FORBIDDEN.isdisjoint(names):
        forbidden = _FORBIDDEN.intersection(names) - exempt
        if forbidden and not (forbidden == {"compile"} and _is_only_attribute(part, "compile")):
            return False
    return _DUNDERS.issuperset(name for name in names if name[:2] == "__" and name[-2:] == "__")


def _constant_names(code: CodeType) -> Iterator[str]:
    for constant in code.co_consts:
        if type(constant) is tuple:
            yield from (item for item in constant if type(item) is str)


def _makes_sets(part: _Part) -> bool:
    return (
        frozenset in part.kinds
        or not _SET_NAMES.isdisjoint(part.names)
        or _MAKES_SETS.search(part.operations) is not None
    )


def _is_only_attribute(part: _Part, name: str) -> bool:
    """Never the builtin: `re.compile` is the most usual use of that name."""
    return all(operation in _READS for operation, found in part.steps() if found == name)


def _reaches_into_modules(part: _Part, exempt: set[str]) -> bool:
    """Sets an attribute, or reads one that is private or another module's name."""
    if _REACHES.search(part.operations):
        return True
    doubtful = {name for name in part.names if name[:1] == "_" or name in _MODULES}
    doubtful -= _DUNDERS | SHAREABLE
    return bool(doubtful - exempt) and any(
        found in doubtful and operation in _ATTRIBUTE for operation, found in part.steps()
    )


def _shows_no_more(part: _Part, limited: set[str], is_module: bool) -> bool:
    """Modules that are let in partly keep their names, and only names let in are read of them.

    So wherever the module itself could be had (a local, an attribute, a class's namespace, an
    alias, a star), the program is turned away.
    """
    code = part.code
    if not limited.isdisjoint((*code.co_varnames, *code.co_cellvars, *code.co_freevars)):
        return False
    if not limited.isdisjoint(_constant_names(code)) and _REACHES.search(part.operations):
        return False
    imported = ""
    for step, following in pairwise([*part.steps(), (0, "")]):
        operation, name = step
        if operation == _IMPORT:
            imported = name
            if name in PARTLY and not _is_kept(following, limited, is_module):
                return False
        elif operation == _IMPORT_FROM:
            if imported in PARTLY and name not in PARTLY[imported]:
                return False
        elif name in limited and not _is_let_in(step, following):
            return False
    return True


def _is_kept(following: Step, limited: set[str], is_module: bool) -> bool:
    """What an import leaves is taken apart, or stays under its own name in the program."""
    operation, name = following
    return operation == _IMPORT_FROM or (
        is_module and operation in _GLOBAL_STORES and name in limited
    )


def _is_let_in(step: Step, following: Step) -> bool:
    """A name is stored anew, or a name that is let in is read of the module."""
    operation, name = step
    if operation in _GLOBAL_READS:
        return following[0] in _READS and following[1] in PARTLY[name]
    return operation in _GLOBAL_STORES


def _flavour(imports: tuple[str, ...]) -> str:
    for flavour, modules in _PREIMPORTED.items():
        if modules.issuperset(imports):
            return flavour
    return "wide"
