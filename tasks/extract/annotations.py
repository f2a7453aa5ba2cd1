"""What annotations say: whether a literal can be passed, and which of them a program can keep.

A parameter is feasible if some value made of literals fits its annotation. Aliases, type
variables, `NewType` and typed dicts of the same module are followed; any other name that is not
known to accept a literal does not.
"""

import ast
import re
from collections.abc import Callable

from sandbox.parsing import parse_expression
from tasks.extract.module import Block, Imported, Kind, Module
from tasks.extract.rejection import RejectedError
from tasks.extract.words import words
from tasks.records.drops import DropReason

_PLAIN = words(
    "int float complex str bytes bool list dict tuple set frozenset object None Any AnyStr Text"
    " List Dict Set FrozenSet Tuple Iterable Sequence Collection Container Reversible Mapping"
    " MutableMapping MutableSequence MutableSet AbstractSet Hashable Sized Optional Union Literal"
    " LiteralString ByteString OrderedDict DefaultDict Counter ChainMap Number Complex Real"
    " Rational Integral SupportsInt SupportsFloat SupportsComplex SupportsAbs SupportsIndex"
    " SupportsRound NoneType Final Annotated defaultdict KeysView ValuesView ItemsView"
)
_ANY_OF = frozenset(("Union", "Optional"))
_MODULES = frozenset(
    (
        "typing",
        "collections",
        "collections.abc",
        "numbers",
        "builtins",
        "typing_extensions",
        "types",
    )
)
_MAX_DEPTH = 12
_DEF = re.compile(r"^[ \t]*def\s+\w+", re.MULTILINE)
_NAMED = r"([\"']?)(?P<name>[^\W\d]\w*)(?P<rest>[\w.]*)"
_FIRST = re.compile(rf"\s*\(\s*(?P<argument>\w+)\s*:\s*{_NAMED}\2\s*[,)]")
_RESULT = re.compile(rf"[^\n]*\)\s*->\s*{_NAMED}\1\s*:\s*\n")


def check_header(block: Block) -> None:
    """Check the plain annotations of the first parameter and of the result, by their text.

    Raises:
        RejectedError: A name or attribute that no literal fits, as `is_feasible` would say.
    """
    text = block.raw or ""
    head = _DEF.search(text)
    if head is None:
        return
    first = None if block.owner else _FIRST.match(text, head.end())
    if first and _is_foreign(first["name"], first["rest"], block.home):
        raise RejectedError(DropReason.OBJECT_PARAMETER, first["argument"])
    result = _RESULT.match(text, head.end())
    if result and _is_foreign(result["name"], result["rest"], block.home):
        raise RejectedError(DropReason.OPAQUE_RETURN, result["name"] + result["rest"])


def _is_foreign(name: str, rest: str, module: Module) -> bool:
    """Whether it is imported from where no type of literals is, or a class of the module."""
    bindings = module.bindings.get(name, ())
    if len(bindings) == 1 and isinstance(bindings[0], Block):
        block = bindings[0]
        return block.kind is Kind.CLASS and not rest and "TypedDict" not in (block.raw or "")
    known = (b for b in bindings if isinstance(b, Imported))
    imported = next(known, module.typing_only.get(name) if not rest else None)
    if imported is None:
        return False
    return (".".join(imported.path) if rest else imported.module) not in _MODULES


def is_feasible(annotation: ast.expr | None, module: Module, depth: int = 0) -> bool:
    """Whether a literal can be passed for (or shown as) something so annotated."""
    if annotation is None:
        return True
    if depth > _MAX_DEPTH:
        return False
    judge = _JUDGES.get(type(annotation))
    return judge is not None and judge(annotation, module, depth + 1)


def _constant(node: ast.Constant, module: Module, depth: int) -> bool:
    if isinstance(node.value, str):
        try:
            return is_feasible(parse_expression(node.value.strip()).body, module, depth)
        except (SyntaxError, ValueError):
            return False
    return node.value is None or node.value is Ellipsis


def _name(node: ast.Name, module: Module, depth: int) -> bool:
    bindings = module.bindings.get(node.id, ())
    if len(bindings) == 1 and isinstance(bindings[0], Block):
        return _own_type(bindings[0].node, module, depth)
    imported = next(
        (b for b in bindings if isinstance(b, Imported)), module.typing_only.get(node.id)
    )
    if imported is not None:
        return imported.module in _MODULES and imported.attribute in _PLAIN
    return not bindings and (node.id in _PLAIN or node.id in module.type_parameters)


def _own_type(node: ast.stmt, module: Module, depth: int) -> bool:
    """An alias, a type variable, a `NewType` or a typed dict."""
    if isinstance(node, ast.ClassDef):
        return any(isinstance(base, ast.Name) and base.id == "TypedDict" for base in node.bases)
    value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name | ast.Attribute):
        maker = value.func.id if isinstance(value.func, ast.Name) else value.func.attr
        if maker == "TypeVar":
            bounds = [k.value for k in value.keywords if k.arg == "bound"] or value.args[1:]
            return not bounds or any(is_feasible(bound, module, depth) for bound in bounds)
        return maker == "NewType" and is_feasible(value.args[-1], module, depth)
    return value is not None and is_feasible(value, module, depth)


def _attribute(node: ast.Attribute, module: Module, _depth: int) -> bool:
    if not isinstance(node.value, ast.Name):
        return False
    bindings = module.bindings.get(node.value.id, ())
    known = all(isinstance(b, Imported) and ".".join(b.path) in _MODULES for b in bindings)
    return bool(bindings) and known and node.attr in _PLAIN


def _subscript(node: ast.Subscript, module: Module, depth: int) -> bool:
    base = (
        node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
    )
    if base in {"Literal", "TypeGuard", "TypeIs"}:
        return True
    inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if base == "Optional":
        return True
    if base in {"Annotated", "Final", "Required", "NotRequired"}:
        return is_feasible(inner[0], module, depth)
    every = any if base in _ANY_OF else all
    return is_feasible(node.value, module, depth) and every(
        is_feasible(item, module, depth) for item in inner
    )


def _either(node: ast.BinOp, module: Module, depth: int) -> bool:
    sides = (node.left, node.right)
    return isinstance(node.op, ast.BitOr) and any(is_feasible(s, module, depth) for s in sides)


def _many(node: ast.List | ast.Tuple, module: Module, depth: int) -> bool:
    return all(is_feasible(item, module, depth) for item in node.elts)


_JUDGES: dict[type[ast.expr], Callable[..., bool]] = {
    ast.Attribute: _attribute,
    ast.BinOp: _either,
    ast.Constant: _constant,
    ast.List: _many,
    ast.Name: _name,
    ast.Subscript: _subscript,
    ast.Tuple: _many,
}
