"""What one statement or expression tells of the shapes in it: a rule for each kind of node.

`tasks.inputs.usage.Reader` walks the code and keeps the names; the rules are here.
"""

import ast
import contextlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from tasks.inputs.calls_seen import (
    read_builtin,
    read_method,
    read_module_function,
    tested,
)
from tasks.inputs.facts import FunctionNode
from tasks.inputs.names import named
from tasks.inputs.operators import compare, conversions, operate
from tasks.inputs.shapes import CONTAINERS, Base, Shape

if TYPE_CHECKING:  # the reader looks its rules up in the tables below
    from tasks.inputs.usage import Reader


_OF_ONE_TYPE = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def _assign(reader: "Reader", node: ast.Assign | ast.AnnAssign) -> None:
    if node.value is None:
        return
    shape = reader.read(node.value)
    base = reader.type_of(node.value)
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        reader.bind(target, shape)
        if shape is None and base is not None and isinstance(target, ast.Name):
            reader.types[target.id] = base


def _augment(reader: "Reader", node: ast.AugAssign) -> None:
    left = reader.read(node.target)
    right = reader.read(node.value)
    operate(node.op, left, right, (reader.type_of(node.target), reader.type_of(node.value)))


def _loop(reader: "Reader", node: ast.For) -> None:
    reader.iterate(node.target, node.iter)
    reader.statements([*node.body, *node.orelse])


def _match(reader: "Reader", node: ast.Match) -> None:
    subject = reader.read(node.subject)
    for case in node.cases:
        if subject is not None:
            _saw_pattern(reader, subject, case.pattern)
        reader.statements(case.body)


def _saw_pattern(reader: "Reader", subject: Shape, pattern: ast.pattern) -> None:
    for node in ast.walk(pattern):
        if isinstance(node, ast.MatchValue):
            with contextlib.suppress(ValueError):
                compare(ast.Eq(), subject, reader.constant(node.value))


def _return(reader: "Reader", node: ast.Return) -> None:
    shape = reader.read(node.value) if node.value is not None else None
    reader.returned.append(shape)


def _starred(reader: "Reader", node: ast.Starred) -> None:
    """`f(*p)`: p is a row of arguments, no text."""
    shape = reader.read(node.value)
    if shape is not None:
        shape.only((Base.LIST, Base.TUPLE), 4.0)


def _define(reader: "Reader", node: FunctionNode) -> None:
    reader.define(node)


def _name(reader: "Reader", node: ast.Name) -> Shape | None:
    return reader.shapes.get(node.id)


def _attribute(reader: "Reader", node: ast.Attribute) -> None:
    shape = reader.read(node.value)
    if shape is not None:
        read_method(shape, node.attr)


def _subscript(reader: "Reader", node: ast.Subscript) -> Shape | None:
    container = reader.read(node.value)
    index = None if isinstance(node.slice, ast.Slice) else reader.read(node.slice)
    if isinstance(node.slice, ast.Slice):
        _slice(reader, node.slice)
    if container is None:
        _lookup(reader, node.value, index)
        return None
    if isinstance(node.slice, ast.Slice):
        container.only((Base.LIST, Base.STR, Base.TUPLE, Base.BYTES))
        return container.slice()
    if reader.is_key(node.slice, node.value):
        container.only((Base.DICT,), 4.0)
    return _element(reader, container, node.slice, index)


def _slice(reader: "Reader", node: ast.Slice) -> None:
    for bound in (node.lower, node.upper, node.step):
        shape = reader.read(bound) if bound is not None else None
        if shape is not None:
            shape.only((Base.INT, Base.NONE))
            shape.span = shape.span or (0, 8)


def _lookup(reader: "Reader", table: ast.expr, index: Shape | None) -> None:
    """`TABLE[x]`, where TABLE is a constant: x is one of its keys."""
    if index is None:
        return
    try:
        known = reader.constant(table)
    except ValueError:
        index.only((Base.INT, Base.STR), 1.5)
        return
    if isinstance(known, dict):
        for key in known:
            compare(ast.Eq(), index, key)
    elif isinstance(known, (list, tuple, str)):
        index.only((Base.INT,))
        index.span = (0, max(len(known) - 1, 0))


