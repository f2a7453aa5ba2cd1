"""What a function may use: the pure parts of builtins and of the standard library.

Pure means: the result depends on the arguments alone, and nothing outside the call changes. An
allow-list, since a module that nobody looked at is not known to be pure. Attributes are looked up
in the real modules of the running Python, so that a name it no longer has does not pass.

Not covered: purity that depends on arguments (`functools.reduce` of an impure function). The
second run in the sandbox is the proof; these rules only keep what would not pass it.
"""

import ast
import builtins
import importlib
import sys
import types
from collections.abc import Sequence
from functools import cache
from itertools import chain

from tasks.extract.rejection import RejectedError
from tasks.extract.words import words
from tasks.records.drops import DropReason

_PATHS = words(
    "join basename dirname split splitext splitdrive normpath normcase isabs commonprefix"
    " commonpath sep altsep extsep curdir pardir pathsep"
)

# None: all of the module. Otherwise: only these of its names.
_ALLOWED: dict[str, frozenset[str] | None] = dict.fromkeys(
    words(
        "abc array ast base64 binascii bisect calendar cmath codecs collections collections.abc"
        " colorsys contextlib copy csv dataclasses datetime decimal difflib enum errno fnmatch"
        " fractions functools getopt graphlib hashlib heapq hmac html html.entities html.parser"
        " ipaddress itertools json json.decoder json.encoder keyword math numbers operator"
        " pprint quopri re reprlib shlex stat statistics string stringprep struct textwrap token"
        " types typing unicodedata urllib.parse xml.sax.saxutils zlib"
    )
) | {
    "bz2": frozenset(("compress", "decompress")),
    "glob": frozenset(("escape", "has_magic")),
    "http": frozenset(("HTTPStatus",)),
    "inspect": frozenset(("cleandoc",)),
    "io": frozenset(("BytesIO", "StringIO", "SEEK_CUR", "SEEK_END", "SEEK_SET")),
    "lzma": frozenset(("compress", "decompress")),
    "ntpath": _PATHS,
    "os": words("sep altsep extsep curdir pardir pathsep linesep fspath fsencode fsdecode path"),
    "os.path": _PATHS,
    "pathlib": frozenset(("PurePath", "PurePosixPath", "PureWindowsPath")),
    "posixpath": _PATHS,
    "queue": frozenset(("Empty", "Full", "LifoQueue", "PriorityQueue", "Queue", "SimpleQueue")),
    "sys": words("float_info int_info maxsize maxunicode"),
    "tokenize": frozenset(("generate_tokens", "tokenize", "untokenize", "TokenInfo", "TokenError")),
    "uuid": words("UUID uuid3 uuid5 NAMESPACE_DNS NAMESPACE_OID NAMESPACE_URL NAMESPACE_X500"),
    "xml.etree.ElementTree": words(
        "Comment Element ParseError QName SubElement XML fromstring fromstringlist indent"
        " tostring tostringlist"
    ),
}

_PACKAGES = _ALLOWED.keys() | {
    ".".join(parts[:depth])
    for parts in (name.split(".") for name in _ALLOWED)
    for depth in range(1, len(parts))
}
"""With the packages that allowed modules stand in."""

_BANNED_IN = {
    "codecs": frozenset(("open", "EncodedFile", "register", "register_error", "unregister")),
    "csv": frozenset(("register_dialect", "unregister_dialect", "field_size_limit")),
    "contextlib": frozenset(("redirect_stdout", "redirect_stderr", "chdir")),
    "decimal": frozenset(("setcontext", "getcontext")),
    "hashlib": frozenset(("file_digest",)),
    # The names of days and months are those of the locale.
    "calendar": words("setfirstweekday main day_name day_abbr month_name month_abbr"),
    "pprint": frozenset(("pprint", "pp")),
}

BANNED_BUILTINS = words(
    "print input open exec eval compile __import__ globals locals vars dir id hash breakpoint"
    " exit quit help copyright credits license aiter anext"
)
BANNED_ATTRIBUTES = words(
    "now today utcnow fromtimestamp astimezone __globals__ __code__ __closure__ __subclasses__"
    " __builtins__ gi_frame cr_frame tb_frame f_globals f_locals f_back __import__"
)

CLASS_ATTRIBUTES = words(
    "__dict__ __mro__ __bases__ __module__ __annotations__ __slots__ __weakref__"
)
"""Only of use where the program has a class of its own."""

_LITERAL_TYPES = (
    int, float, complex, str, bytes, bool, tuple, list, set, frozenset, dict, type(None),
)  # fmt: skip
_COMMON_TYPES = (*_LITERAL_TYPES, types.FunctionType, types.BuiltinFunctionType, type, object)

