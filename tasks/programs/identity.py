"""Whether two programs are the same but for names, comments, layout and annotations.

The hash is of the syntax tree, starting at the entry and following the names that it uses.
Parameters and local names count by the order of their appearance, helpers and constants by the
order in which they are met; imported names, builtins and attributes keep their names. Docstrings
and annotations do not count, except that a class keeps the names of its annotated fields.

Not covered: programs that compute the same in another way, and a local that has the name of a
global elsewhere in the same function's nested scopes.
"""

import ast
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, get_args

from sandbox.parsing import parse_module
from tasks.programs.trees import children, walk
from tasks.records.base import digest_of

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_NAMES = frozenset(("name", "arg", "names", "rest"))
_SKIPPED = frozenset(("annotation", "returns", "type_comment", "ctx", "kind", "simple"))


def identity(program: str, entry: str) -> str:
    """The sha256 of a program's renamed syntax tree; the same under every version of Python.

    Raises:
        SyntaxError: The running Python cannot parse it.
        KeyError: It does not define `entry` at module level.
    """
    return identity_of(parse_module(program).body, entry)


def identity_of(body: Sequence[ast.stmt], entry: str) -> str:
    """The same for a program that is parsed already, of its statements in order.

    Raises:
        KeyError: It does not define `entry` at module level.
    """
    names = _Names(body)
    order = {entry: 0}
    met = [entry]
    pieces = [
        _Dump(names, order, met, statement).text()
        # The list grows while it is walked: each dump appends the names that it meets first.
        for name in met
        for statement in names.binders[name]
    ]
    return digest_of(*pieces)


class _Names:
    """What the module-level names of a program stand for."""

    def __init__(self, body: Sequence[ast.stmt]) -> None:
        self.binders: dict[str, list[ast.stmt]] = {}
        self.imported: dict[str, str] = {}
        for statement in body:
            for name in _bound_by(statement):
                self.binders.setdefault(name, []).append(statement)
            if isinstance(statement, ast.Import | ast.ImportFrom):
                self.imported |= _imported_by(statement)
        for statement in body:
            if not isinstance(statement, ast.Import | ast.ImportFrom) and not _bound_by(statement):
                self._attach(statement)

    def _attach(self, statement: ast.stmt) -> None:
        """A statement that binds nothing changes something: it counts for all names in it."""
        mentioned = {node.id for node in walk(statement) if isinstance(node, ast.Name)}
        for name in sorted(mentioned & self.binders.keys()):
            self.binders[name].append(statement)

    def keyword(self, callee: ast.expr, keyword: str) -> str:
        """A keyword of a call: the position of the parameter, where a function here is called."""
        binders = self.binders.get(callee.id, ()) if isinstance(callee, ast.Name) else ()
        for function in binders:
            if isinstance(function, _Function):
                names = [n.arg for n in ast.walk(function.args) if isinstance(n, ast.arg)]
                return f"#{names.index(keyword)}" if keyword in names else keyword
        return keyword


def _bound_by(statement: ast.stmt) -> list[str]:
    if isinstance(statement, _Definition):
        return [statement.name]
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return []
    return sorted(_stored_in(statement))


def _stored_in(node: ast.AST) -> set[str]:
    """Names assigned in a statement, comprehensions and functions inside it excepted."""
    names: set[str] = set()
    stack = [node]
    while stack:
        inner = stack.pop()
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            names.add(inner.id)
        elif isinstance(inner, _Definition):
            names.add(inner.name)
        elif not isinstance(inner, ast.comprehension | ast.Lambda):
            stack += children(inner)
    return names


def _imported_by(statement: ast.Import | ast.ImportFrom) -> dict[str, str]:
    source = f"{statement.module}." if isinstance(statement, ast.ImportFrom) else ""
    return {
        alias.asname or alias.name.partition(".")[0]: source
        + (alias.name if alias.asname or source else alias.name.partition(".")[0])
        for alias in statement.names
    }


