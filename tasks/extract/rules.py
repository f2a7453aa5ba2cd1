"""Which functions are worth keeping, by what can be seen without running them.

First the rules that look at the function alone (`check_function`), then those that look at the
program sliced for it (`check_slice`). What literals can be passed is judged by names: a parameter
that is assigned to inside the function is trusted to become what it must be.
"""

import ast

from tasks.extract.annotations import is_feasible
from tasks.extract.facts import Facts, root_name
from tasks.extract.methods import ClassMethod
from tasks.extract.module import Block
from tasks.extract.purity import literal_attributes
from tasks.extract.rejection import RejectedError
from tasks.extract.slicing import Slice
from tasks.extract.words import words
from tasks.extract.wrapping import gives_iterator
from tasks.records.configs import ExtractConfig
from tasks.records.drops import DropReason

SAFE_DECORATORS = words(
    "staticmethod classmethod cache functools.cache lru_cache functools.lru_cache no_type_check"
    " final"
)
SELVES = frozenset(("self", "cls", "mcs", "mcls"))
_ITERATORS = words(
    "map filter zip enumerate iter reversed open super object type classmethod property"
)

_TAKE_OBJECTS = frozenset(("issubclass", "next", "setattr", "delattr"))
_OBJECT_MAKERS = words(
    "array collections datetime decimal fractions io ipaddress itertools pathlib uuid"
)

Complaint = tuple[DropReason, str]
Demands = dict[Block, dict[str, Complaint]]


def check_function(block: Block, config: ExtractConfig) -> ast.FunctionDef:
    """Check what the function alone shows, cheapest first.

    Raises:
        RejectedError: With the first rule that it breaks.
    """
    node = block.node
    if not isinstance(node, ast.FunctionDef):
        raise RejectedError(DropReason.COROUTINE)
    if block.conditional:
        raise RejectedError(DropReason.CONDITIONAL)
    if node.name.startswith("test_") or node.name == "test":
        raise RejectedError(DropReason.TEST_FUNCTION)
    check_decorators(node)
    _check_signature(node)
    if (node.end_lineno or node.lineno) - node.lineno + 1 > config.max_lines:
        raise RejectedError(DropReason.TOO_LONG)
    _check_body(block, node, config)
    return node


def check_decorators(node: ast.FunctionDef) -> None:
    """Check that every decorator is known to leave the function as it reads.

    Raises:
        RejectedError: With the first that is not.
    """
    for decorator in node.decorator_list:
        plain = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = ast.unparse(plain)
        if name == "classmethod" and named_arguments(node) and not isinstance(node, ClassMethod):
            raise RejectedError(DropReason.OBJECT_PARAMETER, named_arguments(node)[0].arg)
        if name not in SAFE_DECORATORS:
            raise RejectedError(DropReason.DECORATOR, name)


def _check_signature(node: ast.FunctionDef) -> None:
    named = named_arguments(node)
    if not named:
        raise RejectedError(DropReason.NO_PARAMETERS)
    if node.args.vararg and not (node.args.posonlyargs or node.args.args):
        raise RejectedError(DropReason.NO_PARAMETERS, f"*{node.args.vararg.arg}")
    if named[0].arg in SELVES:
        raise RejectedError(DropReason.OBJECT_PARAMETER, named[0].arg)


def named_arguments(node: ast.FunctionDef) -> list[ast.arg]:
    """The parameters that a call can fill by name or position, in order."""
    return [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]


def _check_body(block: Block, node: ast.FunctionDef, config: ExtractConfig) -> None:
    facts = block.facts
    values = [value for value in facts.returns if not _is_placeholder(value)]
    if not values and not facts.yields:
        raise RejectedError(DropReason.NO_RETURN)
    if facts.operations < config.min_operations or _is_constant(values, facts):
        raise RejectedError(DropReason.TRIVIAL)
    if all(_is_opaque(value, facts) for value in values) and not gives_iterator(facts):
        raise RejectedError(DropReason.OPAQUE_RETURN, ast.unparse(values[0])[:60])
    if facts.names.isdisjoint(argument.arg for argument in named_arguments(node)):
        raise RejectedError(DropReason.TRIVIAL, "uses no parameter")


def _is_placeholder(value: ast.expr) -> bool:
    return (isinstance(value, ast.Constant) and value.value in (None, ...)) or (
        isinstance(value, ast.Name) and value.id == "NotImplemented"
    )


def _is_constant(values: list[ast.expr], facts: Facts) -> bool:
    """Every path returns one and the same constant."""
    if facts.yields or not all(isinstance(value, ast.Constant) for value in values):
        return False
    return len({ast.dump(value) for value in values}) == 1 and len(facts.returns) == len(values)