def _element(
    reader: "Reader", container: Shape, position: ast.expr, index: Shape | None
) -> Shape | None:
    try:
        key = reader.constant(position)
    except ValueError:
        return _indexed(container, index, reader.type_of(position))
    if isinstance(key, int):
        container.only((Base.LIST, Base.TUPLE, Base.STR, Base.BYTES, Base.DICT))
        container.favour((Base.DICT,), -1.5)
        container.at_least = max(container.at_least, key + 1 if key >= 0 else -key)
        return container.inner() if key < 0 else container.at(key)
    if isinstance(key, str):
        container.only((Base.DICT,), 6.0)
        return named(container, key)
    container.only((Base.DICT,))
    return container.inner()


def _indexed(container: Shape, index: Shape | None, known: Base | None) -> Shape:
    container.only((Base.LIST, Base.STR, Base.TUPLE, Base.DICT, Base.BYTES))
    if known is Base.STR:
        container.only((Base.DICT,))
    if index is not None:
        index.only((Base.INT, Base.STR), 2.0)
        index.span = index.span or (0, 5)
    return container.inner()


def _binary(reader: "Reader", node: ast.BinOp) -> Shape | None:
    left, right = reader.read(node.left), reader.read(node.right)
    if isinstance(node.op, ast.Mod) and reader.type_of(node.left) is Base.STR:
        _formatted(reader, node, right)
        return None
    operate(node.op, left, right, (reader.type_of(node.left), reader.type_of(node.right)))
    if left is not None and right is not None and isinstance(node.op, ast.Add):
        reader.peers.append((left, right))
    # `text + '.'` is still that text; `n % 10` is no longer that number.
    return left if isinstance(node.op, ast.Add) and right is None else None


def _formatted(reader: "Reader", node: ast.BinOp, whole: Shape | None) -> None:
    """`"%s is %d" % (a, b)`, `"%s is %d" % pair`: each is of the type that is written there."""
    form = node.left.value if isinstance(node.left, ast.Constant) else ""
    types = conversions(form) if isinstance(form, str) else []
    if isinstance(node.right, ast.Tuple):
        shapes = [reader.shapes.get(getattr(e, "id", "")) for e in node.right.elts]
    elif whole is not None and len(types) > 1:
        whole.only((Base.TUPLE,), 5.0)
        whole.length = len(types)
        shapes = [whole.at(position) for position in range(len(types))]
    else:
        shapes = [whole]
    for shape, bases in zip(shapes, types, strict=False):
        if shape is not None and bases:
            shape.only(bases)


def _either(reader: "Reader", node: ast.BoolOp) -> Shape | None:
    shapes = [reader.read(value) for value in node.values]
    return shapes[0]


def _choice(reader: "Reader", node: ast.IfExp) -> Shape | None:
    reader.read(node.test)
    first, second = reader.read(node.body), reader.read(node.orelse)
    return first or second


def _compare(reader: "Reader", node: ast.Compare) -> None:
    operands = [node.left, *node.comparators]
    shapes = [reader.read(operand) for operand in operands]
    for asked, answer in zip(operands, reversed(operands), strict=True):
        _compare_type(reader, asked, answer)
    for i, operator in enumerate(node.ops):
        if isinstance(operator, (ast.In, ast.NotIn)):
            reader.member(operands[i], operands[i + 1])
        for own, other, reverse in ((i, i + 1, False), (i + 1, i, True)):
            shape = shapes[own]
            if shape is not None:
                _compare_one(reader, operator, shape, (operands[other], shapes[other]), reverse)


