"""What the names of a module mean: which statement or import binds each of them.

Covered: conditions that can be decided without running anything (`sys.version_info`,
`TYPE_CHECKING`, `__name__ == "__main__"`), imports with a fall-back, star imports of allowed
modules, names bound by several statements or changed by later ones, overloads.
Not covered: names put into the module by `globals()` or `setattr`.
"""

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from tasks.extract.facts import Facts, facts_of
from tasks.extract.source_text import Edit, SourceText
from tasks.programs.names import needed_names

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Imported:
    """One name that an import binds."""

    name: str
    module: str
    """Absolute, or starting with a dot where the import is relative."""
    attribute: str | None = None
    """What is taken from the module; None where the module itself is bound."""
    aliased: bool = False
    """`import a.b as c` binds a.b; without the alias it binds a."""

    @property
    def path(self) -> tuple[str, ...]:
        """What the name stands for: a module, and perhaps a name in it."""
        if self.attribute is not None:
            return self.module, self.attribute
        return (self.module if self.aliased else self.module.partition(".")[0],)


@dataclass(eq=False)
class Block:
    """A statement at module level, or a static method."""

    index: int
    node: ast.stmt
    text: SourceText
    conditional: bool = False
    owner: str = ""
    """The class that a static method stands in."""

    @property
    def name(self) -> str:
        """What a definition is called; empty for other statements."""
        return self.node.name if isinstance(self.node, Definition) else ""

    @property
    def is_function(self) -> bool:
        """A plain function (a coroutine is none)."""
        return isinstance(self.node, ast.FunctionDef)

    @property
    def is_definition(self) -> bool:
        """A function or a class."""
        return isinstance(self.node, Definition)

    @cached_property
    def facts(self) -> Facts:
        """What stands in it."""
        return facts_of(self.node)

    @cached_property
    def source(self) -> str:
        """Its own text, dedented; of a static method, without the decorator."""
        return self.render(())

    def render(self, edits: Iterable[Edit]) -> str:
        """Its text with some edits made."""
        return self.text.statement(self.node, [*edits, *_without_static(self)])

    @cached_property
    def needs(self) -> frozenset[str]:
        """Names that it takes from the module or from Python.

        A statement that gives a name a new value made of the old one needs the old one too.
        """
        return needed_names(self.source) | (frozenset() if self.is_definition else _renewed(self))


Binding = Imported | Block


@dataclass
class Module:
    """The names of one source file."""

    text: SourceText
    blocks: list[Block] = field(default_factory=list)
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    typing_only: dict[str, Imported] = field(default_factory=dict)
    """Imports that only annotations see."""
    missing: dict[str, Imported] = field(default_factory=dict)
    """Imports that a `try` does without, since they are not allowed here."""
    changers: dict[str, list[Block]] = field(default_factory=dict)
    """Statements at module level that change the object of a name, in order."""
    unknown_stars: list[str] = field(default_factory=list)
    """Modules that are star-imported and not known."""
    deleted: set[str] = field(default_factory=set)

    @cached_property
    def type_parameters(self) -> frozenset[str]:
        """Names between the brackets of `def f[T](...)`, anywhere in the module (PEP 695)."""
        nodes = [inner for block in self.blocks for inner in getattr(block.node, "type_params", ())]
        return frozenset(str(node.name) for node in nodes)

    @property
    def shadowing_stars(self) -> bool:
        """Whether a star import may hide a builtin; of the standard library only `open` does."""
        tops = (name.partition(".")[0] for name in self.unknown_stars)
        return any(top not in sys.stdlib_module_names for top in tops)

    @cached_property
    def state(self) -> frozenset[str]:
        """Globals that a function or class of the module rebinds or changes."""
        names: set[str] = set()
        for block in self.blocks:
            if block.is_definition:
                facts = block.facts
                own = facts.stored | _parameters(block.node)
                names |= facts.declared | (facts.mutated - own)
        return frozenset(names)


def _renewed(block: Block) -> frozenset[str]:
    """Names that a statement assigns from themselves: `x += 1`, `x = f(x)`."""
    names: set[str] = set()
    for node in ast.walk(block.node):
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
        elif isinstance(node, ast.Assign):
            read = {inner.id for inner in ast.walk(node.value) if isinstance(inner, ast.Name)}
            names |= {t.id for t in node.targets if isinstance(t, ast.Name) and t.id in read}
    return frozenset(names)


def _without_static(block: Block) -> Iterator[Edit]:
    """Take `@staticmethod` off, up to the decorator or `def` below."""
    node, text = block.node, block.text
    if not block.owner or not isinstance(node, ast.FunctionDef):
        return
    marks = [text.decorator(inner) for inner in node.decorator_list]
    marks.append(text.offset(node.lineno, node.col_offset))
    for inner, start, end in zip(node.decorator_list, marks, marks[1:], strict=False):
        if isinstance(inner, ast.Name) and inner.id == "staticmethod":
            yield Edit(start, end)


def _parameters(node: ast.stmt) -> set[str]:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return set()
    return {inner.arg for inner in ast.walk(node.args) if isinstance(inner, ast.arg)}
