"""What it tells of a value that a method of it is called, or that a function takes it."""

import ast
import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tasks.inputs.literals import value_of
from tasks.inputs.names import named
from tasks.inputs.shapes import CONTAINERS, TYPES, UNHASHABLE, Base, Shape
from tasks.inputs.word_lists import words

if TYPE_CHECKING:  # the reader looks these rules up
    from tasks.inputs.usage import Reader

Shapes = Sequence[Shape | None]

_KEEPS = frozenset(
    words(
        "capitalize casefold center copy expandtabs format_map ljust lower lstrip removeprefix"
        " removesuffix replace rjust rstrip strip swapcase title translate upper zfill"
    )
)
_SPLITS = frozenset(("split", "rsplit", "partition", "rpartition", "splitlines"))
_SEARCHES = frozenset(
    words(
        "startswith endswith find rfind index rindex count replace removeprefix removesuffix"
        " strip lstrip rstrip"
    )
)
_LOOKUPS = frozenset(("get", "setdefault", "pop"))


def read_method(
    shape: Shape, name: str, constants: Sequence[Any] = (), arguments: Shapes = ()
) -> Shape | None:
    """Take the evidence of `shape.name(...)`; the shape of the result, if it has one."""
    able = [base for base, kind in TYPES.items() if hasattr(kind, name)]
    if able:
        shape.only(able, 7.0)
    if name in _SEARCHES:
        _searched(shape, constants)
    if name in _KEEPS:
        return shape
    if name in _SPLITS:
        return _split(shape, name, constants)
    if name in _LOOKUPS and Base.DICT in able:
        return _looked_up(shape, constants)
    if name in {"keys", "values", "items"}:
        return _view(shape, name)
    if name == "join":
        for argument in arguments:
            _joined(argument)
    return None


def _searched(shape: Shape, constants: Sequence[Any]) -> None:
    for constant in constants:
        texts = constant if isinstance(constant, tuple) else (constant,)
        shape.affixes.extend(text for text in texts if isinstance(text, str) and text)
        raw = [text.decode("latin-1") for text in texts if isinstance(text, bytes) and text]
        shape.affixes.extend(raw)
        if raw:
            shape.only((Base.BYTES,), 2.0)


def _split(shape: Shape, name: str, constants: Sequence[Any]) -> Shape:
    separator = next((each for each in constants if isinstance(each, str)), "")
    pieces = shape.part("\n" if name == "splitlines" else separator)
    pieces.at_least = max(pieces.at_least, 1)
    return pieces


def _looked_up(shape: Shape, constants: Sequence[Any]) -> Shape:
    if constants and isinstance(constants[0], (str, int)):
        shape.favour((Base.DICT,), 1.0)
        return named(shape, constants[0]) if isinstance(constants[0], str) else shape.inner()
    return shape.inner()


def _view(shape: Shape, name: str) -> Shape:
    view = Shape()
    if name == "items":
        view.inner().fields = {0: shape.key(), 1: shape.inner()}
    else:
        view.item = shape.key() if name == "keys" else shape.inner()
    return view


def _joined(shape: Shape | None) -> None:
    if shape is not None:
        shape.only(CONTAINERS)
        shape.inner().only((Base.STR,))


def read_builtin(
    name: str, call: ast.Call, arguments: Shapes, constants: Sequence[Any]
) -> Shape | None:
    """Take the evidence of a call of a builtin; the shape of the result, if it has one."""
    first = arguments[0] if arguments else None
    if name == "map" and len(arguments) > 1 and arguments[1] is not None:
        arguments[1].only(CONTAINERS)
        return _mapped(call, arguments[1])
    if first is None:
        return None
    rule = _BUILTINS.get(name)
    return rule(first, constants) if rule is not None else None


def tested(shape: Shape, types: ast.expr, aliases: Mapping[str, ast.expr]) -> None:
    """Take the evidence of `isinstance(shape, types)`."""
    shape.mixed = True
    names = {node.id for node in ast.walk(types) if isinstance(node, ast.Name)}
    names |= set(_types_of_literals(types))
    for name in sorted(names & aliases.keys()):
        names |= {node.id for node in ast.walk(aliases[name]) if isinstance(node, ast.Name)}
    found = [base for base, kind in TYPES.items() if kind.__name__ in names]
    shape.favour(found, 1.5)
    shape.tested += [base for base in found if base not in shape.tested]


