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
    read = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_referenced()}
    for child in top.get_children():
        _add_globals(child, read)
    return frozenset(read - _bound(top))


def bound_names(source: str) -> frozenset[str]:
    """Names that `source` binds at its module level.

    Raises:
        SyntaxError: The running Python cannot parse it.
    """
    return frozenset(_bound(symtable.symtable(FUTURE + source, "<program>", "exec")))


def unresolved_names(program: str) -> frozenset[str]:
    """Names that neither `program` nor Python itself defines.

    Raises:
        SyntaxError: The running Python cannot parse it.
    """
    return needed_names(program) - BUILTINS


def _bound(table: symtable.SymbolTable) -> set[str]:
    """Names assigned or imported, but for what `FUTURE` itself imports."""
    symbols = table.get_symbols()
    imported = {symbol.get_name() for symbol in symbols if symbol.is_imported()}
    return {symbol.get_name() for symbol in symbols if symbol.is_assigned()} | (
        imported - {"annotations"}
    )


def _add_globals(table: symtable.SymbolTable, found: set[str]) -> None:
    for symbol in table.get_symbols():
        # In a scope that happens to be called "top", `is_global` is true of locals as well.
        if symbol.is_declared_global() or (symbol.is_global() and not symbol.is_local()):
            found.add(symbol.get_name())
    for child in table.get_children():
        _add_globals(child, found)
