"""One walk over a piece of syntax tree that notes everything the rules ask about.

Annotations are not walked: they are not evaluated. Names are taken as they are written, without
scopes: where that matters, the rules ask the symbol table (`tasks.programs.names`).
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from tasks.extract.words import words
from tasks.programs.trees import children, walk

MUTATORS = words(
    "append extend insert remove pop popitem clear sort reverse add discard update setdefault"
    " appendleft extendleft popleft rotate difference_update intersection_update"
    " symmetric_difference_update move_to_end subtract __setitem__ __delitem__"
)
_RECORD_MAKERS = frozenset(
    (
        "namedtuple",
        "NamedTuple",
        "Enum",
        "IntEnum",
        "StrEnum",
        "Flag",
        "make_dataclass",
        "SimpleNamespace",
    )
)
_OPERATIONS = frozenset((
    ast.Call, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.AugAssign, ast.Compare, ast.Subscript,
    ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
))  # fmt: skip
_BRANCHES = frozenset((
    ast.If, ast.For, ast.While, ast.Try, ast.TryStar, ast.match_case, ast.BoolOp, ast.IfExp,
))  # fmt: skip
_PASS_ON = frozenset(("enumerate", "sorted", "reversed", "set", "list", "tuple", "iter"))


class Chain(NamedTuple):
    """`root.attribute.attribute`, where the root is a name."""

    root: str
    attributes: tuple[str, ...]


class Flow(NamedTuple):
    """A name passed to a function that is called by name."""

    callee: str
    slot: int | str
    """Position, or keyword."""
    argument: str


@dataclass(slots=True)
class Facts:
    """What stands in a piece of code."""

    operations: int = 0
    branches: int = 0
    chains: list[Chain] = field(default_factory=list)
    attributes: set[str] = field(default_factory=set)
    """Attributes of anything but a plain name."""
    names: set[str] = field(default_factory=set)
    """Names, read or written."""
    called: set[str] = field(default_factory=set)
    stored: set[str] = field(default_factory=set)
    """Names assigned, in whatever scope."""
    mutated: set[str] = field(default_factory=set)
    """Names whose object is changed: `x[0] = 1`, `x.y = 1`, `x.append(1)`."""
    declared: set[str] = field(default_factory=set)
    """Names in `global` statements."""
    defined: set[str] = field(default_factory=set)
    """Attributes that the code itself gives to objects."""
    flows: list[Flow] = field(default_factory=list)
    elements: dict[str, str] = field(default_factory=dict)
    """From the variable of a loop to the name that it runs over."""
    imports: list[ast.Import | ast.ImportFrom] = field(default_factory=list)
    returns: list[ast.expr] = field(default_factory=list)
    """Values returned by the function itself, not by functions inside it."""
    yields: bool = False
    awaits: bool = False
    catches: bool = False
    """It gives a name to an exception."""
    annotated: bool = False
    """It has an annotation somewhere."""
    fields: bool = False
    """It annotates a variable or a field."""
    classes: bool = False
    """It is a class, or has one inside."""
    nested: set[str] = field(default_factory=set)
    """Functions and classes defined inside."""


def facts_of(node: ast.stmt) -> Facts:
    """Walk one statement; of a function or class, its decorators are left out."""
    facts = Facts()
    own: list[ast.AST] = []
    inner: list[ast.AST] = []
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        own += node.body
        inner += _defaults(node.args)
        facts.awaits = isinstance(node, ast.AsyncFunctionDef)
        facts.annotated = _is_annotated(node)
    elif isinstance(node, ast.ClassDef):
        facts.classes = True
        _define_members(node, facts)
        inner += [*node.body, *node.bases, *node.keywords]
    else:
        own.append(node)
    _visit_all(own, facts, inner)
    _visit_all(inner, facts, None)
    return facts


def _visit_all(stack: list[ast.AST], facts: Facts, inner: list[ast.AST] | None) -> None:
    """Visit nodes and all below them.

    Args:
        stack: The nodes; empty afterwards.
        facts: Are noted here.
        inner: Takes the bodies of functions inside of this one; None where we are in one already.
    """
    while stack:
        node = stack.pop()
        kind = type(node)
        if kind is ast.Constant:
            continue
        if kind in _OPERATIONS and not _is_negative_number(node):
            facts.operations += 1
        if kind in _BRANCHES:
            facts.branches += 1
        if kind in _SCOPES:
            (stack if inner is None else inner).extend(_SCOPES[kind](node, facts))
        elif kind in _HANDLERS:
            stack += _HANDLERS[kind](node, facts, inner is not None)
        else:
            stack += children(node)


def _is_negative_number(node: ast.AST) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant)


_Children = list[ast.AST]


def _present(*nodes: ast.AST | None) -> _Children:
    return [node for node in nodes if node is not None]


def _on_name(node: ast.Name, facts: Facts, _own: bool) -> _Children:
    facts.names.add(node.id)
    if not isinstance(node.ctx, ast.Load):
        facts.stored.add(node.id)
    return []


def _on_attribute(node: ast.Attribute, facts: Facts, _own: bool) -> _Children:
    names = [node.attr]
    inner = node.value
    while isinstance(inner, ast.Attribute):
        names.append(inner.attr)
        inner = inner.value
    if not isinstance(node.ctx, ast.Load):
        facts.defined.add(node.attr)
        _note_mutation(inner, facts)
    if isinstance(inner, ast.Name):
        facts.names.add(inner.id)
        facts.chains.append(Chain(inner.id, tuple(reversed(names))))
        return []
    facts.attributes.update(names)
    return _present(inner)


def _on_subscript(node: ast.Subscript, facts: Facts, _own: bool) -> _Children:
    if not isinstance(node.ctx, ast.Load):
        _note_mutation(node.value, facts)
    return _present(node.value, node.slice)


def _note_mutation(node: ast.expr, facts: Facts) -> None:
    root = root_name(node)
    if root is not None:
        facts.mutated.add(root)


def root_name(node: ast.expr) -> str | None:
    """The name at the left end of `name.attribute[index]...`, or None."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _on_call(node: ast.Call, facts: Facts, _own: bool) -> _Children:
    function = node.func
    if isinstance(function, ast.Name):
        facts.called.add(function.id)
        _note_getattr(function.id, node.args, facts)
        _note_flows(function.id, node, facts)
    elif isinstance(function, ast.Attribute) and function.attr in MUTATORS:
        _note_mutation(function.value, facts)
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if name in _RECORD_MAKERS:
        facts.defined.update(_field_names(node))
    return _present(function, *node.args, *(keyword.value for keyword in node.keywords))


