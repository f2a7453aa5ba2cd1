"""What a prompt calls the function, and how it writes the signature.

Covered: a rename is done where every mention of the old name in the program is the
definition itself or a plain use of it, and the new name occurs nowhere. Not covered:
names that a program puts together while it runs; executing the claims of a sample would
show those.
"""

import ast
import io
import re
import tokenize
from collections.abc import Sequence
from functools import lru_cache

from tasks.prompts.completion import parse
from tasks.records.functions import Parameter, ParameterKind


def signature_of(parameters: Sequence[Parameter]) -> str:
    """The signature with brackets, such as `(text, /, width=70, *, sep=...)`.

    A default that is not a literal is written as `...`: it names something that a reader of
    the prompt does not know.
    """
    parts: list[str] = []
    kinds = [parameter.kind for parameter in parameters]
    for index, parameter in enumerate(parameters):
        parts += _markers(kinds[index - 1] if index else None, parameter.kind)
        parts.append(_with_default(parameter))
    if kinds and kinds[-1] is ParameterKind.POSITIONAL_ONLY:
        parts.append("/")
    return f"({', '.join(parts)})"


def _markers(before: ParameterKind | None, kind: ParameterKind) -> list[str]:
    """What must stand between two parameters of these kinds."""
    if before is kind:
        return []
    slash = ["/"] if before is ParameterKind.POSITIONAL_ONLY else []
    return [*slash, "*"] if kind is ParameterKind.KEYWORD_ONLY else slash


def _with_default(parameter: Parameter) -> str:
    if parameter.default is None:
        return parameter.name
    shown = parameter.default if _is_literal(parameter.default) else "..."
    return f"{parameter.name}={shown}"


@lru_cache(maxsize=4096)
def _is_literal(source: str) -> bool:
    try:
        ast.literal_eval(source)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return "\n" not in source


def free_names(names: tuple[str, ...], program: str) -> list[str]:
    """The names that occur nowhere in the program, not even in a comment."""
    taken = set(_any_of(names).findall(program))
    return [name for name in names if name not in taken]


@lru_cache(maxsize=16)
def _any_of(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})\b")


def renamed(program: str, old: str, new: str) -> str | None:
    """The program with `old` called `new`, or None where that is not known to be safe.

    `new` must be one of `free_names`, and `old` a function that `program` defines.
    """
    if program.count(old) == 1:
        # Nothing but the definition speaks of it.
        return program.replace(old, new)
    mentions = re.findall(rf"(?<!\w){re.escape(old)}(?!\w)", program)
    places = _plain_places(program, old)
    return _replaced(program, places, old, new) if len(places) == len(mentions) else None


def _plain_places(program: str, name: str) -> list[tuple[int, int]]:
    """Line and column of each token that is the name, or nothing where it has another meaning."""
    tree = parse(program)
    if any(_is_other_meaning(node, name) for node in ast.walk(tree)):
        return []
    if sum(isinstance(n, _FUNCTIONS) and n.name == name for n in ast.walk(tree)) != 1:
        return []
    tokens = tokenize.generate_tokens(io.StringIO(program).readline)
    return [token.start for token in tokens if token.type == tokenize.NAME and token.string == name]


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _is_other_meaning(node: ast.AST, name: str) -> bool:
    """Whether the node uses the name for something else than the function."""
    if isinstance(node, ast.Name):
        return node.id == name and not isinstance(node.ctx, ast.Load)
    if isinstance(node, _FUNCTIONS):
        return False
    # Attributes, arguments, keywords, imports, handlers, patterns, classes, global statements.
    return any(
        value == name or (isinstance(value, list) and name in value)
        for _, value in ast.iter_fields(node)
        if not isinstance(value, ast.AST)
    )


def _replaced(program: str, places: Sequence[tuple[int, int]], old: str, new: str) -> str:
    lines = program.split("\n")  # as the tokenizer counts them, form feeds and all
    for row, column in reversed(places):
        line = lines[row - 1]
        lines[row - 1] = line[:column] + new + line[column + len(old) :]
    return "\n".join(lines)
