"""From the files of a shard to functions that stand on their own, and why the others do not.

The files of one package are read together: the call sites and doctests of one file are seeds for
the functions of another, and test files are read for nothing else.
"""

import ast
import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from tasks.extract.emission import Emitted, emit
from tasks.extract.module import Block, Module
from tasks.extract.reading import read_module
from tasks.extract.rejection import RejectedError
from tasks.extract.rules import check_function, check_slice, named_arguments
from tasks.extract.seeds import mine
from tasks.extract.slicing import Slice, check_attributes, slice_of
from tasks.extract.source_text import SourceText
from tasks.programs.identity import identity
from tasks.programs.packages import package_key
from tasks.records.base import canonical_json, digest_of
from tasks.records.configs import ExtractConfig
from tasks.records.drops import Drop, DropReason
from tasks.records.functions import Function, Parameter, ParameterKind
from tasks.records.sources import SourceFile

_TEST_NAME = re.compile(r"(test_.*|.*_tests?|tests?|conftest)\.py")
_TEST_FOLDERS = frozenset(("test", "tests"))


def extract(files: Sequence[SourceFile], config: ExtractConfig) -> Iterator[Function | Drop]:
    """Find the functions worth keeping in files of one or more packages, package by package."""
    packages: dict[tuple[str, str], list[SourceFile]] = {}
    for file in files:
        packages.setdefault((file.corpus, package_key(file.path)), []).append(file)
    for package in packages.values():
        yield from _extract_package(package, config)


def _extract_package(
    files: Sequence[SourceFile], config: ExtractConfig
) -> Iterator[Function | Drop]:
    kept: list[Function] = []
    for file in files:
        for found in _extract_file(file, config):
            if isinstance(found, Function):
                kept.append(found)
            else:
                yield found
    seeds = mine(files, kept, config.max_seeds)
    for function in kept:
        yield function.model_copy(update={"seeds": seeds.get(function.id, ())})


def _extract_file(file: SourceFile, config: ExtractConfig) -> Iterator[Function | Drop]:
    if is_test(file.path):
        yield Drop(step="parse", reason=DropReason.TEST_FILE, subject=file.name)
        return
    try:
        tree = parse(file.text)
        module = read_module(tree, SourceText(file.text))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        detail = f"{type(error).__name__}: {getattr(error, 'msg', '')} "
        detail += f"(line {getattr(error, 'lineno', None)})"
        yield Drop(step="parse", reason=DropReason.SYNTAX, subject=file.name, detail=detail)
        return
    for block in module.blocks:
        if isinstance(block.node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield _judge(file, module, block, config)


def parse(text: str) -> ast.Module:
    """The syntax tree; what Python would warn of is the business of the file's authors.

    Raises:
        SyntaxError: The running Python cannot parse it.
        ValueError, RecursionError, MemoryError: Nor can its parser stand it.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def is_test(path: str) -> bool:
    """Whether a path says that the file holds tests."""
    parts = PurePosixPath(path).parts
    return not _TEST_FOLDERS.isdisjoint(parts[:-1]) or bool(_TEST_NAME.fullmatch(parts[-1]))


def _judge(
    file: SourceFile, module: Module, block: Block, config: ExtractConfig
) -> Function | Drop:
    try:
        node = check_function(block, config)
        found = slice_of(module, block)
        check_slice(found)
        check_attributes(found)
        return _function_of(file, found, node, emit(found, config.max_program_lines))
    except RejectedError as error:
        return _dropped(file, block, error)
    except (SyntaxError, ValueError, RecursionError) as error:
        # What parses need not compile: `global` after use, or an expression a thousand deep.
        reason = RejectedError(DropReason.BROKEN_SLICE, type(error).__name__)
        return _dropped(file, block, reason)


def _dropped(file: SourceFile, block: Block, error: RejectedError) -> Drop:
    name = f"{block.owner}." if block.owner else ""
    name += block.name
    subject = f"{file.name}:{block.node.lineno}:{name}"
    record = {"name": name, "code": block.source} if _is_sampled(subject) else None
    return Drop(
        step="extract",
        reason=error.reason,
        subject=subject,
        detail=error.detail,
        record=canonical_json(record).decode() if record else None,
    )


def _is_sampled(subject: str) -> bool:
    """One drop in 64 keeps its code, to be looked at."""
    return int(digest_of(subject)[:2], 16) % 64 == 0


def _function_of(
    file: SourceFile, found: Slice, node: ast.FunctionDef, emitted: Emitted
) -> Function:
    facts = found.target.facts
    first, last = found.module.text.lines_of(node)
    return Function(
        id=digest_of(file.name, found.name, emitted.program),
        name=found.name,
        program=emitted.program,
        code=emitted.code,
        parameters=_parameters(found, node, emitted.kept),
        docstring=ast.get_docstring(node) or "",
        imports=emitted.modules,
        identity=identity(emitted.program, found.name),
        operations=facts.operations,
        branches=facts.branches,
        source=file.name,
        path=file.path,
        corpus=file.corpus,
        licence=file.licence,
        revision=file.revision,
        first_line=first,
        last_line=last,
    )


def _parameters(found: Slice, node: ast.FunctionDef, kept: frozenset[int]) -> tuple[Parameter, ...]:
    text = found.module.text
    kinds = [ParameterKind.POSITIONAL_ONLY] * len(node.args.posonlyargs)
    kinds += [ParameterKind.POSITIONAL_OR_KEYWORD] * len(node.args.args)
    kinds += [ParameterKind.KEYWORD_ONLY] * len(node.args.kwonlyargs)
    positional = len(node.args.posonlyargs) + len(node.args.args)
    defaults: list[ast.expr | None] = [None] * (positional - len(node.args.defaults))
    defaults += [*node.args.defaults, *node.args.kw_defaults]
    return tuple(
        Parameter(
            name=argument.arg,
            kind=kind,
            annotation=text.text_of(argument.annotation)
            if argument.annotation and id(argument.annotation) in kept
            else "",
            default=text.text_of(default) if default else None,
        )
        for argument, kind, default in zip(named_arguments(node), kinds, defaults, strict=True)
    )