def _is_opaque(value: ast.expr, facts: Facts) -> bool:
    if isinstance(value, ast.Lambda | ast.GeneratorExp):
        return True
    if isinstance(value, ast.Name):
        return value.id in facts.nested and value.id not in facts.stored
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        return value.func.id in _ITERATORS or value.func.id == "partial"
    return False


def check_slice(found: Slice) -> None:
    """Check that literals can be passed, and that what comes back can be one.

    Raises:
        RejectedError: With the first parameter that cannot be filled.
    """
    node = found.target.node
    assert isinstance(node, ast.FunctionDef)  # noqa: S101 - `check_function` saw to it
    for argument in required_arguments(node):
        if not is_feasible(argument.annotation, found.module):
            raise RejectedError(DropReason.OBJECT_PARAMETER, argument.arg)
    if not any(is_feasible(a.annotation, found.module) for a in named_arguments(node)):
        raise RejectedError(DropReason.OBJECT_PARAMETER, named_arguments(node)[0].arg)
    if not is_feasible(node.returns, found.module):
        raise RejectedError(DropReason.OPAQUE_RETURN, ast.unparse(node.returns or node)[:60])
    values = [value for value in found.target.facts.returns if not _is_placeholder(value)]
    if all(_makes_object(value, found) for value in values):
        raise RejectedError(DropReason.OPAQUE_RETURN, ast.unparse(values[0])[:60])
    for name, (reason, detail) in _demands(found, found.target, {}).items():
        raise RejectedError(reason, f"{name}{detail}")


def _makes_object(value: ast.expr, found: Slice) -> bool:
    """A call of a class or generator of the program, or of a module that makes objects."""
    if not isinstance(value, ast.Call):
        return False
    root = root_name(value.func)
    if isinstance(value.func, ast.Name):
        helper = found.definitions.get(value.func.id)
        if root in found.record_names or (helper and helper.facts.yields):
            return True
    return any(item.name == root and item.module in _OBJECT_MAKERS for item in found.imports)


def required_arguments(node: ast.FunctionDef) -> list[ast.arg]:
    """Parameters without a default."""
    positional = [*node.args.posonlyargs, *node.args.args]
    required = positional[: len(positional) - len(node.args.defaults)]
    pairs = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    return required + [argument for argument, default in pairs if default is None]


def _demands(found: Slice, block: Block, known: Demands) -> dict[str, Complaint]:
    """Parameters of a function that no literal can fill, with the reason; helpers are followed."""
    node = block.node
    if block in known or not isinstance(node, ast.FunctionDef):
        return known.get(block, {})
    complaints = known[block] = {}
    required = {argument.arg for argument in required_arguments(node)}
    for name in (argument.arg for argument in named_arguments(node)):
        if name in block.facts.stored:
            continue
        complaint = _complaint(name, block.facts) or _handed_on(found, block, name, known)
        if complaint and (name in required or complaint[0] is not DropReason.CALLABLE_PARAMETER):
            complaints[name] = complaint
    return complaints


def _complaint(name: str, facts: Facts) -> Complaint | None:
    if name in facts.called:
        return DropReason.CALLABLE_PARAMETER, ""
    for flow in facts.flows:
        if flow.argument == name and flow.slot == 0 and flow.callee in _TAKE_OBJECTS:
            return DropReason.OBJECT_PARAMETER, f" in {flow.callee}"
    names = {name, *(element for element, source in facts.elements.items() if source == name)}
    for chain in facts.chains:
        if chain.root in names and chain.attributes[0] not in literal_attributes():
            return DropReason.OBJECT_PARAMETER, f".{chain.attributes[0]}"
    return None


def _handed_on(found: Slice, block: Block, name: str, known: Demands) -> Complaint | None:
    """What the helpers that a parameter is handed to demand of it."""
    for flow in block.facts.flows:
        callee = found.definitions.get(flow.callee)
        if flow.argument != name or callee is None:
            continue
        demanded = _demands(found, callee, known)
        slot = _parameter_at(callee, flow.slot)
        if slot in demanded:
            reason, detail = demanded[slot]
            return reason, f"{detail} in {flow.callee}"
    return None


def _parameter_at(block: Block, slot: int | str) -> str:
    if isinstance(slot, str):
        return slot
    node = block.node
    arguments = (
        [*node.args.posonlyargs, *node.args.args] if isinstance(node, ast.FunctionDef) else []
    )
    return arguments[slot].arg if slot < len(arguments) else ""
