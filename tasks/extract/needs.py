"""What the names of a function, and of all that it needs, show before anything is parsed."""

from tasks.extract.foreign import is_surely_read
from tasks.extract.module import Binding, Block, Imported, Module
from tasks.extract.purity import BANNED_BUILTINS, check_hope
from tasks.extract.rejection import RejectedError
from tasks.programs.names import BUILTINS
from tasks.records.drops import DropReason

_SURELY = 2
"""Texts so many times too long are so without the comments between them, too."""


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
            if not imported.may_be_near:
                check_hope(*imported.split())


def _check_needs(block: Block, seen: set[Block]) -> list[Block]:
    """The blocks to look at next, those of other modules last."""
    module = block.home
    pending: list[Binding] = []
    later: list[Block] = []
    for name in sorted(block.rough_needs):
        bindings = module.bindings.get(name, ())
        for binding in bindings:
            if isinstance(binding, Imported) and not binding.may_be_near:
                check_hope(*binding.split())
        if not bindings and not module.unknown_stars:
            _check_free(module, name)
        pending += bindings[-1:]
    for binding in pending:
        last = _follow(module, binding)
        if isinstance(last, Block) and last.raw is not None and last not in seen:
            seen.add(last)
            later.append(last)
    return later


def _follow(module: Module, binding: Binding) -> Binding | None:
    """What an import from the project stands for.

    Raises:
        RejectedError: It is an import from elsewhere.
    """
    if not (isinstance(binding, Imported) and binding.may_be_near):
        return binding
    other = module.neighbour(binding)
    if other is None:
        check_hope(*binding.split())
        return None
    last = other.bindings[binding.attribute or ""][-1]
    return last if isinstance(last, Block) else None


def _check_free(module: Module, name: str) -> None:
    if name in module.missing or name in module.broken:
        return
    if name not in BUILTINS:
        raise RejectedError(DropReason.UNRESOLVED, name)
    if name in BANNED_BUILTINS and name != "hash":
        raise RejectedError(DropReason.IMPURE_CALL, name)