def _compare_type(reader: "Reader", node: ast.expr, other: ast.expr) -> None:
    """`type(x) is str`, `type(x) == type("")`: x may be of that type, and of others."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "type":
        shape = reader.read(node.args[0]) if node.args else None
        if shape is not None:
            tested(shape, other, reader.facts.aliases)


def _compare_one(
    reader: "Reader",
    operator: ast.cmpop,
    shape: Shape,
    other: tuple[ast.expr, Shape | None],
    reverse: bool,
) -> None:
    node, peer = other
    try:
        compare(operator, shape, reader.constant(node), reverse=reverse)
    except ValueError:
        if isinstance(operator, (ast.In, ast.NotIn)) and reverse:
            shape.only(CONTAINERS)
        base = reader.type_of(node)
        if base is not None and not isinstance(operator, (ast.In, ast.NotIn, ast.Is, ast.IsNot)):
            shape.only((base, Base.FLOAT) if base is Base.INT else (base,), 2.0)
        if peer is not None and isinstance(operator, (ast.Lt, ast.LtE, ast.Gt, ast.GtE)):
            shape.only((Base.INT, Base.FLOAT, Base.STR), 0.7)
        if peer is not None and not reverse and isinstance(operator, _OF_ONE_TYPE):
            reader.peers.append((shape, peer))


def _comprehension(
    reader: "Reader", node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
) -> Shape | None:
    for generator in node.generators:
        reader.iterate(generator.target, generator.iter)
        for condition in generator.ifs:
            reader.read(condition)
    if isinstance(node, ast.DictComp):
        reader.read(node.key)
        reader.read(node.value)
        return None
    element = reader.read(node.elt)
    if element is None:
        return None
    whole = Shape()
    whole.item = element
    return whole


def _named(reader: "Reader", node: ast.NamedExpr) -> Shape | None:
    shape = reader.read(node.value)
    reader.bind(node.target, shape)
    return shape


def _call(reader: "Reader", node: ast.Call) -> Shape | None:
    if isinstance(node.func, ast.Attribute):
        owner = reader.read(node.func.value)
        if owner is not None:
            arguments = _arguments(reader, node)
            return read_method(owner, node.func.attr, _constants(reader, node), arguments)
        arguments = _arguments(reader, node)
        return read_module_function(reader, node, arguments)
    arguments = _arguments(reader, node)
    if not isinstance(node.func, ast.Name):
        reader.read(node.func)
        return None
    if node.func.id in reader.shapes:
        return None
    returned = reader.follow(node, arguments)
    if node.func.id == "isinstance" and len(node.args) > 1 and arguments[0] is not None:
        tested(arguments[0], node.args[1], reader.facts.aliases)
        return None
    return returned or read_builtin(node.func.id, node, arguments, _constants(reader, node))


def _arguments(reader: "Reader", node: ast.Call) -> list[Shape | None]:
    """Shapes of the positional arguments; a lambda beside them takes their elements."""
    plain = [arg for arg in node.args if not isinstance(arg, ast.Lambda)]
    shapes = [reader.read(arg) for arg in plain]
    for keyword in node.keywords:
        if not isinstance(keyword.value, ast.Lambda):
            reader.read(keyword.value)
    lambdas = [arg for arg in node.args if isinstance(arg, ast.Lambda)]
    lambdas += [k.value for k in node.keywords if isinstance(k.value, ast.Lambda)]
    for each in lambdas:
        names = [argument.arg for argument in each.args.args]
        for name, shape in zip(names, shapes, strict=False):
            reader.bind(ast.Name(name), None if shape is None else shape.inner())
        reader.read(each.body)
    return shapes


def _constants(reader: "Reader", node: ast.Call) -> list[Any]:
    """The constant arguments, None standing for every other."""
    values: list[Any] = []
    for argument in node.args:
        try:
            values.append(reader.constant(argument))
        except ValueError:
            values.append(None)
    return values


STATEMENTS: Mapping[type[ast.stmt], Callable[["Reader", Any], None]] = {
    ast.Assign: _assign,
    ast.AnnAssign: _assign,
    ast.AugAssign: _augment,
    ast.For: _loop,
    ast.Match: _match,
    ast.Return: _return,
    ast.FunctionDef: _define,
    ast.AsyncFunctionDef: _define,
}


def _row(reader: "Reader", node: ast.Tuple | ast.List) -> Shape | None:
    """A row made of one value, such as `(c,)`: what is asked of its elements is asked of that."""
    shapes = [reader.read(element) for element in node.elts]
    if len(shapes) != 1 or shapes[0] is None:
        return None
    whole = Shape()
    whole.item = shapes[0]
    return whole


EXPRESSIONS: Mapping[type[ast.expr], Callable[["Reader", Any], Shape | None]] = {
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.BinOp: _binary,
    ast.BoolOp: _either,
    ast.IfExp: _choice,
    ast.Compare: _compare,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _comprehension,
    ast.NamedExpr: _named,
    ast.Starred: _starred,
    ast.Tuple: _row,
    ast.List: _row,
    ast.Call: _call,
}
