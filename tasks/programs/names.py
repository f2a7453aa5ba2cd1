"""Which names a piece of source takes from outside itself, as CPython's own symbol table says.

Covered: every scope, comprehensions, walrus, class bodies, `global`, type parameters. Names that
only stand in annotations do not count: programs are run with annotations left unevaluated.
Not covered: names that are read before they are bound, and names reached through `globals()`.
"""

import _symtable  # type: ignore[import-not-found]  # no stubs: `symtable` is made of it
import builtins
from typing import Any, NamedTuple

FUTURE = "from __future__ import annotations\n"
"""Put before a program whose annotations must not be evaluated."""

_MODULE_DUNDERS = frozenset(("__name__", "__doc__", "__package__", "__loader__", "__spec__"))

_OFFSET: int = _symtable.SCOPE_OFF
_MASK: int = _symtable.SCOPE_MASK
_GLOBAL = frozenset((_symtable.GLOBAL_EXPLICIT, _symtable.GLOBAL_IMPLICIT))

BUILTINS = frozenset(dir(builtins)) - _MODULE_DUNDERS
"""Names that every program can use (what `builtins` says of itself as a module is not)."""


class Names(NamedTuple):
    """Of a piece of source."""

    needed: frozenset[str]
    """Read and not bound at its module level, builtins included."""
    bound: frozenset[str]
    """Bound at its module level."""


def names_of(source: str) -> Names:
    """The names that `source` needs and those that it binds, from one symbol table.

    Raises:
        SyntaxError: The running Python cannot parse it.
    """
    top = _table(source)
    bound = frozenset(_bound(top))
    return Names(_read(top) - bound, bound)


def needed_names(source: str) -> frozenset[str]:
    """Names that `source` reads and does not bind at its module level, builtins included.

    Raises:
        SyntaxError: The running Python cannot parse it.
    """
    return names_of(source).needed


def _read(top: Any) -> frozenset[str]:
    """Names that are read in the scope of the module, wherever they are read."""
    read = [name for name, flags in top.symbols.items() if flags & _symtable.USE]
    children = list(top.children)
    for table in children:  # which grows on the way
        children += table.children
        for name, flags in table.symbols.items():
            if flags >> _OFFSET & _MASK in _GLOBAL:
                read.append(name)
    return frozenset(read)


def bound_names(source: str) -> frozenset[str]:
    """Names that `source` binds at its module level.

    Raises:
        SyntaxError: The running Python cannot parse it.
    """
    return frozenset(_bound(_table(source)))


def unresolved_names(program: str) -> frozenset[str]:
    """Names that neither `program` nor Python itself defines.

    Raises:
        SyntaxError: The running Python cannot parse it.
    """
    return needed_names(program) - BUILTINS


def _table(source: str) -> Any:
    # The module `symtable` wraps the same tables in objects, at five times the cost.
    return _symtable.symtable(FUTURE + source, "<program>", "exec")


def _bound(top: Any) -> set[str]:
    """Names assigned or imported, but for what `FUTURE` itself imports."""
    found = {name for name, flags in top.symbols.items() if flags & _symtable.DEF_LOCAL}
    imported = {name for name, flags in top.symbols.items() if flags & _symtable.DEF_IMPORT}
    return found | (imported - {"annotations"})