class _Dump:
    """One module-level statement as text, with its names replaced.

    Args:
        names: Of the program.
        order: The names met so far, each with its place among them; added to.
        met: The same names in order; added to.
        statement: Is written.
    """

    def __init__(
        self, names: _Names, order: dict[str, int], met: list[str], statement: ast.stmt
    ) -> None:
        self._names = names
        self._order = order
        self._met = met
        self._statement = statement
        self._local: dict[str, int] = {}
        self._bound = _bound_in(statement)
        if isinstance(statement, _Definition):
            self._bound -= {statement.name}
        else:
            self._bound -= names.binders.keys()

    def text(self) -> str:
        """The statement, names replaced."""
        return self._node(self._statement)

    def _name(self, name: str) -> str:
        if name in self._bound:
            return f"${self._local.setdefault(name, len(self._local))}"
        if name in self._names.binders:
            if name not in self._order:
                self._order[name] = len(self._met)
                self._met.append(name)
            return f"@{self._order[name]}"
        return self._names.imported.get(name, name)

    def _node(self, node: Any) -> str:
        kind = type(node)
        if kind is ast.Name:
            return self._name(node.id)
        if kind is ast.Constant:
            return f"{type(node.value).__name__}:{node.value!r}"
        if kind is ast.Call:
            return self._call(node)
        label = "Assign" if kind is ast.AnnAssign and node.value else kind.__name__
        return f"({label} {' '.join(self._fields(node, kind))})"

    def _call(self, node: ast.Call) -> str:
        arguments = [self._node(argument) for argument in node.args]
        for keyword in node.keywords:
            name = self._names.keyword(node.func, keyword.arg) if keyword.arg else "**"
            arguments.append(f"{name}={self._node(keyword.value)}")
        return f"(Call {self._node(node.func)} {' '.join(arguments)})"

    def _fields(self, node: ast.AST, kind: type[ast.AST]) -> list[str]:
        found: list[str] = []
        for name, label in _FIELDS[kind]:
            value = getattr(node, name, None)
            if value is None or value == []:
                continue
            if name == "body" and isinstance(node, _Definition):
                value = _without_docstring(value)
            found.append(f"{label}={self._value(name, value)}")
        return found

    def _value(self, field: str, value: Any) -> str:
        if isinstance(value, ast.AST):
            text = self._node(value)
            return f"[{text}]" if field == "target" and isinstance(value, ast.Name) else text
        if isinstance(value, list):
            return f"[{' '.join([self._value(field, item) for item in value])}]"
        if isinstance(value, str) and field in _NAMES:
            return self._name(value)
        return repr(value)


class _Fields(dict[type[ast.AST], tuple[tuple[str, str], ...]]):
    """The fields of each type that count, and what each is called."""

    def __missing__(self, kind: type[ast.AST]) -> tuple[tuple[str, str], ...]:
        names = (name for name in kind._fields if name not in _SKIPPED)
        # `x: int = 1` is `x = 1`.
        renamed = {"target": "targets"} if kind is ast.AnnAssign else {}
        self[kind] = tuple((name, renamed.get(name, name)) for name in names)
        return self[kind]


_FIELDS = _Fields()


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return body[1:] if documented and len(body) > 1 else body


def _bound_in(statement: ast.stmt) -> set[str]:
    """Every name bound somewhere in a statement, members of classes excepted: those stay."""
    names: set[str] = set()
    members: set[str] = set()
    for node in walk(statement):
        bound = _BOUND_BY.get(type(node))
        name = bound(node) if bound else None
        if name:
            names.add(name)
        if isinstance(node, ast.ClassDef):
            members.update(*(_stored_in(inner) for inner in node.body))
    return names - members


_BOUND_BY: dict[type[ast.AST], Callable[[Any], str | None]] = {
    ast.Name: lambda node: None if isinstance(node.ctx, ast.Load) else node.id,
    ast.arg: lambda node: node.arg,
    ast.MatchMapping: lambda node: node.rest,
} | dict.fromkeys(
    (*get_args(_Definition), ast.ExceptHandler, ast.MatchAs, ast.MatchStar), attrgetter("name")
)
