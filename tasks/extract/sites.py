"""Finding calls of known functions in a syntax tree, with the literal values in scope there."""

import ast
import doctest
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

from sandbox.parsing import parse_module
from tasks.extract.facts import root_name
from tasks.extract.module import Definition
from tasks.extract.values import NotLiteralError, value_of
from tasks.programs.trees import walk
from tasks.records.functions import Function

MAX_ROWS = 32
"""Rows of a loop or of `parametrize` that are followed."""

Known = Mapping[str, Any]
OnCall = Callable[[Function, ast.Call, Known], None]


class Sites:
    """Walks one file and reports each call of a function that it knows.

    Args:
        path: Of the file, inside its corpus.
        functions: The functions to look for, by name.
        report: Told the function, the call and the values of names there.
    """

    def __init__(
        self,
        path: str,
        functions: Mapping[str, Sequence[Function]],
        report: OnCall,
    ) -> None:
        self._path = path
        self._functions = functions
        self._lines: Sequence[int] | None = None
        self._report = report
        self._names: dict[str, tuple[str, str]] = {}
        self._known: dict[str, Any] = {}

    def walk(self, statements: Sequence[ast.stmt], lines: Sequence[int]) -> None:
        """Report the calls in statements of the module; what was assigned before stays known.

        Args:
            statements: Of one part of the file, in order.
            lines: Where known names are called; nothing else is looked at closely.
        """
        self._lines = lines
        self._body(statements, self._known)

    def doctest(self, docstring: str) -> None:
        """Report the calls in the examples of a docstring, which share their names."""
        try:
            examples = doctest.DocTestParser().get_examples(docstring)
        except ValueError:
            return
        inner = Sites(self._path, self._functions, self._report)
        inner._names = dict(self._names)
        known: dict[str, Any] = {}
        for example in examples:
            try:
                tree = parse_module(example.source)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
            inner._body(tree.body, known)

    def _body(self, statements: Sequence[ast.stmt], known: dict[str, Any]) -> None:
        for statement in statements:
            self._statement(statement, known)

    def _statement(self, node: ast.stmt, known: dict[str, Any]) -> None:
        match node:
            case ast.Import() | ast.ImportFrom():
                self._import(node)
            case ast.Assign() | ast.AnnAssign():
                self._assign(node, known)
            case ast.AugAssign():
                self._simple(node, known)
                _forget(node, known)
            case ast.For():
                self._loop(node, known)
            case _ if not self._is_near(node):
                if not isinstance(node, Definition):
                    _forget(node, known)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(node, known)
            case ast.ClassDef():
                self._body(node.body, dict(known))
            case ast.If() | ast.While() | ast.With() | ast.AsyncWith() | ast.Try() | ast.Match():
                self._compound(node, known)
            case _:
                self._simple(node, known)

    def _is_near(self, node: ast.stmt) -> bool:
        """Whether a known name is called on a line of the statement; doctests are always near."""
        if self._lines is None:
            return True
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
        at = bisect_left(self._lines, first)
        return at < len(self._lines) and self._lines[at] <= (node.end_lineno or node.lineno)

    def _simple(self, node: ast.AST, known: Known) -> None:
        match node:
            case ast.Expr(value=ast.Constant(value=str(docstring))) if ">>>" in docstring:
                self.doctest(docstring)
        for inner in ast.walk(node):  # breadth first: outer calls first, in the order of the text
            if isinstance(inner, ast.Call):
                for function in self._called(inner.func):
                    self._report(function, inner, known)

    def _called(self, node: ast.expr) -> Iterator[Function]:
        if isinstance(node, ast.Name):
            module, name = self._names.get(node.id, ("", node.id))
            for function in self._functions.get(name, ()):
                if self._is_here(function) if not module else _comes_from(function, module):
                    yield function
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            base = node.value.id
            module = self._names.get(base, (base, ""))[0]
            for function in self._functions.get(node.attr, ()):
                owned = self._is_here(function) and (base in {"self", "cls"} or base[0].isupper())
                if owned or _comes_from(function, module):
                    yield function

    def _is_here(self, function: Function) -> bool:
        return function.path == self._path

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        source = (getattr(node, "module", None) or "").rpartition(".")[2]
        for alias in node.names:
            local = alias.asname or alias.name.partition(".")[0]
            if isinstance(node, ast.ImportFrom):
                self._names[local] = (source or alias.name, alias.name)
            else:
                self._names[local] = (alias.name.rpartition(".")[2], "")

    def _assign(self, node: ast.Assign | ast.AnnAssign, known: dict[str, Any]) -> None:
        if self._is_near(node):
            self._simple(node, known)
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        try:
            value = value_of(node.value, known) if node.value else None
        except NotLiteralError:
            _forget(node, known)
        else:
            for target in targets:
                _bind(target, value, known)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, known: Known) -> None:
        own = _assigned_in(node) if known else ()
        outside = {name: value for name, value in known.items() if name not in own}
        for row in _parametrized(node, known):
            self._body(node.body, {**outside, **row})

    def _loop(self, node: ast.For, known: dict[str, Any]) -> None:
        rows = _rows(node.iter, known) if self._is_near(node) else []
        self._simple(node.iter, known)
        _forget(node, known)
        for row in rows:
            inner = dict(known)
            _bind(node.target, row, inner)
            self._body(node.body, inner)
        self._body([*([] if rows else node.body), *node.orelse], known)

    def _compound(self, node: ast.stmt, known: dict[str, Any]) -> None:
        if isinstance(node, ast.While):
            _forget(node, known)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt):
                self._body([child], known)
            elif isinstance(child, ast.ExceptHandler | ast.match_case):
                self._body(child.body, known)
            else:
                self._simple(child, known)
                _forget(child, known)