def _types_of_literals(types: ast.expr) -> Iterator[str]:
    """`type("")`, `type(())`."""
    for node in ast.walk(types):
        if isinstance(node, ast.Call) and len(node.args) == 1:
            with contextlib.suppress(ValueError):
                yield type(value_of(node.args[0])).__name__


def _mapped(call: ast.Call, shape: Shape) -> Shape:
    function = call.args[0]
    if isinstance(function, ast.Name) and function.id in _BUILTINS:
        _BUILTINS[function.id](shape.inner(), ())
    return shape


def _sized(shape: Shape, _: Sequence[Any]) -> None:
    shape.only(CONTAINERS)


def _measured(shape: Shape, _: Sequence[Any]) -> Shape:
    shape.only(CONTAINERS)
    return shape.size()


def _iterated(shape: Shape, _: Sequence[Any]) -> Shape:
    shape.only(CONTAINERS)
    return shape


def _extreme(shape: Shape, constants: Sequence[Any]) -> Shape | None:
    if len(constants) == 1:
        shape.only(CONTAINERS)
        shape.favour((Base.STR, Base.DICT), -1.0)
        shape.at_least = max(shape.at_least, 1)
        return shape.inner()
    shape.only((Base.INT, Base.FLOAT), 1.5)
    return None


def _summed(shape: Shape, _: Sequence[Any]) -> None:
    shape.only((Base.LIST, Base.TUPLE, Base.SET))
    shape.inner().only((Base.INT, Base.FLOAT))


def _number(shape: Shape, _: Sequence[Any]) -> Shape:
    shape.only((Base.INT, Base.FLOAT))
    return shape


def _counted(shape: Shape, constants: Sequence[Any]) -> None:
    shape.only((Base.INT,), 4.0)
    if len(constants) == 1:
        shape.span = shape.span or (0, 12)


def _as_int(shape: Shape, constants: Sequence[Any]) -> None:
    base = constants[1] if len(constants) > 1 else None
    if base is not None:
        # Only texts are read in another base.
        shape.only((Base.STR, Base.BYTES))
    else:
        shape.only((Base.INT, Base.STR, Base.FLOAT))
    whole = shape.whole or shape
    whole.flavours.append(_NUMERALS.get(base, "digits"))


_NUMERALS: Mapping[Any, str] = {2: "binary", 16: "hexadecimal"}
"""Kinds of texts that are numbers in some base."""


def _as_float(shape: Shape, _: Sequence[Any]) -> None:
    shape.only((Base.INT, Base.STR, Base.FLOAT))
    shape.favour((Base.FLOAT,), 1.5)
    shape.flavours.append("decimal")


def _as_code(shape: Shape, _: Sequence[Any]) -> None:
    shape.only((Base.STR,), 4.0)
    shape.flavours.append("character")


def _as_character(shape: Shape, _: Sequence[Any]) -> None:
    shape.only((Base.INT,), 4.0)
    shape.span = shape.span or (65, 122)


def _as_bytes(shape: Shape, _: Sequence[Any]) -> None:
    if shape.item is not None:
        shape.item.only((Base.INT,), 4.0)
        shape.item.span = shape.item.span or (0, 255)


def _whole(shape: Shape, _: Sequence[Any]) -> None:
    shape.only((Base.INT,), 4.0)


def _keyed(shape: Shape, _: Sequence[Any]) -> Shape:
    shape.only(CONTAINERS)
    shape.inner().favour(UNHASHABLE, -3.0)
    return shape


_BUILTINS: Mapping[str, Callable[[Shape, Sequence[Any]], Shape | None]] = {
    "len": _measured,
    "any": _sized,
    "all": _sized,
    "sum": _summed,
    "sorted": _iterated,
    "list": _iterated,
    "tuple": _iterated,
    "set": _keyed,
    "frozenset": _keyed,
    "dict": _iterated,
    "reversed": _iterated,
    "enumerate": _iterated,
    "iter": _iterated,
    "zip": _iterated,
    "Counter": _keyed,
    "deque": _iterated,
    "min": _extreme,
    "max": _extreme,
    "abs": _number,
    "round": _number,
    "divmod": _number,
    "pow": _number,
    "sqrt": _number,
    "range": _counted,
    "int": _as_int,
    "float": _as_float,
    "ord": _as_code,
    "chr": _as_character,
    "bytes": _as_bytes,
    "bytearray": _as_bytes,
    "bin": _whole,
    "hex": _whole,
    "oct": _whole,
}

