"""Which names a piece of source takes from outside itself, as CPython's own symbol table says.

Covered: every scope, comprehensions, walrus, class bodies, `global`, type parameters. Names that
only stand in annotations do not count: programs are run with annotations left unevaluated.
Not covered: names that are read before they are bound, and names reached through `globals()`.
"""

import builtins
import symtable

FUTURE = "from __future__ import annotations\n"
"""Put before a program whose annotations must not be evaluated."""

_MODULE_DUNDERS = frozenset(("__name__", "__doc__", "__package__", "__loader__", "__spec__"))

BUILTINS = frozenset(dir(builtins)) - _MODULE_DUNDERS
"""Names that every program can use (what `builtins` says of itself as a module is not)."""


def needed_names(source: str) -> frozenset[str]:
    """Names that `source` reads and does not bind at its module level, builtins included.

    Raises:
        SyntaxError: The running Python cannot parse it.
    """
    top = symtable.symtable(FUTURE + source, "<program>", "exec")
    read: set[str] = set()
    bound: set[str] = set()
    for symbol in top.get_symbols():
        if symbol.is_referenced():
            read.add(symbol.get_name())
        if symbol.is_assigned() or symbol.is_imported():
            bound.add(symbol.get_name())
    for child in top.get_children():
        _add_globals(child, read)
    return frozenset(read - bound)


def unresolved_names(program: str) -> frozenset[str]:
    """Names that neither `program` nor Python itself defines.

    Raises:
        SyntaxError: The running Python cannot parse it.
    """
    return needed_names(program) - BUILTINS


def _add_globals(table: symtable.SymbolTable, found: set[str]) -> None:
    for symbol in table.get_symbols():
        if symbol.is_global():
            found.add(symbol.get_name())
    for child in table.get_children():
        _add_globals(child, found)