def _comes_from(function: Function, module: str) -> bool:
    """Whether a module of that name may be the function's own, or a package that hands it on."""
    path = PurePosixPath(function.path)
    return module in {path.stem, path.parent.name}


def _bind(target: ast.expr, value: Any, known: dict[str, Any]) -> None:
    if isinstance(target, ast.Name):
        known[target.id] = value
    elif isinstance(target, ast.Tuple | ast.List) and isinstance(value, tuple | list):
        if len(target.elts) == len(value):
            for inner, item in zip(target.elts, value, strict=True):
                _bind(inner, item, known)
    else:
        _forget(target, known)


def _forget(node: ast.AST, known: dict[str, Any]) -> None:
    """Names that are assigned somewhere in `node`, or changed, have no known value any more."""
    for name in _assigned_in(node) if known else ():
        known.pop(name, None)


def _assigned_in(node: ast.AST) -> set[str]:
    names: set[str] = set()
    for inner in walk(node):
        kind = type(inner)
        if kind in _TARGETS and not isinstance(inner.ctx, ast.Load):  # type: ignore[attr-defined]
            root = root_name(inner)  # type: ignore[arg-type]
            names.update([root] if root else [])
        elif isinstance(inner, ast.arg):
            names.add(inner.arg)
    return names


_TARGETS = frozenset((ast.Name, ast.Attribute, ast.Subscript))


def _rows(node: ast.expr, known: Known) -> list[Any]:
    """The first items of an iterable made of literals; items that are not are left out."""
    if isinstance(node, ast.List | ast.Tuple):
        return [row for item in node.elts[:MAX_ROWS] for row in _evaluated(item, known)]
    values = next(_evaluated(node, known), ())
    if isinstance(values, dict | list | tuple | str):
        return list(islice(values, MAX_ROWS))
    return []


def _evaluated(node: ast.expr, known: Known) -> Iterator[Any]:
    try:
        yield value_of(node, known)
    except NotLiteralError:
        return


def _parametrized(
    node: ast.FunctionDef | ast.AsyncFunctionDef, known: Known
) -> list[dict[str, Any]]:
    """The values that `pytest.mark.parametrize` gives to a test's arguments, row by row."""
    rows: list[dict[str, Any]] = [{}]
    for decorator in node.decorator_list:
        if not (isinstance(decorator, ast.Call) and _is_attribute(decorator.func, "parametrize")):
            continue
        match decorator.args:
            case [names, (ast.List() | ast.Tuple()) as table, *_]:
                added = list(_table(names, table, known)) or [{}]
                rows = [{**row, **more} for more in added for row in rows][:MAX_ROWS]
    return rows


def _is_attribute(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == name


def _table(names: ast.expr, table: ast.List | ast.Tuple, known: Known) -> Iterator[dict[str, Any]]:
    given = next(_evaluated(names, known), "")
    labels = given.replace(",", " ").split() if isinstance(given, str) else list(given)
    for item in table.elts[:MAX_ROWS]:
        cells, many = item, len(labels) > 1
        if isinstance(item, ast.Call) and _is_attribute(item.func, "param"):
            cells, many = ast.Tuple(item.args, ast.Load()), True
        for row in _evaluated(cells, known):
            values = row if many else (row,)
            if isinstance(values, list | tuple) and len(values) == len(labels):
                yield dict(zip(labels, values, strict=True))
