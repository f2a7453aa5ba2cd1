"""The slice of a module that one function needs: helpers, constants, classes, imports.

A name stands for all statements that bind it or change its object at module level; of several
definitions, for the last. Whatever is sliced in must itself be pure (`tasks.extract.purity`).
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from tasks.extract.facts import Chain, Facts
from tasks.extract.module import Block, Imported, Module
from tasks.extract.purity import (
    BANNED_ATTRIBUTES,
    BANNED_BUILTINS,
    CLASS_ATTRIBUTES,
    attributes_of_builtin,
    builtin_attributes,
    check_use,
    exception_attributes,
    module_attributes,
)
from tasks.extract.reading import imports_of
from tasks.extract.rejection import RejectedError
from tasks.extract.words import words
from tasks.programs.names import BUILTINS
from tasks.programs.trees import walk
from tasks.records.drops import DropReason

_ITERATOR_MAKERS = words("iter map filter zip enumerate reversed count cycle repeat chain islice")
_MAX_HOPS = 8
"""Modules that hand a name on before it is made."""


@dataclass
class Slice:
    """A function and all that it needs."""

    module: Module
    target: Block
    blocks: list[Block] = field(default_factory=list)
    """With the target, in the order they were found."""
    imports: set[Imported] = field(default_factory=set)
    uses: dict[Module, list[Module]] = field(default_factory=dict)
    """From a module to those of the same project that something was taken from."""
    wrapped: Block | None = None
    """The generator that the target makes lists of."""

    @property
    def name(self) -> str:
        """What the function is called."""
        return self.target.name

    @property
    def definitions(self) -> dict[str, Block]:
        """The functions and classes in the slice, by name."""
        return {block.name: block for block in self.blocks if block.is_definition}

    @property
    def record_names(self) -> set[str]:
        """Classes and named tuples of the program."""
        names = {name for name, b in self.definitions.items() if isinstance(b.node, ast.ClassDef)}
        for block in self.blocks:
            node = block.node
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                maker = ast.unparse(node.value.func).rpartition(".")[2]
                if maker in {"namedtuple", "NamedTuple"}:
                    names.update(t.id for t in node.targets if isinstance(t, ast.Name))
        return names


def slice_of(module: Module, target: Block) -> Slice:
    """Everything that `target` needs, found by following names.

    Raises:
        RejectedError: A name does not resolve, or resolves to something that is not pure.
    """
    found = Slice(module, target)
    add_block(found, target)
    for changer in module.changers.get(found.name, ()) if not target.owner else ():
        add_block(found, changer)
    return found


def in_order(found: Slice) -> list[Block]:
    """The blocks as they would run: a module after those that it takes something from."""
    ranks: dict[Module, int] = {}
    _rank(found.module, (), found.uses, ranks)
    return sorted(found.blocks, key=lambda block: (ranks[block.home], block.index))


def _rank(
    module: Module,
    above: tuple[Module, ...],
    uses: Mapping[Module, Sequence[Module]],
    ranks: dict[Module, int],
) -> None:
    # Not inside `in_order`: a function that knows itself is a circle with all that it has seen.
    for other in uses.get(module, ()):
        if other not in ranks and other not in above:
            _rank(other, (*above, module), uses, ranks)
    ranks.setdefault(module, len(ranks))


def check_homes(found: Slice) -> None:
    """Check that what comes from several modules means the same when it stands in one.

    Raises:
        RejectedError: A name is bound in two of them, or hides a builtin in one.
    """
    if len({block.home for block in found.blocks}) == 1:
        return
    bound: dict[str, object] = {}
    for imported in sorted(found.imports, key=lambda one: one.name):
        if bound.setdefault(imported.name, imported.path) != imported.path:
            raise RejectedError(DropReason.REDEFINED, imported.name)
    for block in found.blocks:
        for name in sorted(block.names.bound):
            if bound.setdefault(name, block.home) is not block.home:
                raise RejectedError(DropReason.REDEFINED, name)
    for block in found.blocks:
        for name in sorted(block.needs & bound.keys()):
            if name not in block.home.bindings:
                raise RejectedError(DropReason.REDEFINED, name)


def add_block(found: Slice, block: Block) -> None:
    """Add a block and, in turn, everything that it needs.

    Raises:
        RejectedError: As `slice_of`.
    """
    pending, added = [block], []
    while pending:
        block = pending.pop()
        if block in found.blocks:
            continue
        found.blocks.append(block)
        added.append(block)
        with _told_in(found, block):
            pending += _requirements(found, block)
    # Last, since it may look at every definition of a module.
    for block in added:
        with _told_in(found, block):
            _check_state(block.home, block)


@contextmanager
def _told_in(found: Slice, block: Block) -> Iterator[None]:
    """Say of what is wrong with a helper which one it is."""
    try:
        yield
    except RejectedError as error:
        if block is found.target:
            raise
        name = block.name or f"line {block.line}"
        raise RejectedError(error.reason, f"{error.detail} in {name}") from error


def _requirements(found: Slice, block: Block) -> Iterator[Block]:
    """The blocks that a block needs; imports are checked and noted on the way."""
    _check_block(block)
    for name in sorted(block.needs):
        yield from _resolve(found, block, name)


def _check_state(module: Module, block: Block) -> None:
    for name in sorted(block.needs):
        _check_constant(module, name)


def _check_constant(module: Module, name: str, depth: int = 0) -> None:
    """Check that no function or class changes what a name stands for, where it is made or used."""
    bindings = module.bindings.get(name, ())
    imported = next((one for one in bindings if isinstance(one, Imported)), None)
    other = module.neighbour(imported) if imported and imported.may_be_near else None
    if (other or any(isinstance(one, Block) for one in bindings)) and module.is_state(name):
        raise RejectedError(DropReason.GLOBAL_STATE, name)
    if imported and other is not None and depth < _MAX_HOPS:
        _check_constant(other, imported.attribute or name, depth + 1)


def _check_block(block: Block) -> None:
    facts = block.facts
    if facts.declared:
        raise RejectedError(DropReason.GLOBAL_STATE, min(facts.declared))
    changed = (facts.mutated - facts.stored) & (block.needs | {block.name})
    if changed and block.is_definition:
        raise RejectedError(DropReason.GLOBAL_STATE, min(changed))
    if facts.awaits:
        raise RejectedError(DropReason.COROUTINE)
    if not block.is_definition and _makes_iterator(block.node):
        raise RejectedError(DropReason.GLOBAL_STATE, ast.unparse(block.node)[:60])
    for node in facts.imports:
        for imported in imports_of(node):
            _check_import(imported, facts.chains)
    banned = [c for c in facts.chains if not BANNED_ATTRIBUTES.isdisjoint(c.attributes)]
    if banned or not BANNED_ATTRIBUTES.isdisjoint(facts.attributes):
        names = {name for c in banned for name in c.attributes} | facts.attributes
        raise RejectedError(DropReason.IMPURE_CALL, min(names & BANNED_ATTRIBUTES))


def _makes_iterator(node: ast.stmt) -> bool:
    """Whether a statement gives a name to something that each use of it moves on."""
    value = getattr(node, "value", None)
    if isinstance(value, ast.GeneratorExp) or getattr(value, "attr", "") == "__next__":
        return True
    match value:
        case ast.Call(func=ast.Attribute(value=ast.Name("itertools"), attr=name)):
            return name in _ITERATOR_MAKERS
        case ast.Call(func=ast.Name(name)):
            return name.strip("_") in _ITERATOR_MAKERS
    return False


def _check_import(imported: Imported, chains: list[Chain]) -> None:
    if imported.attribute == "*":
        raise RejectedError(DropReason.STAR_IMPORT, imported.module)
    module, *rest = imported.path
    used = [chain.attributes for chain in chains if chain.root == imported.name]
    if imported.attribute is not None or not used:
        check_use(module, rest)
    for attributes in used:
        check_use(module, (*rest, *attributes))


def _resolve(found: Slice, block: Block, name: str) -> Iterator[Block]:
    module = block.home
    if name == found.name and found.target.owner:
        raise RejectedError(DropReason.REDEFINED, name)
    if name in module.broken and (name in module.bindings or name not in BUILTINS):
        raise RejectedError(DropReason.UNRESOLVED, f"{name} in what does not parse")
    if name in module.bindings:
        yield from _resolve_bound(found, block, name, module)
    elif name in module.missing:
        check_use(*module.missing[name].split())
        raise RejectedError(DropReason.EXTERNAL_IMPORT, module.missing[name].module)
    elif module.unknown_stars and (name not in BUILTINS or module.shadowing_stars):
        raise RejectedError(DropReason.STAR_IMPORT, f"{name} from {module.unknown_stars[-1]}")
    elif name not in BUILTINS:
        raise RejectedError(DropReason.UNRESOLVED, name)
    elif name in BANNED_BUILTINS and not _hashes_itself(block, name):
        raise RejectedError(DropReason.IMPURE_CALL, name)


def _hashes_itself(block: Block, name: str) -> bool:
    """`hash` in a class with `__hash__` does no more than Python itself does for any object."""
    return name == "hash" and "__hash__" in block.facts.defined


def _resolve_bound(
    found: Slice, block: Block, name: str, module: Module, depth: int = 0
) -> Iterator[Block]:
    bindings = module.bindings[name]
    if name in module.deleted and block.is_definition:
        raise RejectedError(DropReason.REDEFINED, name)
    imports = [binding for binding in bindings if isinstance(binding, Imported)]
    blocks = [binding for binding in bindings if isinstance(binding, Block)]
    if imports and (blocks or len({imported.path for imported in imports}) > 1):
        raise RejectedError(DropReason.REDEFINED, name)
    for imported in imports[:1]:
        other = module.neighbour(imported) if imported.may_be_near else None
        if other is not None and depth < _MAX_HOPS:
            found.uses.setdefault(module, []).append(other)
            if imported.attribute == name:
                yield from _resolve_bound(found, block, name, other, depth + 1)
            else:
                yield other.alias(imported)
            continue
        _check_import(imported, block.facts.chains)
        found.imports.add(imported)
    yield from _binders(module, name, blocks)
    yield from module.changers.get(name, ()) if blocks else ()


def _binders(module: Module, name: str, blocks: list[Block]) -> list[Block]:
    """The blocks that give a name its value: the last definition, or all other statements."""
    kinds = {block.is_definition for block in blocks}
    if len(kinds) > 1 or (kinds == {True} and len(blocks) > 1 and _is_read_early(module, name)):
        raise RejectedError(DropReason.REDEFINED, name)
    return blocks[-1:] if kinds == {True} else blocks


def _is_read_early(module: Module, name: str) -> bool:
    """Whether a definition may be in use before a later one takes its place."""
    for block in module.blocks:
        if block.raw is not None and name not in block.raw:
            continue
        decorators = getattr(block.node, "decorator_list", ())
        nodes = (inner for node in decorators for inner in walk(node))
        if any(isinstance(inner, ast.Name) and inner.id == name for inner in nodes):
            return True
        if not block.is_definition and name in block.needs:
            return True
    return False


def check_attributes(found: Slice) -> None:
    """Check that each attribute is one that something in reach has.

    Raises:
        RejectedError: With the first attribute that nothing has.
    """
    known = _attributes_in_reach(found)
    imported = {item.name for item in found.imports}
    for block in found.blocks:
        unknown = attributes_used(block.facts, imported) - known
        if unknown:
            raise RejectedError(DropReason.OBJECT_ATTRIBUTE, min(unknown))


def _attributes_in_reach(found: Slice) -> frozenset[str]:
    names = frozenset[str]().union(*(block.needs for block in found.blocks))
    catches = any(block.facts.catches for block in found.blocks)
    return builtin_attributes().union(
        exception_attributes() if catches else (),
        CLASS_ATTRIBUTES if _has_class(found) else (),
        *(attributes_of_builtin(name) for name in names),
        *(module_attributes(module) for module in _modules(found)),
        *(block.facts.defined for block in found.blocks),
    )


def _has_class(found: Slice) -> bool:
    return any(block.facts.classes for block in found.blocks)


def attributes_used(facts: Facts, imported: set[str]) -> set[str]:
    """Attributes of whatever is not an imported module."""
    local = {item.name for node in facts.imports for item in imports_of(node)}
    chains = (c for c in facts.chains if c.root not in imported and c.root not in local)
    return facts.attributes.union(*(chain.attributes for chain in chains))


def _modules(found: Slice) -> set[str]:
    modules = {imported.module for imported in found.imports}
    for block in found.blocks:
        for node in block.facts.imports:
            modules.update(item.module for item in imports_of(node))
    return modules
