"""From a syntax tree to the table of names of a module."""

import ast
from collections.abc import Iterable, Iterator

from tasks.extract.conditions import is_type_checking, verdict_of
from tasks.extract.facts import root_name
from tasks.extract.module import Block, Definition, Imported, Module
from tasks.extract.purity import is_allowed, public_names
from tasks.extract.source_text import SourceText
from tasks.programs.names import bound_names

_IMPORT_ERRORS = frozenset(("ImportError", "ModuleNotFoundError", "Exception", "BaseException"))


def read_module(tree: ast.Module, text: SourceText) -> Module:
    """Note what each top-level statement binds and changes."""
    module = Module(text)
    _add_all(tree.body, module)
    return module


def _add_all(body: Iterable[ast.stmt], module: Module) -> None:
    for statement in body:
        _add(statement, module)


def _add(node: ast.stmt, module: Module) -> None:
    if isinstance(node, ast.Import | ast.ImportFrom):
        _add_import(node, module)
    elif isinstance(node, ast.If) and _adds_branch(node, module):
        pass
    elif isinstance(node, ast.Try) and _is_import_with_fallback(node):
        _add_import_with_fallback(node, module)
    elif isinstance(node, Definition):
        _add_definition(node, module)
    else:
        _add_statement(node, module)


def _bind(name: str, binding: Imported | Block, module: Module) -> None:
    module.bindings.setdefault(name, []).append(binding)


def _new_block(
    node: ast.stmt, module: Module, *, conditional: bool = False, owner: str = ""
) -> Block:
    block = Block(len(module.blocks), node, module.text, conditional, owner)
    module.blocks.append(block)
    return block


def _add_import(node: ast.Import | ast.ImportFrom, module: Module) -> None:
    for imported in imports_of(node):
        if imported.attribute != "*":
            _bind(imported.name, imported, module)
        elif is_allowed(imported.module):
            for name in sorted(public_names(imported.module)):
                _bind(name, Imported(name, imported.module, name), module)
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


def _adds_branch(node: ast.If, module: Module) -> bool:
    """Add the branch that is taken, where that is known without running anything."""
    if is_type_checking(node.test):
        imports = (inner for inner in node.body if isinstance(inner, ast.Import | ast.ImportFrom))
        module.typing_only |= {item.name: item for inner in imports for item in imports_of(inner)}
        _add_all(node.orelse, module)
        return True
    verdict = verdict_of(node.test)
    if verdict is not None:
        _add_all(node.body if verdict else node.orelse, module)
    return verdict is not None


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


def _add_import_with_fallback(node: ast.Try, module: Module) -> None:
    """Take the body where all of its imports are allowed, else what the module does without."""
    imports = [inner for inner in node.body if isinstance(inner, ast.Import | ast.ImportFrom)]
    bound = [item for inner in imports for item in imports_of(inner)]
    if all(is_allowed(item.module) for item in bound):
        _add_all([*node.body, *node.orelse], module)
        return
    module.missing |= {item.name: item for item in bound}
    _add_all(node.handlers[0].body, module)


def _add_definition(node: Definition, module: Module) -> None:
    if any(
        getattr(inner, "attr", getattr(inner, "id", "")) == "overload"
        for inner in node.decorator_list
    ):
        return
    _bind(node.name, _new_block(node, module), module)
    if isinstance(node, ast.ClassDef):
        for inner in node.body:
            if isinstance(inner, ast.FunctionDef) and _is_static(inner):
                _new_block(inner, module, owner=node.name)


def _is_static(node: ast.FunctionDef) -> bool:
    return any(
        isinstance(inner, ast.Name) and inner.id == "staticmethod" for inner in node.decorator_list
    )


def _add_statement(node: ast.stmt, module: Module) -> None:
    block = _new_block(node, module)
    for name in _bound_by(node, block):
        _bind(name, block, module)
    for name in sorted(_changed_by(node, block)):
        module.changers.setdefault(name, []).append(block)
    if isinstance(node, ast.Delete):
        module.deleted.update(block.facts.stored)
    for inner in _inner_functions(node):
        _new_block(inner, module, conditional=True)


def _bound_by(node: ast.stmt, block: Block) -> list[str]:
    if isinstance(node, ast.Expr | ast.Pass | ast.Delete | ast.Assert):
        return []
    if isinstance(node, ast.Assign) and all(
        isinstance(target, ast.Name) for target in node.targets
    ):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return sorted(bound_names(block.source))


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
