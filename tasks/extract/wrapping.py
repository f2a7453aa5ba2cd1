"""Generators, and functions that return iterators: one of ours makes a list of what they give.

`def pairs(xs): ... yield` becomes `pairs` and, below it, `def list_pairs(xs): return
list(pairs(xs))`; the second is the function that the record is of, and both are its code. So what
a prompt shows is what the named function returns, and the answer holds all that makes it so.

Not covered: methods, and generators that never end by themselves.
"""

import ast

from sandbox.parsing import parse_module
from tasks.extract.facts import Facts
from tasks.extract.module import LAST, Block, Kind
from tasks.extract.rejection import RejectedError
from tasks.extract.source_text import SourceText
from tasks.extract.words import words
from tasks.programs.names import BUILTINS
from tasks.programs.trees import walk
from tasks.records.drops import DropReason

_ITERATORS = words("map filter zip enumerate iter reversed")


def gives_iterator(facts: Facts) -> bool:
    """Whether a function is a generator, or returns nothing but iterators."""
    return facts.yields or (bool(facts.returns) and all(map(_is_iterator, facts.returns)))


def _is_iterator(value: ast.expr) -> bool:
    if isinstance(value, ast.GeneratorExp):
        return True
    return isinstance(value, ast.Call) and getattr(value.func, "id", "") in _ITERATORS


def listed(block: Block) -> Block:
    """The function that makes a list of what another one gives.

    Raises:
        RejectedError: It is a method or never ends, or the names for it are taken.
    """
    node = block.node
    name = f"list_{block.name.lstrip('_')}"
    taken = block.home.bindings.keys() | BUILTINS
    if not isinstance(node, ast.FunctionDef) or block.owner:
        raise RejectedError(DropReason.GENERATOR)
    if name in taken or "list" in block.home.bindings or _never_ends(node):
        raise RejectedError(DropReason.GENERATOR, name)
    call = f"{block.name}({_passed(node.args)})"
    text = f"def {name}({_signature(node.args)}):\n    return list({call})"
    tree = parse_module(text).body[0]
    return Block(LAST, Kind.FUNCTION, name, SourceText(text), 1, tree, block.home)


def _signature(args: ast.arguments) -> str:
    """The parameters as they are usually written: `ast.unparse` has `x: int=1`."""
    plain = [*args.posonlyargs, *args.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(args.defaults))
    written = list(map(_parameter, plain, [*defaults, *args.defaults]))
    if args.posonlyargs:
        written.insert(len(args.posonlyargs), "/")
    if args.vararg or args.kwonlyargs:
        written.append(f"*{_parameter(args.vararg, None)}" if args.vararg else "*")
    written += map(_parameter, args.kwonlyargs, args.kw_defaults)
    return ", ".join([*written, *([f"**{_parameter(args.kwarg, None)}"] if args.kwarg else [])])


def _parameter(arg: ast.arg, default: ast.expr | None) -> str:
    text = f"{arg.arg}: {ast.unparse(arg.annotation)}" if arg.annotation else arg.arg
    if default is None:
        return text
    return (
        f"{text} = {ast.unparse(default)}" if arg.annotation else f"{text}={ast.unparse(default)}"
    )


def _passed(args: ast.arguments) -> str:
    """The arguments of a call that hands on all parameters."""
    passed = [arg.arg for arg in (*args.posonlyargs, *args.args)]
    passed += [f"*{args.vararg.arg}"] if args.vararg else []
    passed += [f"{arg.arg}={arg.arg}" for arg in args.kwonlyargs]
    passed += [f"**{args.kwarg.arg}"] if args.kwarg else []
    return ", ".join(passed)


def _never_ends(node: ast.FunctionDef) -> bool:
    loops = (one for one in walk(node) if isinstance(one, ast.While))
    endless = (one for one in loops if isinstance(one.test, ast.Constant) and one.test.value)
    ends = ast.Break | ast.Return | ast.Raise
    return any(not any(isinstance(inner, ends) for inner in walk(one)) for one in endless)
