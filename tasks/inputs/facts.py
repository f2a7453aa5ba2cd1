"""What a program says outside of any one parameter: its functions, its constants, its words."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tasks.inputs.literals import value_of

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
MAX_POOL = 60
SHORT = 12
"""A longer text is a phrase: its characters are not an alphabet."""
MAX_TEXT = 60
"""A longer text constant is a message, not a value."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Constants of the program, in the order of the text, each once."""

    ints: tuple[int, ...]
    floats: tuple[float, ...]
    texts: tuple[str, ...]
    alphabet: str
    """Characters of the texts."""


@dataclass(frozen=True, slots=True)
class Facts:
    """A parsed program."""

    module: ast.Module
    entry: FunctionNode
    functions: Mapping[str, FunctionNode]
    constants: Mapping[str, Any]
    """Module level names that are bound to literals."""
    aliases: Mapping[str, ast.expr]
    """Module level names that are bound to anything else: types, compiled patterns."""
    pool: Pool


def facts_of(program: str, entry: str) -> Facts:
    """Parse a program.

    Raises:
        ValueError: it does not parse, or defines no function of that name.
    """
    try:
        module = ast.parse(program)
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(f"does not parse: {error}") from error
    functions = {node.name: node for node in module.body if isinstance(node, FunctionNode)}
    if entry not in functions:
        raise ValueError(f"defines no function {entry}")
    constants, aliases = _bound(module)
    return Facts(module, functions[entry], functions, constants, aliases, _pool(module))


def _bound(module: ast.Module) -> tuple[dict[str, Any], dict[str, ast.expr]]:
    constants: dict[str, Any] = {}
    aliases: dict[str, ast.expr] = {}
    for name, value in _assignments(module):
        try:
            constants[name] = value_of(value)
        except ValueError:
            aliases[name] = value
    return constants, aliases


def _assignments(module: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in module.body:
        if isinstance(node, ast.Assign):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            yield from ((name, node.value) for name in names)
        elif isinstance(node, ast.AnnAssign) and node.value and isinstance(node.target, ast.Name):
            yield node.target.id, node.value


def _pool(module: ast.Module) -> Pool:
    prose = {id(node.value) for node in ast.walk(module) if isinstance(node, ast.Expr)}
    prose |= {id(node.msg) for node in ast.walk(module) if isinstance(node, ast.Assert)}
    prose |= {id(part) for node in ast.walk(module) for part in _said(node)}
    values = [
        node.value
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and id(node) not in prose
    ]
    texts = [value for value in values if isinstance(value, str) and 0 < len(value) <= MAX_TEXT]
    return Pool(
        ints=_first([value for value in values if type(value) is int and abs(value) < 10**9]),
        floats=_first([value for value in values if isinstance(value, float)]),
        texts=_first(texts),
        alphabet="".join(_first([each for text in texts if len(text) <= SHORT for each in text])),
    )


def _said(node: ast.AST) -> list[ast.AST]:
    """Messages of exceptions: words for people, not values."""
    return list(ast.walk(node)) if isinstance(node, ast.Raise) else []


def _first(values: list[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(values))[:MAX_POOL]