def _note_getattr(function: str, arguments: list[ast.expr], facts: Facts) -> None:
    """`getattr(x, "name")` without a default is `x.name`."""
    match arguments:
        case [ast.Name(id=root), ast.Constant(value=str(name))] if function == "getattr":
            facts.chains.append(Chain(root, (name,)))


def _note_flows(callee: str, node: ast.Call, facts: Facts) -> None:
    for position, argument in enumerate(node.args):
        if isinstance(argument, ast.Starred):
            break
        if isinstance(argument, ast.Name):
            facts.flows.append(Flow(callee, position, argument.id))
    for keyword in node.keywords:
        if keyword.arg and isinstance(keyword.value, ast.Name):
            facts.flows.append(Flow(callee, keyword.arg, keyword.value.id))


def _field_names(node: ast.Call) -> set[str]:
    names = {keyword.arg for keyword in node.keywords if keyword.arg}
    for argument in node.args:
        for inner in walk(argument):
            if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                names.update(inner.value.replace(",", " ").split())
    return names


def _on_function(node: ast.FunctionDef | ast.AsyncFunctionDef, facts: Facts) -> _Children:
    facts.nested.add(node.name)
    facts.annotated = facts.annotated or _is_annotated(node)
    facts.stored.update(argument.arg for argument in all_arguments(node.args))
    return [*node.decorator_list, *_defaults(node.args), *node.body]


