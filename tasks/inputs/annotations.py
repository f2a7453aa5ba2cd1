"""What an annotation says of a value."""

import ast
from collections.abc import Mapping

from sandbox.parsing import parse_expression
from tasks.inputs.literals import value_of
from tasks.inputs.shapes import BASES, Base, Shape
from tasks.inputs.word_lists import words

SURE = 6.0
"""How far an annotation rules other types out, against what the body seems to do."""
MAX_DEPTH = 8

_PLAIN: Mapping[str, tuple[Base, ...]] = {
    "int": (Base.INT,),
    "Integral": (Base.INT,),
    "SupportsIndex": (Base.INT,),
    "float": (Base.FLOAT,),
    "Real": (Base.FLOAT, Base.INT),
    "Number": (Base.INT, Base.FLOAT),
    "complex": (Base.COMPLEX,),
    "str": (Base.STR,),
    "Text": (Base.STR,),
    "AnyStr": (Base.STR,),
    "LiteralString": (Base.STR,),
    "bytes": (Base.BYTES,),
    "bytearray": (Base.BYTES,),
    "bool": (Base.BOOL,),
    "None": (Base.NONE,),
    "NoneType": (Base.NONE,),
}
_LISTS = frozenset(
    words(
        "list List Sequence MutableSequence Iterable Collection Container Iterator Reversible"
        " deque Deque array"
    )
)
_SETS = frozenset(words("set Set frozenset FrozenSet AbstractSet MutableSet"))
_DICTS = frozenset(
    words("dict Dict Mapping MutableMapping DefaultDict defaultdict OrderedDict Counter")
)
_WRAPPERS = frozenset(("Annotated", "Final", "ClassVar", "Required", "NotRequired"))
_ITEMS = tuple[list[ast.expr], int]


def annotate(shape: Shape, node: ast.expr, aliases: Mapping[str, ast.expr], depth: int = 0) -> None:
    """Add what an annotation says to a shape. One that is not understood says nothing."""
    if depth > MAX_DEPTH:
        return
    if isinstance(node, ast.Constant):
        _constant(shape, node, aliases, depth)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        _union(shape, [node.left, node.right], aliases, depth)
    elif isinstance(node, ast.Subscript):
        arguments = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        _generic(shape, _last_name(node.value), list(arguments), aliases, depth)
    else:
        _named(shape, _last_name(node), aliases, depth)


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _constant(
    shape: Shape, node: ast.Constant, aliases: Mapping[str, ast.expr], depth: int
) -> None:
    if node.value is None:
        shape.only((Base.NONE,), SURE)
    elif isinstance(node.value, str):
        try:
            annotate(shape, parse_expression(node.value).body, aliases, depth + 1)
        except SyntaxError:
            return


def _named(shape: Shape, name: str, aliases: Mapping[str, ast.expr], depth: int) -> None:
    if name in _PLAIN:
        shape.only(_PLAIN[name], SURE)
        if name == "float":
            # An int is a float to a type checker, and reads well.
            shape.favour((Base.INT,), SURE - 3.0)
    elif name in aliases and not isinstance(aliases[name], ast.Call):
        annotate(shape, aliases[name], aliases, depth + 1)
    else:
        _generic(shape, name, [], aliases, depth)


def _generic(
    shape: Shape, name: str, arguments: list[ast.expr], aliases: Mapping[str, ast.expr], depth: int
) -> None:
    if name == "Optional" and arguments:
        _union(shape, [arguments[0], ast.Constant(None)], aliases, depth)
    elif name == "Union":
        _union(shape, arguments, aliases, depth)
    elif name == "Literal":
        _literal(shape, arguments)
    elif name in _WRAPPERS and arguments:
        annotate(shape, arguments[0], aliases, depth + 1)
    elif name in {"tuple", "Tuple"}:
        _tuple(shape, arguments, aliases, depth)
    elif name in _LISTS or name in _SETS:
        _elements(shape, name, arguments, aliases, depth)
    elif name in _DICTS:
        _dict(shape, arguments, aliases, depth)


def _union(
    shape: Shape, members: list[ast.expr], aliases: Mapping[str, ast.expr], depth: int
) -> None:
    """The best score that any member would leave; what is inside is shared by all."""
    before = dict(shape.scores)
    best = dict.fromkeys(Base, -99.0)
    for member in members:
        shape.scores = dict(before)
        annotate(shape, member, aliases, depth + 1)
        best = {base: max(best[base], shape.scores[base]) for base in Base}
    if any(isinstance(member, ast.Constant) and member.value is None for member in members):
        best[Base.NONE] = max(score for base, score in best.items() if base is not Base.NONE) - 1.2
    shape.scores = best


def _literal(shape: Shape, arguments: list[ast.expr]) -> None:
    for argument in arguments:
        try:
            shape.saw(value_of(argument))
        except ValueError:
            continue
    shape.only(list(dict.fromkeys(BASES[type(value)] for value in shape.constants)), SURE)
    shape.flavours.append("constant")


def _tuple(
    shape: Shape, arguments: list[ast.expr], aliases: Mapping[str, ast.expr], depth: int
) -> None:
    shape.only((Base.TUPLE,), SURE)
    if len(arguments) == 2 and _is_ellipsis(arguments[1]):  # noqa: PLR2004 - tuple[T, ...]
        annotate(shape.inner(), arguments[0], aliases, depth + 1)
        return
    for position, argument in enumerate(arguments):
        annotate(shape.at(position), argument, aliases, depth + 1)
    shape.length = len(arguments) or None


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is Ellipsis


def _elements(
    shape: Shape, name: str, arguments: list[ast.expr], aliases: Mapping[str, ast.expr], depth: int
) -> None:
    shape.only((Base.SET,) if name in _SETS else (Base.LIST,), SURE)
    if name in {"Sequence", "Iterable", "Collection"}:
        shape.favour((Base.TUPLE,), SURE - 2.0)
    if arguments:
        annotate(shape.inner(), arguments[0], aliases, depth + 1)


def _dict(
    shape: Shape, arguments: list[ast.expr], aliases: Mapping[str, ast.expr], depth: int
) -> None:
    shape.only((Base.DICT,), SURE)
    if arguments:
        annotate(shape.key(), arguments[0], aliases, depth + 1)
    if len(arguments) > 1:
        annotate(shape.inner(), arguments[1], aliases, depth + 1)