# Attributes of objects whose class the module does not show, or that only instances have.
_TUPLE_FIELDS = ("_asdict", "_field_defaults", "_fields", "_make", "_replace")
_INSTANCE_ATTRIBUTES = {
    "ast": tuple({name for kind in vars(ast).values() for name in getattr(kind, "_fields", ())}),
    "collections": _TUPLE_FIELDS,
    "enum": ("name", "value", "_name_", "_value_", "_member_map_", "_value2member_map_"),
    "http": ("description", "name", "phrase", "value"),
    "functools": ("cache_clear", "cache_info", "cache_parameters", "register", "func", "args"),
    "hashlib": ("block_size", "copy", "digest", "digest_size", "hexdigest", "name", "update"),
    "json": ("colno", "doc", "lineno", "msg", "pos"),
    "typing": _TUPLE_FIELDS,
    "zlib": ("compress", "copy", "decompress", "eof", "flush", "unconsumed_tail", "unused_data"),
}


def is_allowed(module: str) -> bool:
    """Whether any part of the module may be used."""
    return module in _ALLOWED


def check_use(module: str, attributes: Sequence[str]) -> None:
    """Check the use of `module.attribute...`; no attributes means the module as a value.

    Raises:
        RejectedError: Not of the standard library, not pure, or not there.
    """
    depth = 0
    while depth < len(attributes) and f"{module}.{attributes[depth]}" in _ALLOWED:
        module = f"{module}.{attributes[depth]}"
        depth += 1
    _check_module(module)
    rest = attributes[depth:]
    if rest:
        _check_attribute(module, rest[0])
    elif _ALLOWED[module] is not None and not depth and not attributes:
        raise RejectedError(DropReason.IMPURE_MODULE, module)


def check_hope(module: str, attributes: Sequence[str]) -> None:
    """Check that some use of `module.attributes` may be allowed; which one it is, is not known.

    Raises:
        RejectedError: Whatever follows, `check_use` says no.
    """
    if attributes:
        check_use(module, attributes)
    elif module not in _PACKAGES:
        _check_module(module)


def _check_module(module: str) -> None:
    if module in _ALLOWED:
        return
    if module.partition(".")[0] not in sys.stdlib_module_names:
        raise RejectedError(DropReason.EXTERNAL_IMPORT, module)
    raise RejectedError(DropReason.IMPURE_MODULE, module)


def _check_attribute(module: str, name: str) -> None:
    dotted = f"{module}.{name}"
    allowed = _ALLOWED[module]
    if (allowed is not None and name not in allowed) or name in _BANNED_IN.get(module, ()):
        raise RejectedError(DropReason.IMPURE_CALL, dotted)
    if not hasattr(importlib.import_module(module), name):
        raise RejectedError(DropReason.UNRESOLVED, dotted)


@cache
def public_names(module: str) -> frozenset[str]:
    """What `from module import *` binds; the module must be allowed."""
    real = importlib.import_module(module)
    names = getattr(real, "__all__", None) or [n for n in vars(real) if not n.startswith("_")]
    return frozenset(names)


@cache
def literal_attributes() -> frozenset[str]:
    """Attributes of the types that arguments can have."""
    return frozenset(chain.from_iterable(map(dir, _LITERAL_TYPES)))


@cache
def builtin_attributes() -> frozenset[str]:
    """Attributes of what every program meets: literals, functions, plain objects."""
    return frozenset(chain.from_iterable(map(dir, _COMMON_TYPES))) - CLASS_ATTRIBUTES


@cache
def exception_attributes() -> frozenset[str]:
    """Attributes of the exceptions that Python itself raises."""
    kinds = [value for value in vars(builtins).values() if isinstance(value, type)]
    return frozenset(chain.from_iterable(dir(k) for k in kinds if issubclass(k, BaseException)))


@cache
def attributes_of_builtin(name: str) -> frozenset[str]:
    """Attributes of a class that a program names: `memoryview`, `slice`; none for other names."""
    kind = getattr(builtins, name, None)
    return frozenset(dir(kind) if isinstance(kind, type) else ())


@cache
def module_attributes(module: str) -> frozenset[str]:
    """Attributes of the classes of an allowed module, and the names in it."""
    real = importlib.import_module(module)
    kinds = [value for value in vars(real).values() if isinstance(value, type)]
    extra = _INSTANCE_ATTRIBUTES.get(module, ())
    return frozenset(chain(dir(real), extra, *map(dir, kinds)))
