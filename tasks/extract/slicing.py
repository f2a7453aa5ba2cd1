"""The slice of a module that one function needs: helpers, constants, classes, imports.

A name stands for all statements that bind it or change its object at module level; of several
definitions, for the last. Whatever is sliced in must itself be pure (`tasks.extract.purity`).
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

from tasks.extract.facts import Chain, Facts
from tasks.extract.foreign import is_surely_read
from tasks.extract.module import Binding, Block, Imported, Module
from tasks.extract.purity import (
    BANNED_ATTRIBUTES,
    BANNED_BUILTINS,
    CLASS_ATTRIBUTES,
    attributes_of_builtin,
    builtin_attributes,
    check_hope,
    check_use,
    exception_attributes,
    module_attributes,
)
from tasks.extract.reading import imports_of
from tasks.extract.rejection import RejectedError
from tasks.programs.names import BUILTINS
from tasks.programs.trees import walk
from tasks.records.drops import DropReason


def check_names(block: Block, max_lines: int) -> None:
    """Check what the names of a function, and of what it needs, show before anything is parsed.

    Raises:
        RejectedError: No way of using one of its names would be allowed.
        SyntaxError: The running Python cannot parse it.
    """
    _check_foreign(block)
    pending, seen, lines = [block], {block}, 0
    while pending:
        looked_at = pending.pop()
        lines += (looked_at.raw or "").count("\n")
        if lines > _SURELY * max_lines:
            raise RejectedError(DropReason.PROGRAM_TOO_LONG, f"{lines} lines or more")
        try:
            pending += _check_needs(looked_at, seen)
        except RejectedError as error:
            if looked_at is block:
                raise
            detail = f"{error.detail} in {looked_at.name or f'line {looked_at.line}'}"
            raise RejectedError(error.reason, detail) from error


def _check_foreign(block: Block) -> None:
    for imported in block.home.foreign:
        if not block.owner and is_surely_read(block.raw or "", imported.name):
            _follow(block.home, imported)
            if not _may_be_near(imported):
                check_hope(*_split(imported))


def _check_needs(block: Block, seen: set[Block]) -> list[Block]:
    """The blocks to look at next, those of other modules last."""
    module = block.home
    pending: list[Binding] = []
    later: list[Block] = []
    for name in sorted(block.rough_needs):
        bindings = module.bindings.get(name, ())
        for binding in bindings:
            if isinstance(binding, Imported) and not _may_be_near(binding):
                check_hope(*_split(binding))
        if not bindings and not module.unknown_stars:
            _check_free(module, name)
        pending += bindings[-1:]
    for binding in pending:
        last = _follow(module, binding)
        if isinstance(last, Block) and last.raw is not None and last not in seen:
            seen.add(last)
            later.append(last)
    return later


def _may_be_near(imported: Imported) -> bool:
    """Whether a module that no program can import may be one of the package."""
    top = imported.module.partition(".")[0]
    return imported.attribute == imported.name and top not in sys.stdlib_module_names


def _follow(module: Module, binding: Binding) -> Binding | None:
    """What an import from the package stands for.

    Raises:
        RejectedError: It is an import from elsewhere.
    """
    if not (isinstance(binding, Imported) and _may_be_near(binding)):
        return binding
    other = module.neighbour(binding)
    if other is None:
        check_hope(*_split(binding))
        return None
    last = other.bindings[binding.name][-1]
    return last if isinstance(last, Block) else None


def _check_free(module: Module, name: str) -> None:
    if name in module.missing or name in module.broken:
        return
    if name not in BUILTINS:
        raise RejectedError(DropReason.UNRESOLVED, name)
    if name in BANNED_BUILTINS and name != "hash":
        raise RejectedError(DropReason.IMPURE_CALL, name)


_SURELY = 2
"""Texts so many times too long are so without the comments between them, too."""
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
    """From a module to those of the same package that something was taken from."""

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

    def rank(module: Module, above: tuple[Module, ...]) -> None:
        for other in found.uses.get(module, ()):
            if other not in ranks and other not in above:
                rank(other, (*above, module))
        ranks.setdefault(module, len(ranks))

    rank(found.module, ())
    return sorted(found.blocks, key=lambda block: (ranks[block.home], block.index))


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
    pending = [block]
    while pending:
        block = pending.pop()
        if block in found.blocks:
            continue
        found.blocks.append(block)
        try:
            pending += _requirements(found, block)
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


def _check_block(block: Block) -> None:
    facts = block.facts
    if facts.declared:
        raise RejectedError(DropReason.GLOBAL_STATE, min(facts.declared))
    changed = (facts.mutated - facts.stored) & (block.needs | {block.name})
    if changed and block.is_definition:
        raise RejectedError(DropReason.GLOBAL_STATE, min(changed))
    if facts.awaits:
        raise RejectedError(DropReason.COROUTINE)
    for node in facts.imports:
        for imported in imports_of(node):
            _check_import(imported, facts.chains)
    banned = [c for c in facts.chains if not BANNED_ATTRIBUTES.isdisjoint(c.attributes)]
    if banned or not BANNED_ATTRIBUTES.isdisjoint(facts.attributes):
        names = {name for c in banned for name in c.attributes} | facts.attributes
        raise RejectedError(DropReason.IMPURE_CALL, min(names & BANNED_ATTRIBUTES))


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
        check_use(*_split(module.missing[name]))
        raise RejectedError(DropReason.EXTERNAL_IMPORT, module.missing[name].module)
    elif module.unknown_stars and (name not in BUILTINS or module.shadowing_stars):
        raise RejectedError(DropReason.STAR_IMPORT, f"{name} from {module.unknown_stars[-1]}")
    elif name not in BUILTINS:
        raise RejectedError(DropReason.UNRESOLVED, name)
    elif name in BANNED_BUILTINS and not _hashes_itself(block, name):
        raise RejectedError(DropReason.IMPURE_CALL, name)


def _split(imported: Imported) -> tuple[str, tuple[str, ...]]:
    module, *rest = imported.path
    return module, tuple(rest)


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
    if blocks and module.is_state(name):
        raise RejectedError(DropReason.GLOBAL_STATE, name)
    if imports and (blocks or len({imported.path for imported in imports}) > 1):
        raise RejectedError(DropReason.REDEFINED, name)
    for imported in imports[:1]:
        other = module.neighbour(imported) if _may_be_near(imported) else None
        if other is not None and depth < _MAX_HOPS:
            if module.is_state(name):
                raise RejectedError(DropReason.GLOBAL_STATE, name)
            found.uses.setdefault(module, []).append(other)
            yield from _resolve_bound(found, block, name, other, depth + 1)
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
