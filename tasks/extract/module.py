"""What the names of a module mean: which statement or import binds each of them.

Covered: conditions that can be decided without running anything (`sys.version_info`,
`TYPE_CHECKING`, `__name__ == "__main__"`), imports with a fall-back, star imports of allowed
modules, names bound by several statements or changed by later ones, overloads.
Not covered: names put into the module by `globals()` or `setattr`.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cached_property
from typing import Any, NamedTuple

from sandbox.parsing import parse_module
from tasks.extract.facts import Facts, facts_of
from tasks.extract.mentions import may_change
from tasks.extract.methods import METHOD_MAKERS, ClassMethod
from tasks.extract.purity import is_allowed
from tasks.extract.rejection import RejectedError
from tasks.extract.source_text import Edit, SourceText
from tasks.programs.names import Names, names_of, needed_names
from tasks.programs.trees import walk

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

_HAS_TYPE_PARAMETERS = re.compile(r"^[ \t]*(?:async\s+def|def|class|type)\s+\w+\s*\[", re.MULTILINE)
LAST = 1 << 30
"""Index of a block behind all others of its module."""
_COMMA = re.compile(rb"\s*,\s*")


class Imported(NamedTuple):
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

    def split(self) -> tuple[str, tuple[str, ...]]:
        """The module, and the name in it if there is one."""
        module, *rest = self.path
        return module, tuple(rest)

    @property
    def may_be_near(self) -> bool:
        """Whether a module that no program can import may be one of the project."""
        top = self.module.partition(".")[0]
        return self.attribute is not None and top not in sys.stdlib_module_names


class Kind(Enum):
    """What a block is."""

    FUNCTION = auto()
    COROUTINE = auto()
    CLASS = auto()
    STATEMENT = auto()

    @classmethod
    def of(cls, node: ast.stmt) -> "Kind":
        """The kind of a statement."""
        return _KINDS.get(type(node), cls.STATEMENT)


_KINDS: dict[type[ast.stmt], Kind] = {
    ast.FunctionDef: Kind.FUNCTION,
    ClassMethod: Kind.FUNCTION,
    ast.AsyncFunctionDef: Kind.COROUTINE,
    ast.ClassDef: Kind.CLASS,
}


@dataclass(eq=False)
class Block:
    """A statement at module level, or a method that needs no object.

    Where the file was only cut and not parsed, the syntax tree is made when it is asked for: what
    asks for `node`, directly or through others, may raise SyntaxError, ValueError, RecursionError.
    """

    index: int
    kind: Kind
    name: str
    """What a definition is called; empty for other statements."""
    text: SourceText
    line: int
    """Of the whole text."""
    tree: ast.stmt | Callable[[], ast.stmt]
    home: "Module" = field(repr=False)
    conditional: bool = False
    owner: str = ""
    """The class that a method stands in."""
    raw: str | None = None
    """The text it was cut out as, decorators and all; None where the whole file was parsed."""
    refusal: RejectedError | None = None
    """What its text alone already shows to be wrong with it."""

    @cached_property
    def node(self) -> ast.stmt:
        """Its syntax tree."""
        return self.tree() if callable(self.tree) else self.tree

    @property
    def is_function(self) -> bool:
        """A plain function (a coroutine is none)."""
        return self.kind is Kind.FUNCTION

    @property
    def is_definition(self) -> bool:
        """A function or a class."""
        return self.kind is not Kind.STATEMENT

    @cached_property
    def facts(self) -> Facts:
        """What stands in it."""
        return facts_of(self.node)

    @cached_property
    def source(self) -> str:
        """Its own text, dedented; of a method, without what makes it one."""
        return self.render(())

    def render(self, edits: Iterable[Edit]) -> str:
        """Its text with some edits made."""
        return self.text.statement(self.node, [*edits, *_without_class(self)])

    @cached_property
    def needs(self) -> frozenset[str]:
        """Names that it takes from the module or from Python.

        A statement that gives a name a new value made of the old one needs the old one too.
        """
        return self.names.needed | (frozenset() if self.is_definition else _renewed(self))

    @cached_property
    def names(self) -> Names:
        """What its symbol table says, of a method without what makes it one."""
        return names_of(self.source if self.raw is None or self.owner else self.raw)

    @cached_property
    def rough_needs(self) -> frozenset[str]:
        """What it needs, without parsing; of a method, with the names of its decorators."""
        if self.raw is None:
            return self.needs
        return needed_names(f"if 1:\n{self.raw}") if self.owner else self.names.needed

    @cached_property
    def changes(self) -> frozenset[str]:
        """Names of the module that a definition rebinds, or whose object it changes."""
        facts = self.facts
        own = facts.stored | _parameters(self.node)
        return frozenset(facts.declared | (facts.mutated - own))


Binding = Imported | Block


@dataclass(eq=False)
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
    broken: set[str] = field(default_factory=set)
    """Words of statements that the running Python cannot parse: what they are is not known."""
    find: "Callable[[str], Module | None]" = lambda _name: None
    """The module of the same package that an import names."""
    _state: dict[str, bool] = field(default_factory=dict)
    _aliases: dict[Imported, Block] = field(default_factory=dict)

    def bind(self, name: str, binding: Binding) -> None:
        """Note one more thing that a name is bound to."""
        self.bindings.setdefault(name, []).append(binding)

    def add(self, kind: Kind, name: str, *origin: Any, **more: Any) -> Block:
        """Add a block, the arguments in the order of its fields, in the order of the source."""
        more["home"] = self
        block = Block(len(self.blocks), kind, name, *origin, **more)
        self.blocks.append(block)
        return block

    def forget(self) -> None:
        """Let go of everything: blocks know their module, and modules their blocks."""
        self.blocks.clear()
        self.bindings.clear()
        self.changers.clear()
        self._aliases.clear()
        self.find = lambda _name: None

    def neighbour(self, imported: Imported) -> "Module | None":
        """The module of the project that an import takes a name from."""
        if self._is_changed_here(imported.name):
            return None
        other = self.find(imported.module)
        if other is None or imported.attribute not in other.bindings:
            return None
        hidden = imported.attribute != imported.name and imported.name in other.bindings
        return None if hidden else other

    def alias(self, imported: Imported) -> Block:
        """What `import x as y` says, for a name of this module: the statement `y = x` in it."""
        if imported not in self._aliases:
            text = f"{imported.name} = {imported.attribute}\n"
            tree = parse_module(text).body[0]
            self._aliases[imported] = Block(
                LAST, Kind.STATEMENT, "", SourceText(text), 1, tree, self
            )
        return self._aliases[imported]

    def _is_changed_here(self, name: str) -> bool:
        return name in self.changers or len(self.bindings[name]) > 1

    @cached_property
    def foreign(self) -> list[Imported]:
        """Imports, each the only meaning of its name, of modules that programs may not have."""
        single = (bound[0] for bound in self.bindings.values() if len(bound) == 1)
        imports = (one for one in single if isinstance(one, Imported))
        return [one for one in imports if not is_allowed(one.module)]

    @cached_property
    def type_parameters(self) -> frozenset[str]:
        """Names between the brackets of `def f[T](...)`, anywhere in the module (PEP 695)."""
        heads = (b for b in self.blocks if b.raw is None or _HAS_TYPE_PARAMETERS.search(b.raw))
        nodes = (inner for block in heads for inner in getattr(block.node, "type_params", ()))
        return frozenset(str(node.name) for node in nodes)

    @property
    def shadowing_stars(self) -> bool:
        """Whether a star import may hide a builtin; of the standard library only `open` does."""
        tops = (name.partition(".")[0] for name in self.unknown_stars)
        return any(top not in sys.stdlib_module_names for top in tops)

    def is_state(self, name: str) -> bool:
        """Whether a function or class of the module rebinds a global, or changes its object."""
        if name not in self._state:
            self._state[name] = any(
                name in block.changes
                for block in self.blocks
                if block.is_definition and (block.raw is None or may_change(block.raw, name))
            )
        return self._state[name]


def _renewed(block: Block) -> frozenset[str]:
    """Names that a statement assigns from themselves: `x += 1`, `x = f(x)`."""
    names: set[str] = set()
    for node in walk(block.node):
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
        elif isinstance(node, ast.Assign):
            read = {inner.id for inner in walk(node.value) if isinstance(inner, ast.Name)}
            names |= {t.id for t in node.targets if isinstance(t, ast.Name) and t.id in read}
    return frozenset(names)


def _without_class(block: Block) -> Iterator[Edit]:
    """Take `@staticmethod` or `@classmethod` off, up to what stands below; and the unused `cls`."""
    node, text = block.node, block.text
    if not block.owner or not isinstance(node, ast.FunctionDef):
        return
    marks = [text.decorator(inner) for inner in node.decorator_list]
    marks.append(text.offset(node.lineno, node.col_offset))
    for inner, start, end in zip(node.decorator_list, marks, marks[1:], strict=False):
        if isinstance(inner, ast.Name) and inner.id in METHOD_MAKERS:
            yield Edit(start, end)
    if isinstance(node, ClassMethod):
        start = text.start(node.first)
        yield Edit(start, _after_comma(text.data, text.end(node.first)))


def _after_comma(data: bytes, position: int) -> int:
    found = _COMMA.match(data, position)
    return found.end() if found else position


def _parameters(node: ast.stmt) -> set[str]:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return set()
    return {inner.arg for inner in walk(node.args) if isinstance(inner, ast.arg)}
