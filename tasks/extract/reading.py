"""From a syntax tree to the table of names of a module."""

import ast
from collections.abc import Iterable, Iterator

from tasks.extract.conditions import is_type_checking, verdict_of
from tasks.extract.facts import root_name
from tasks.extract.methods import free_method
from tasks.extract.module import Block, Definition, Imported, Kind, Module
from tasks.extract.purity import is_allowed, public_names
from tasks.extract.source_text import SourceText

_IMPORT_ERRORS = frozenset(("ImportError", "ModuleNotFoundError", "Exception", "BaseException"))


def read_module(tree: ast.Module, text: SourceText) -> Module:
    """Note what each top-level statement binds and changes."""
    module = Module(text)
    Reader(module, text).add_all(tree.body)
    return module


class Reader:
    """Adds statements to the table of a module.

    Args:
        module: The table.
        text: What the positions of the statements refer to.
    """

    def __init__(self, module: Module, text: SourceText) -> None:
        self._module = module
        self._text = text

    def add_all(self, body: Iterable[ast.stmt]) -> None:
        """Add statements in the order of the source."""
        for statement in body:
            self._add(statement)

    def _add(self, node: ast.stmt) -> None:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for imported in imports_of(node):
                bind_import(self._module, imported)
        elif isinstance(node, ast.If) and self._adds_branch(node):
            pass
        elif isinstance(node, ast.Try) and _is_import_with_fallback(node):
            self._add_import_with_fallback(node)
        elif isinstance(node, Definition):
            self._add_definition(node)
        else:
            self._add_statement(node)

    def _new_block(self, node: ast.stmt, *, conditional: bool = False, owner: str = "") -> Block:
        name = node.name if isinstance(node, Definition) else ""
        line = self._text.line(node)
        return self._module.add(
            Kind.of(node), name, self._text, line, node, conditional=conditional, owner=owner
        )

    def _adds_branch(self, node: ast.If) -> bool:
        """Add the branch that is taken, where that is known without running anything."""
        if is_type_checking(node.test):
            imports = (i for i in node.body if isinstance(i, ast.Import | ast.ImportFrom))
            bound = (item for inner in imports for item in imports_of(inner))
            self._module.typing_only |= {item.name: item for item in bound}
            self.add_all(node.orelse)
            return True
        verdict = verdict_of(node.test)
        if verdict is not None:
            self.add_all(node.body if verdict else node.orelse)
        return verdict is not None

    def _add_import_with_fallback(self, node: ast.Try) -> None:
        """Take the body where all of its imports are allowed, else what the module does without."""
        imports = [inner for inner in node.body if isinstance(inner, ast.Import | ast.ImportFrom)]
        bound = [item for inner in imports for item in imports_of(inner)]
        if all(is_allowed(item.module) for item in bound):
            self.add_all([*node.body, *node.orelse])
            return
        self._module.missing |= {item.name: item for item in bound}
        self.add_all(node.handlers[0].body)

    def _add_definition(self, node: Definition) -> None:
        if any(
            getattr(inner, "attr", getattr(inner, "id", "")) == "overload"
            for inner in node.decorator_list
        ):
            return
        self._module.bind(node.name, self._new_block(node))
        for inner in node.body if isinstance(node, ast.ClassDef) else ():
            method = free_method(inner)
            if method is not None:
                self._new_block(method, owner=node.name)

    def _add_statement(self, node: ast.stmt) -> None:
        block = self._new_block(node)
        for name in _bound_by(node, block):
            self._module.bind(name, block)
        for name in sorted(_changed_by(node, block)):
            self._module.changers.setdefault(name, []).append(block)
        if isinstance(node, ast.Delete):
            self._module.deleted.update(block.facts.stored)
        for inner in _inner_functions(node):
            self._new_block(inner, conditional=True)


def bind_import(module: Module, imported: Imported) -> None:
    """Bind what an import binds: of a star, every public name of a module that is known."""
    if imported.attribute != "*":
        module.bind(imported.name, imported)
    elif is_allowed(imported.module):
        for name in sorted(public_names(imported.module)):
            module.bind(name, Imported(name, imported.module, name))
    else:
        module.unknown_stars.append(imported.module)


def imports_of(node: ast.Import | ast.ImportFrom) -> Iterator[Imported]:
    """What an import binds; a star is a name `*`, and `__future__` binds nothing."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            yield Imported(name, alias.name, aliased=alias.asname is not None)
        return
    source = "." * node.level + (node.module or "")
    if source != "__future__":
        for alias in node.names:
            yield Imported(alias.asname or alias.name, source, alias.name)


def _is_import_with_fallback(node: ast.Try) -> bool:
    """`try: import x` and simple statements, `except ImportError: ...`."""
    plain = ast.Import | ast.ImportFrom | ast.Assign | ast.Pass
    return (
        not node.finalbody
        and isinstance(node.body[0], ast.Import | ast.ImportFrom)
        and all(isinstance(inner, plain) for inner in node.body)
        and _catches_import_error(node.handlers[0])
    )


def _catches_import_error(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or getattr(kind, "id", "") in _IMPORT_ERRORS for kind in kinds)


def _bound_by(node: ast.stmt, block: Block) -> list[str]:
    if isinstance(node, ast.Expr | ast.Pass | ast.Delete | ast.Assert):
        return []
    if isinstance(node, ast.Assign) and all(
        isinstance(target, ast.Name) for target in node.targets
    ):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return sorted(block.names.bound)


def _changed_by(node: ast.stmt, block: Block) -> set[str]:
    """Names whose object the statement may change; a call may change what it is given."""
    if isinstance(node, ast.Assign):
        roots = (root_name(target) for target in node.targets if not isinstance(target, ast.Name))
        return {root for root in roots if root}
    if isinstance(node, ast.AnnAssign | ast.Pass):
        return set()
    if isinstance(node, ast.Expr):
        if not isinstance(node.value, ast.Call):
            return set()
        return block.facts.mutated | {flow.argument for flow in block.facts.flows}
    return block.facts.mutated


def _inner_functions(node: ast.AST) -> Iterator[ast.stmt]:
    """Functions inside a compound statement, those inside of definitions excepted."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child
        elif isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case) and not isinstance(
            child, ast.ClassDef
        ):
            yield from _inner_functions(child)
