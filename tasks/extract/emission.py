"""The program of a slice: imports, then the blocks in source order, then the function.

Text is cut from the source, so comments and layout stay. Annotations stay where every name in
them resolves within the program, and are cut out elsewhere; where any stays, the program starts
with the `__future__` import that leaves them unevaluated. Where something that runs while the
program is loaded needs the function, it stays in its place instead of coming last.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tasks.extract.methods import METHOD_MAKERS
from tasks.extract.module import Block, Imported, Module
from tasks.extract.purity import check_use
from tasks.extract.reading import imports_of
from tasks.extract.rejection import RejectedError
from tasks.extract.slicing import Slice, add_block, check_homes, in_order
from tasks.extract.spots import Spot, names_in, spots_of
from tasks.programs.names import BUILTINS, FUTURE
from tasks.programs.trees import walk
from tasks.records.drops import DropReason

_MAX_ALIAS_LINES = 5
MAX_PROGRAM_CHARS = 16_000
"""A program of few lines can still be a large table."""


@dataclass(frozen=True, slots=True)
class Emitted:
    """A program, and the function as it stands in it."""

    program: str
    code: str
    modules: tuple[str, ...]
    """Top-level modules imported anywhere in it, sorted."""
    kept: frozenset[int]
    """`id` of the annotations that stayed."""
    statements: tuple[ast.stmt, ...]
    """Its blocks as trees, annotations and all, in the same order."""


def emit(found: Slice, max_lines: int) -> Emitted:
    """Write the program of a slice, and make sure that it compiles and that its names resolve.

    Raises:
        RejectedError: It is too long, or does not stand on its own after all.
    """
    spots = {block: list(spots_of(block)) for block in found.blocks}
    kept = frozenset(
        id(spot.annotation)
        for block, some in spots.items()
        for spot in some
        if _stays(found, block.home, spot)
    )
    check_homes(found)
    texts = {block: _render(block, spots.get(block), kept) for block in _ordered(found)}
    body = _joined(texts)
    imports = _import_lines(found.imports)
    head = FUTURE if _has_annotations(found, kept) else ""
    head = "\n\n".join(part.rstrip("\n") for part in (head, imports) if part)
    gap = "\n\n\n" if next(iter(texts)).is_definition else "\n\n"
    program = (head + gap if head else "") + body + "\n"
    _check(program, max_lines)
    _check_names(found)
    statements = tuple(map(_as_function, texts))
    return Emitted(program, _code(found, texts), _modules(found), kept, statements)


def _code(found: Slice, texts: dict[Block, str]) -> str:
    """The function, with the generator that it makes lists of: the last two blocks."""
    code = texts[found.target]
    return f"{texts[found.wrapped]}\n\n\n{code}" if found.wrapped else code


def _as_function(block: Block) -> ast.stmt:
    """The tree of a block; of a method, without the decorator that makes it one."""
    node = block.node
    if not block.owner or not isinstance(node, ast.FunctionDef):
        return node
    fields = {name: getattr(node, name) for name in node._fields}
    others = [one for one in node.decorator_list if getattr(one, "id", "") not in METHOD_MAKERS]
    return ast.FunctionDef(**fields | {"decorator_list": others})


def import_nodes(imports: Iterable[Imported]) -> Iterator[ast.stmt]:
    """The statements that bind imported names."""
    for item in imports:
        if item.attribute is None:
            yield ast.Import([ast.alias(item.module, item.name if item.aliased else None)])
        else:
            yield ast.ImportFrom(item.module, [ast.alias(item.attribute, item.name)], 0)


def _render(block: Block, spots: list[Spot] | None, kept: frozenset[int]) -> str:
    # A type alias that an annotation brought in has no entry: it has no annotations to judge.
    edits = [spot.removal for spot in spots or () if id(spot.annotation) not in kept]
    return block.render(edits) if edits else block.source


def _has_annotations(found: Slice, kept: frozenset[int]) -> bool:
    return bool(kept) or any(block.facts.fields for block in found.blocks)


def _stays(found: Slice, module: Module, spot: Spot) -> bool:
    """Whether the program has every name of the annotation; imports and aliases are added to it."""
    blocks, imports = list(found.blocks), set(found.imports)
    try:
        for name in sorted(names_in(spot.annotation)):
            _provide(found, module, name, spot.annotation)
    except (RejectedError, SyntaxError, ValueError):
        found.blocks, found.imports = blocks, imports
        return False
    return True


def _provide(found: Slice, home: Module, name: str, annotation: ast.expr) -> None:
    """Make a name of an annotation resolve. Raises RejectedError where that cannot be."""
    bindings = home.bindings.get(name, ())
    imported = next((b for b in bindings if isinstance(b, Imported)), None)
    imported = imported or home.typing_only.get(name)
    if imported is not None:
        module, *rest = imported.path
        for used in _attributes_of(name, annotation) or [()]:
            check_use(module, (*rest, *used))
        found.imports.add(imported)
    elif bindings:
        block = bindings[-1]
        if isinstance(block, Block) and block not in found.blocks:
            _add_alias(found, block)
    elif name not in BUILTINS and name not in home.type_parameters:
        raise RejectedError(DropReason.UNRESOLVED, name)


def _attributes_of(name: str, annotation: ast.expr) -> list[tuple[str, ...]]:
    return [
        (node.attr,)
        for node in walk(annotation)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
    ]


def _add_alias(found: Slice, block: Block) -> None:
    """Add a type variable or alias: a short assignment."""
    lines = (block.node.end_lineno or 0) - block.node.lineno + 1
    if not isinstance(block.node, ast.Assign) or lines > _MAX_ALIAS_LINES:
        raise RejectedError(DropReason.UNRESOLVED)
    add_block(found, block)


def _ordered(found: Slice) -> list[Block]:
    blocks = sorted(in_order(found), key=lambda block: block is found.wrapped)
    others = [block for block in blocks if block is not found.target]
    loads = any(not block.is_function for block in others)
    if loads and any(found.name in block.needs for block in others):
        return blocks
    return [*others, found.target]


def _joined(texts: dict[Block, str]) -> str:
    """Two blank lines around definitions, none between plain statements."""
    pieces: list[str] = []
    before: Block | None = None
    for block, text in texts.items():
        if before is not None:
            pieces.append("\n\n\n" if block.is_definition or before.is_definition else "\n")
        pieces.append(text)
        before = block
    return "".join(pieces)


def _import_lines(imports: set[Imported]) -> str:
    """`import` lines, then `from` lines, each sorted; names of one module on one line."""
    plain = {_aliased(i.module, i.name if i.aliased else "") for i in imports if not i.attribute}
    taken: dict[str, set[str]] = {}
    for item in imports:
        if item.attribute:
            alias = item.name if item.name != item.attribute else ""
            taken.setdefault(item.module, set()).add(_aliased(item.attribute, alias))
    lines = [f"import {name}" for name in sorted(plain)]
    lines += [
        f"from {module} import {', '.join(sorted(taken[module]))}" for module in sorted(taken)
    ]
    return "\n".join(lines)


def _aliased(name: str, alias: str) -> str:
    return f"{name} as {alias}" if alias else name


def _modules(found: Slice) -> tuple[str, ...]:
    inner = (node for block in found.blocks for node in block.facts.imports)
    imported = [*found.imports, *(item for node in inner for item in imports_of(node))]
    return tuple(sorted({item.module.partition(".")[0] for item in imported}))


def _check(program: str, max_lines: int) -> None:
    lines = program.count("\n")
    if lines > max_lines or len(program) > MAX_PROGRAM_CHARS:
        raise RejectedError(DropReason.PROGRAM_TOO_LONG, f"{lines} lines")
    try:
        compile(program, "<program>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise RejectedError(DropReason.BROKEN_SLICE, str(error)) from error


def _check_names(found: Slice) -> None:
    """Check that what one block needs another binds: what `unresolved_names` would say of it all.

    The blocks have their symbol tables already; one of the whole program would be one more.
    """
    names = [block.names for block in found.blocks]
    known = BUILTINS.union({item.name for item in found.imports}, *(one.bound for one in names))
    missing = frozenset[str]().union(*(one.needed for one in names)) - known
    if missing:
        raise RejectedError(DropReason.UNRESOLVED, min(missing))
