"""How the body of a function uses its parameters, read into their shapes.

One pass over the statements in order, following assignments, loops, comprehensions and calls
of helpers. Flow is not modelled: what any branch does to a value counts as evidence.
"""

import ast
from collections.abc import Mapping
from typing import Any

from tasks.inputs.annotations import annotate
from tasks.inputs.expressions import EXPRESSIONS, STATEMENTS
from tasks.inputs.facts import Facts, FunctionNode
from tasks.inputs.literals import value_of
from tasks.inputs.names import read_name
from tasks.inputs.shapes import BASES, CONTAINERS, Base, Shape

MAX_LETTERS = 2
INNER_HINT = 0.5
"""How much the name of a loop's variable counts, against that of a parameter."""
ITERATED = 5.0
"""How sure a loop is that it goes over a container, whatever that is called."""
MAX_DEPTH = 4
"""Helpers inside helpers that are followed."""
Peers = tuple[Shape, Shape]
"""Two that are added or compared, and so are of one type."""


def read_usage(facts: Facts, shapes: Mapping[str, Shape]) -> list[Peers]:
    """Add to the shapes what the entry of the program does with each parameter.

    Returns what is added to or compared with what.
    """
    reader = Reader(facts, dict(shapes), {facts.entry.name: shapes})
    reader.statements(facts.entry.body)
    return reader.peers