def _is_annotated(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    arguments = all_arguments(node.args)
    return node.returns is not None or any(argument.annotation for argument in arguments)


def _on_lambda(node: ast.Lambda, facts: Facts) -> _Children:
    facts.stored.update(argument.arg for argument in all_arguments(node.args))
    return [*_defaults(node.args), node.body]


def _on_class(node: ast.ClassDef, facts: Facts) -> _Children:
    facts.nested.add(node.name)
    facts.classes = True
    _define_members(node, facts)
    return [*node.decorator_list, *node.bases, *node.keywords, *node.body]


def _define_members(node: ast.ClassDef, facts: Facts) -> None:
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            facts.defined.add(statement.name)
        elif isinstance(statement, ast.Assign | ast.AnnAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            names = (inner for target in targets for inner in walk(target))
            facts.defined.update(name.id for name in names if isinstance(name, ast.Name))


def _on_annotated(node: ast.AnnAssign, facts: Facts, _own: bool) -> _Children:
    facts.annotated = facts.fields = True
    return _present(node.target, node.value)


def _on_loop(node: ast.For | ast.comprehension, facts: Facts, _own: bool) -> _Children:
    source = node.iter
    if isinstance(source, ast.Call) and isinstance(source.func, ast.Name) and source.args:
        source = source.args[0] if source.func.id in _PASS_ON else source
    target = node.target
    if isinstance(target, ast.Tuple) and _runs_over(node.iter) == "enumerate":
        target = target.elts[-1]
    if isinstance(source, ast.Name) and isinstance(target, ast.Name):
        facts.elements[target.id] = source.id
    return children(node)


def _runs_over(node: ast.expr) -> str:
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


def _on_return(node: ast.Return, facts: Facts, own: bool) -> _Children:
    if own and node.value is not None:
        facts.returns.append(node.value)
    return _present(node.value)


def _on_yield(node: ast.Yield | ast.YieldFrom, facts: Facts, own: bool) -> _Children:
    facts.yields = facts.yields or own
    return _present(node.value)


def _on_await(node: ast.AST, facts: Facts, own: bool) -> _Children:
    facts.awaits = facts.awaits or own
    return children(node)


def _on_global(node: ast.Global, facts: Facts, _own: bool) -> _Children:
    facts.declared.update(node.names)
    return []


def _on_import(node: ast.Import | ast.ImportFrom, facts: Facts, _own: bool) -> _Children:
    facts.imports.append(node)
    facts.stored.update(alias.asname or alias.name.partition(".")[0] for alias in node.names)
    return []


def _on_handler(node: ast.ExceptHandler, facts: Facts, _own: bool) -> _Children:
    if node.name:
        facts.stored.add(node.name)
        facts.catches = True
    return children(node)


def _on_capture(
    node: ast.MatchAs | ast.MatchStar | ast.MatchMapping, facts: Facts, _own: bool
) -> _Children:
    name = node.rest if isinstance(node, ast.MatchMapping) else node.name
    if name:
        facts.stored.add(name)
    return children(node)


def _on_augmented(node: ast.AugAssign, facts: Facts, _own: bool) -> _Children:
    _note_mutation(node.target, facts)
    return _present(node.target, node.value)


_SCOPES: dict[type[ast.AST], Callable[..., _Children]] = {
    ast.AsyncFunctionDef: _on_function,
    ast.ClassDef: _on_class,
    ast.FunctionDef: _on_function,
    ast.Lambda: _on_lambda,
}
_HANDLERS: dict[type[ast.AST], Callable[..., _Children]] = {
    ast.AnnAssign: _on_annotated,
    ast.AsyncFor: _on_await,
    ast.AsyncWith: _on_await,
    ast.Attribute: _on_attribute,
    ast.AugAssign: _on_augmented,
    ast.Await: _on_await,
    ast.Call: _on_call,
    ast.ExceptHandler: _on_handler,
    ast.For: _on_loop,
    ast.Global: _on_global,
    ast.Import: _on_import,
    ast.ImportFrom: _on_import,
    ast.MatchAs: _on_capture,
    ast.MatchMapping: _on_capture,
    ast.MatchStar: _on_capture,
    ast.Name: _on_name,
    ast.Return: _on_return,
    ast.Subscript: _on_subscript,
    ast.Yield: _on_yield,
    ast.YieldFrom: _on_yield,
    ast.comprehension: _on_loop,
}


def all_arguments(arguments: ast.arguments) -> list[ast.arg]:
    """Every parameter, `*args` and `**kwargs` included, in the order of the signature."""
    named = [*arguments.posonlyargs, *arguments.args]
    starred = [arguments.vararg] if arguments.vararg else []
    double = [arguments.kwarg] if arguments.kwarg else []
    return [*named, *starred, *arguments.kwonlyargs, *double]


def _defaults(arguments: ast.arguments) -> list[ast.expr]:
    return [*arguments.defaults, *(node for node in arguments.kw_defaults if node is not None)]
