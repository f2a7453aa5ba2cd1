"""What a program says outside of any one parameter: its functions, its constants, its words."""

import ast
import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.parsing import parse_module
from tasks.inputs.literals import value_of

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
MAX_POOL = 60
SHORT = 12
"""A longer text is a phrase: its characters are not an alphabet."""
MAX_MARK = 3
"""A longer text is a word, whatever it is made of."""
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
    marks: tuple[str, ...] = ()
    """Texts that part others or set them off: separators, quotes, brackets, prefixes."""
    patterns: tuple[str, ...] = ()
    """Regular expressions."""


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
        module = parse_module(program)
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
    words = [value.decode("latin-1") if isinstance(value, bytes) else value for value in values]
    patterns = patterns_of(module)
    texts = [
        word
        for word in words
        if isinstance(word, str) and 0 < len(word) <= MAX_TEXT and word not in patterns
    ]
    return Pool(
        ints=_first([value for value in values if type(value) is int and abs(value) < 10**9]),
        floats=_first([value for value in values if isinstance(value, float)]),
        texts=_first(texts),
        alphabet="".join(_first([each for text in texts if len(text) <= SHORT for each in text])),
        marks=_first([text for text in texts if len(text) <= MAX_MARK and _is_mark(text)]),
        patterns=patterns,
    )


def patterns_of(tree: ast.AST) -> tuple[str, ...]:
    """Constant patterns of calls such as `re.compile(r"a+")`; those of bytes as Latin-1."""
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args
    ]
    found = []
    for call in calls:
        owner = getattr(call.func, "value", None)
        if isinstance(owner, ast.Name) and owner.id in _REGEX_MODULES:
            with contextlib.suppress(ValueError):
                value = value_of(call.args[0])
                found.append(value.decode("latin-1") if isinstance(value, bytes) else value)
    return _first([pattern for pattern in found if isinstance(pattern, str)])


_REGEX_MODULES = frozenset(("re", "_re", "sre"))


def _is_mark(text: str) -> bool:
    return not any(each.isalnum() for each in text) and "%" not in text.strip("%")


def _said(node: ast.AST) -> list[ast.AST]:
    """Messages of exceptions: words for people, not values."""
    return list(ast.walk(node)) if isinstance(node, ast.Raise) else []


def _first(values: list[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(values))[:MAX_POOL]