_WHOLE_MATH = frozenset(("gcd", "lcm", "factorial", "comb", "perm", "isqrt"))
_PATTERN_CALLS = frozenset(words("match fullmatch search findall finditer sub subn split"))
_TEXT_FLAVOURS: Mapping[str, str] = {
    "json": "json",
    "urllib": "url",
    "parse": "url",
    "path": "path",
    "posixpath": "path",
    "ntpath": "path",
    "html": "html",
    "ipaddress": "address",
    "textwrap": "sentence",
    "shlex": "sentence",
    "email": "email",
    "ast": "expression",
    "fnmatch": "file",
    "unicodedata": "character",
}
_BYTE_MODULES = frozenset(("base64", "binascii", "zlib", "struct", "hashlib"))
_ITERABLE_MODULES = frozenset(
    ("itertools", "collections", "statistics", "heapq", "bisect", "functools")
)


def read_module_function(reader: "Reader", call: ast.Call, arguments: Shapes) -> Shape | None:
    """Take the evidence of `module.function(...)`, `'sep'.join(...)` or `PATTERN.match(...)`.

    The shape of the result, where that is an argument again.
    """
    method = call.func
    if not isinstance(method, ast.Attribute):
        return None
    if method.attr == "join" and not _is_path(method.value):
        _joined(arguments[0] if arguments else None)
        return None
    owner = method.value
    name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
    if method.attr in _PATTERN_CALLS:
        _matched(reader, call, name, arguments)
        return None
    for shape in arguments:
        if shape is not None:
            _passed(shape, name, method.attr)
    if method.attr == "strptime":
        _read_with_format(reader, call, arguments)
    return arguments[0] if method.attr in _HANDS_BACK and arguments else None


def _is_path(owner: ast.expr) -> bool:
    return ast.unparse(owner) in {"os.path", "posixpath", "ntpath"}


_HANDS_BACK = frozenset(("fspath", "normcase", "normpath", "expanduser", "deepcopy"))


def _passed(shape: Shape, module: str, function: str) -> None:
    if function == "fspath":
        shape.only((Base.STR,), 3.0)
        shape.flavours.append("path")
    elif module in {"math", "cmath"}:
        _whole(shape, ()) if function in _WHOLE_MATH else _number(shape, ())
        shape.span = shape.span or ((0, 12) if function in _WHOLE_MATH else None)
    elif module in _TEXT_FLAVOURS:
        shape.only((Base.STR,), 2.0)
        shape.flavours.append(_TEXT_FLAVOURS[module])
    elif module in _BYTE_MODULES:
        shape.only((Base.BYTES,), 2.0)
    elif module in _ITERABLE_MODULES:
        shape.only(CONTAINERS, 1.5)
    elif function == "strptime":
        shape.only((Base.STR,), 3.0)
        shape.flavours.append("date")


def _read_with_format(reader: "Reader", call: ast.Call, arguments: Shapes) -> None:
    """`datetime.strptime(text, "%d/%m/%Y")`."""
    text = arguments[0] if arguments else None
    if text is None or len(call.args) < 2:  # noqa: PLR2004 - the text and its format
        return
    form = _text(reader, call.args[1])
    if isinstance(form, str):
        text.formats.append(form)


def _matched(reader: "Reader", call: ast.Call, owner: str, arguments: Shapes) -> None:
    """`re.match(pattern, text)`, `PATTERN.match(text)`: texts that it matches belong here."""
    if owner == "re":
        pattern, text = _text(reader, call.args[0]) if call.args else None, arguments[-1:]
        texts = arguments[2:3] if call.args and "sub" in ast.unparse(call.func) else arguments[1:2]
        text = texts or text
    else:
        compiled = reader.facts.aliases.get(owner)
        node = compiled.args[0] if isinstance(compiled, ast.Call) and compiled.args else None
        pattern = _text(reader, node) if node is not None else None
        text = arguments[1:2] if "sub" in ast.unparse(call.func) else arguments[:1]
    base = Base.BYTES if isinstance(pattern, bytes) else Base.STR
    source = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
    for shape in text:
        if shape is not None:
            shape.only((base,), 4.0)
            shape.patterns.extend([source] if source else [])


def _text(reader: "Reader", node: ast.expr) -> str | bytes | None:
    try:
        value = reader.constant(node)
    except ValueError:
        return None
    return value if isinstance(value, (str, bytes)) else None