class Reader:
    """Reads one function; `shapes` are those of its local names."""

    def __init__(
        self,
        facts: Facts,
        shapes: dict[str, Shape],
        active: Mapping[str, Mapping[str, Shape]],
        peers: list[Peers] | None = None,
    ) -> None:
        """Start before the first statement.

        Args:
        facts: Of the program.
        shapes: Of the names that are known.
        active: The functions that are being read, with the shapes of their parameters.
        peers: Where to note what is added to or compared with what.
        """
        self.facts = facts
        self.shapes = shapes
        self.types: dict[str, Base] = {}
        """Locals that hold a value of a known type."""
        self.peers = [] if peers is None else peers
        self._active = active
        self._local: dict[str, FunctionNode] = {}
        self.members: set[tuple[str, str]] = set()
        """What is looked for in what: an element that is then an index is a key."""
        self.returned: list[Shape | None] = []
        """What each `return` hands back."""

    def statements(self, body: list[ast.stmt]) -> None:
        """Read statements in order."""
        for statement in body:
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:
        reader = STATEMENTS.get(type(node))
        if reader is not None:
            reader(self, node)
            return
        for child in ast.iter_child_nodes(node):
            self._child(child)

    def _child(self, node: ast.AST) -> None:
        if isinstance(node, ast.expr):
            self.read(node)
        elif isinstance(node, ast.stmt):
            self._statement(node)
        else:
            for child in ast.iter_child_nodes(node):
                self._child(child)

    def read(self, node: ast.expr) -> Shape | None:
        """Take the evidence in an expression; the shape it stands for, if it has one."""
        reader = EXPRESSIONS.get(type(node))
        if reader is not None:
            return reader(self, node)
        for child in ast.iter_child_nodes(node):
            self._child(child)
        return None

    def constant(self, node: ast.expr) -> Any:
        """The value of a literal or of a module's constant. Raises ValueError for others."""
        return value_of(node, self.facts.constants)

    def type_of(self, node: ast.expr) -> Base | None:
        """The type of an expression where it shows without knowing any parameter."""
        if isinstance(node, ast.Name) and node.id in self.types:
            return self.types[node.id]
        if isinstance(node, (ast.ListComp, ast.JoinedStr)):
            return Base.LIST if isinstance(node, ast.ListComp) else Base.STR
        if isinstance(node, ast.BinOp):
            return self.type_of(node.left) or self.type_of(node.right)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return _RESULTS.get(node.func.id)
        try:
            return BASES.get(type(self.constant(node)))
        except ValueError:
            return None

    # names bound to what they hold

    def bind(self, target: ast.expr, shape: Shape | None) -> None:
        """Let a target stand for a shape."""
        if isinstance(target, ast.Name):
            self.types.pop(target.id, None)
            if shape is None:
                self.shapes.pop(target.id, None)
            else:
                self.shapes[target.id] = shape
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target.elts, shape)
        elif isinstance(target, ast.Starred):
            self.bind(target.value, None)
        else:
            self.read(target)
            if isinstance(target, ast.Subscript):
                self._stored(target.value)

    def _stored(self, container: ast.expr) -> None:
        """Only lists and dicts take assignments to what is in them."""
        shape = self.read(container)
        if shape is not None:
            shape.only((Base.LIST, Base.DICT), 4.0)

    def _unpack(self, targets: list[ast.expr], shape: Shape | None) -> None:
        starred = any(isinstance(target, ast.Starred) for target in targets)
        if shape is not None:
            shape.only((Base.LIST, Base.TUPLE, Base.STR))
            shape.favour((Base.STR,), -2.5)
            shape.favour((Base.TUPLE,), 2.0)
            shape.at_least = max(shape.at_least, len(targets) - starred)
            shape.length = None if starred else len(targets)
            if shape.whole is not None:
                shape.whole.at_least = max(shape.whole.at_least, len(targets))
        for position, target in enumerate(targets):
            self.bind(target, None if shape is None or starred else shape.at(position))
            self._hint(target)

    def iterate(self, target: ast.expr, source: ast.expr) -> None:
        """Let a loop's target stand for the elements of its source."""
        if isinstance(source, ast.Call) and self._iterate_call(target, source):
            return
        shape = self.read(source)
        self.member(target, source)
        if shape is None:
            self.bind(target, None)
        else:
            shape.only(CONTAINERS, ITERATED)
            self.bind(target, shape.inner())
            self._hint(target)

    def member(self, element: ast.expr, container: ast.expr) -> None:
        """Remember that one was found in the other, where both are names."""
        if isinstance(element, ast.Name) and isinstance(container, ast.Name):
            self.members.add((element.id, container.id))

    def is_key(self, index: ast.expr, container: ast.expr) -> bool:
        """Whether the index was found in the container before."""
        names = (getattr(index, "id", ""), getattr(container, "id", ""))
        return all(names) and names in self.members

    def _hint(self, target: ast.expr) -> None:
        """What an element is called tells of it, unless that is a mere letter."""
        if isinstance(target, ast.Name) and len(target.id) > MAX_LETTERS:
            shape = self.shapes.get(target.id)
            if shape is not None:
                read_name(shape, target.id, "", INNER_HINT)

    def _iterate_call(self, target: ast.expr, call: ast.Call) -> bool:
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        elements = target.elts if isinstance(target, (ast.Tuple, ast.List)) else []
        if name == "enumerate" and call.args and len(elements) == 2:  # noqa: PLR2004 - a pair
            self.bind(elements[0], None)
            self.iterate(elements[1], call.args[0])
            return True
        if name == "zip" and len(elements) == len(call.args):
            for element, source in zip(elements, call.args, strict=True):
                self.iterate(element, source)
            return True
        return isinstance(call.func, ast.Attribute) and self._iterate_dict(target, call.func)

    def _iterate_dict(self, target: ast.expr, method: ast.Attribute) -> bool:
        if method.attr not in {"items", "keys", "values"}:
            return False
        shape = self.read(method.value)
        if shape is None:
            self.bind(target, None)
            return True
        shape.only((Base.DICT,), 5.0)
        if method.attr == "items" and isinstance(target, ast.Tuple) and len(target.elts) == 2:  # noqa: PLR2004 - a pair
            self.bind(target.elts[0], shape.key())
            self.bind(target.elts[1], shape.inner())
        else:
            self.bind(target, {"keys": shape.key(), "values": shape.inner()}.get(method.attr))
        return True

    # calls of the program's own functions

    def follow(self, call: ast.Call, arguments: list[Shape | None]) -> Shape | None:
        """Read a helper with what is passed to it; the shape that it hands back, if any."""
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        helper = self._local.get(name) or self.facts.functions.get(name)
        if helper is None or len(self._active) > MAX_DEPTH:
            return None
        parameters = [*helper.args.posonlyargs, *helper.args.args]
        passed = dict(zip((p.arg for p in parameters), arguments, strict=False))
        if name in self._active:
            self._again(passed, self._active[name])
            return None
        for keyword in call.keywords:
            if keyword.arg:
                passed[keyword.arg] = self.read(keyword.value)
        shapes = {parameter: shape for parameter, shape in passed.items() if shape is not None}
        for parameter in [*parameters, *helper.args.kwonlyargs]:
            if parameter.annotation and parameter.arg in shapes:
                annotate(shapes[parameter.arg], parameter.annotation, self.facts.aliases)
        closed = self.shapes if name in self._local else {}
        active = {**self._active, name: shapes}
        reader = Reader(self.facts, {**closed, **shapes}, active, self.peers)
        reader.statements(helper.body)
        known = [shape for shape in reader.returned if shape is not None]
        # A helper that hands back something else on another path does not keep the shape.
        return known[0] if known and len(known) == len(reader.returned) else None

    @staticmethod
    def _again(passed: Mapping[str, Shape | None], first: Mapping[str, Shape]) -> None:
        """A function calls itself: what is inside its arguments may be as they are."""
        for name, shape in passed.items():
            whole = first.get(name)
            if shape is not None and whole is not None and shape is not whole:
                shape.alike = None if shape.whole is whole else whole

    def define(self, node: FunctionNode) -> None:
        """Remember a local function: it is read where it is called."""
        self._local[node.name] = node


_RESULTS: Mapping[str, Base] = {
    "len": Base.INT,
    "int": Base.INT,
    "ord": Base.INT,
    "sum": Base.INT,
    "abs": Base.INT,
    "float": Base.FLOAT,
    "str": Base.STR,
    "chr": Base.STR,
    "list": Base.LIST,
    "sorted": Base.LIST,
    "range": Base.LIST,
    "dict": Base.DICT,
    "set": Base.SET,
    "tuple": Base.TUPLE,
}
