"""A function from its source, and one sandbox for all tests of a session."""

import ast
from collections.abc import Callable, Iterator

import pytest

from sandbox import Sandbox
from tasks.inputs.writing import LIMITS
from tasks.records.functions import Function, Parameter, ParameterKind

MakeFunction = Callable[..., Function]


@pytest.fixture
def make_function() -> MakeFunction:
    def make(source: str, name: str = "f", seeds: tuple[str, ...] = ()) -> Function:
        node = next(
            node
            for node in ast.parse(source).body
            if isinstance(node, ast.FunctionDef) and node.name == name
        )
        return Function(
            id=f"{name}-{hash_of(source)}",
            name=name,
            program=source,
            code=source,
            parameters=tuple(parameters_of(node.args)),
            docstring=ast.get_docstring(node) or "",
            seeds=seeds,
            identity=source,
            operations=1,
            branches=1,
            source="test.py",
            path="test.py",
            corpus="test",
            first_line=1,
            last_line=source.count("\n") + 1,
        )

    return make


def hash_of(source: str) -> str:
    return str(sum(map(ord, source)))


def parameters_of(args: ast.arguments) -> Iterator[Parameter]:
    plain = [*args.posonlyargs, *args.args]
    defaults = [None] * (len(plain) - len(args.defaults)) + list(args.defaults)
    for arg, default in zip(plain, defaults, strict=True):
        only = arg in args.posonlyargs
        kind = ParameterKind.POSITIONAL_ONLY if only else ParameterKind.POSITIONAL_OR_KEYWORD
        yield parameter_of(arg, default, kind)
    for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        yield parameter_of(arg, default, ParameterKind.KEYWORD_ONLY)


def parameter_of(arg: ast.arg, default: ast.expr | None, kind: ParameterKind) -> Parameter:
    return Parameter(
        name=arg.arg,
        kind=kind,
        annotation=ast.unparse(arg.annotation) if arg.annotation else "",
        default=ast.unparse(default) if default else None,
    )


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(limits=LIMITS) as running:
        yield running
