"""From the files of a shard to functions that stand on their own, and why the others do not.

The files of one package are read together: the call sites and doctests of one file are seeds for
the functions of another, and test files are read for nothing else.
"""

import ast
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple
from zlib import crc32

from sandbox.parsing import parse_module
from tasks.extract.annotations import check_header
from tasks.extract.emission import Emitted, emit, import_nodes
from tasks.extract.garbage import uncollected
from tasks.extract.glance import survey
from tasks.extract.module import Block, Kind, Module
from tasks.extract.needs import check_names
from tasks.extract.neighbours import Neighbours, Read
from tasks.extract.outline import BROKEN, Broken, NotAMethodError, method_in_class, outline
from tasks.extract.reading import read_module
from tasks.extract.rejection import RejectedError
from tasks.extract.rules import check_decorators, check_function, check_slice, named_arguments
from tasks.extract.seeds import mine
from tasks.extract.segments import cut, may_have_functions
from tasks.extract.slicing import Slice, check_attributes, slice_of
from tasks.extract.source_text import SourceText
from tasks.extract.wrapping import gives_iterator, listed
from tasks.programs.identity import identity, identity_of
from tasks.programs.packages import package_key, project_key
from tasks.records.base import canonical_json, digest_of
from tasks.records.configs import ExtractConfig
from tasks.records.drops import Drop, DropReason
from tasks.records.functions import Function, Parameter, ParameterKind
from tasks.records.sources import SourceFile

_TEST_NAME = re.compile(r"(test_.*|.*_tests?|tests?|conftest)\.py")
_TEST_FOLDERS = frozenset(("test", "tests"))


MODULES_KEPT = 64
"""Tables of other folders that are kept for the next one; more are read again when asked for."""

_Items = list[Function | Drop]


class _Package(NamedTuple):
    """What is the same for all files of a package."""

    config: ExtractConfig
    neighbours: Neighbours


_FromFile = Callable[[SourceFile, _Package], _Items]


def extract(files: Sequence[SourceFile], config: ExtractConfig) -> Iterator[Function | Drop]:
    """Find the functions worth keeping in files of one or more packages, package by package.

    Files are cut into statements; what is thrown out by its text or its names is never parsed.
    """
    return _extract(files, config, _extract_file, _read_cut)


def extract_whole(files: Sequence[SourceFile], config: ExtractConfig) -> Iterator[Function | Drop]:
    """The same by parsing every file: what `extract` is tested against, and several times slower.

    A file that does not parse is dropped whole; reasons are those of the first rule that is broken
    in the order of `tasks.extract.rules`.
    """
    return _extract(files, config, _extract_whole_file, _read_whole)


def _extract(
    files: Sequence[SourceFile], config: ExtractConfig, from_file: _FromFile, read: Read
) -> Iterator[Function | Drop]:
    for project in _grouped(files, project_key):
        package = _Package(config, Neighbours(project, read))
        packages = list(_grouped(project, package_key))
        for number, members in enumerate(packages, 1):
            with uncollected():
                items = _from_package(members, package, from_file)
                package.neighbours.forget_all_but(MODULES_KEPT * (number < len(packages)))
            yield from items


def _grouped(files: Iterable[SourceFile], key: Callable[[str], str]) -> Iterable[list[SourceFile]]:
    """Files of one corpus and one key together, in the order of their first file."""
    groups: dict[tuple[str, str], list[SourceFile]] = {}
    for file in files:
        groups.setdefault((file.corpus, key(file.path)), []).append(file)
    return groups.values()


def _from_package(members: Sequence[SourceFile], package: _Package, from_file: _FromFile) -> _Items:
    """Drops in the order of the files, then functions with their seeds."""
    found = [item for file in members for item in _from_file_unless_test(file, package, from_file)]
    kept = [item for item in found if isinstance(item, Function)]
    seeds = mine(members, kept, package.config.max_seeds)
    drops = [item for item in found if isinstance(item, Drop)]
    return [*drops, *(one.model_copy(update={"seeds": seeds.get(one.id, ())}) for one in kept)]


def _from_file_unless_test(file: SourceFile, package: _Package, from_file: _FromFile) -> _Items:
    if is_test(file.path):
        return [Drop(step="parse", reason=DropReason.TEST_FILE, subject=file.name)]
    with warnings.catch_warnings():
        # What Python would warn of is the business of the file's authors.
        warnings.simplefilter("ignore")
        return from_file(file, package)


def _read_whole(file: SourceFile) -> Module | None:
    try:
        return read_module(parse_module(file.text), SourceText(file.text))
    except BROKEN:
        return None


def _read_cut(file: SourceFile) -> Module | None:
    segments = list(cut(file.text))
    survey(segments, ExtractConfig())
    return outline(file.text, segments, final=True)


def _extract_whole_file(file: SourceFile, package: _Package) -> _Items:
    try:
        module = read_module(parse_module(file.text), SourceText(file.text))
    except BROKEN as error:
        detail = f"{type(error).__name__}: {getattr(error, 'msg', '')} "
        detail += f"(line {getattr(error, 'lineno', None)})"
        return [_unparsed(file, detail)]
    return _judge_all(file, module, package, final=True)


def _extract_file(file: SourceFile, package: _Package) -> _Items:
    if not may_have_functions(file.text):
        return []
    try:
        return _extract_cut(file, package, final=False)
    except Broken:
        return _file_or_functions(file, _extract_cut(file, package, final=True))


def _file_or_functions(file: SourceFile, items: _Items) -> _Items:
    """One drop for a file of whose functions the running Python can parse none."""
    drops = [item for item in items if isinstance(item, Drop)]
    if len(drops) == len(items) and {drop.reason for drop in drops} == {DropReason.SYNTAX}:
        return [_unparsed(file, f"{drops[0].detail} in {drops[0].subject.rpartition(':')[2]}")]
    return items


def _unparsed(file: SourceFile, detail: str) -> Drop:
    return Drop(step="parse", reason=DropReason.SYNTAX, subject=file.name, detail=detail)


def _extract_cut(file: SourceFile, package: _Package, *, final: bool) -> _Items:
    segments = list(cut(file.text, careful=final))
    functions = survey(segments, package.config)
    refused = [(one, one.refusal) for one in functions if one.refusal]
    if len(refused) == len(functions) and not any(one.has_functions for one in segments):
        return [
            _dropped(file, one.line_of_name, (one.owner, one.name), one.text, refusal)
            for one, refusal in refused
        ]
    module = outline(file.text, segments, final=final)
    return _judge_all(file, module, package, final=final)


def _judge_all(file: SourceFile, module: Module, package: _Package, *, final: bool) -> _Items:
    package.neighbours.settle(file, module)
    blocks = [b for b in module.blocks if b.kind in {Kind.FUNCTION, Kind.COROUTINE}]
    found = (_judge(file, module, block, package.config, final=final) for block in blocks)
    return [item for item in found if item is not None]


def is_test(path: str) -> bool:
    """Whether a path says that the file holds tests."""
    parts = PurePosixPath(path).parts
    return not _TEST_FOLDERS.isdisjoint(parts[:-1]) or bool(_TEST_NAME.fullmatch(parts[-1]))


def _judge(
    file: SourceFile, module: Module, block: Block, config: ExtractConfig, *, final: bool
) -> Function | Drop | None:
    if block.refusal:
        return _dropped_block(file, block, block.refusal)
    try:
        if block.raw is not None:
            check_header(block)
            check_names(block, config.max_program_lines)
        check_function(block, config)
        found = _slice(module, block)
        check_slice(found)
        check_attributes(found)
        if block.owner and block.raw is not None:
            check_decorators(method_in_class(module, block))
        return _function_of(file, found, emit(found, config.max_program_lines))
    except RejectedError as error:
        return _dropped_block(file, block, error)
    except NotAMethodError:
        return None
    except BROKEN as error:
        if not final:
            raise Broken from error
        return _dropped_block(file, block, _broken(block, error))


def _slice(module: Module, block: Block) -> Slice:
    """What a function needs; of what gives an iterator, what the function needs that lists it."""
    if not gives_iterator(block.facts):
        return slice_of(module, block)
    found = slice_of(module, listed(block))
    found.wrapped = block
    return found


def _broken(block: Block, error: BaseException) -> RejectedError:
    """What parses need not compile: `global` after use, or an expression a thousand deep."""
    detail = type(error).__name__
    try:
        parse_module(block.raw or "")
    except BROKEN:
        return RejectedError(DropReason.SYNTAX, f"{detail}: {getattr(error, 'msg', '')}")
    return RejectedError(DropReason.BROKEN_SLICE, detail)


def _dropped_block(file: SourceFile, block: Block, error: RejectedError) -> Drop:
    code = block.source if block.raw is None else block.raw
    return _dropped(file, block.line, (block.owner, block.name), code, error)


def _dropped(
    file: SourceFile, line: int, names: tuple[str, str], code: str, error: RejectedError
) -> Drop:
    name = ".".join(filter(None, names))
    subject = f"{file.name}:{line}:{name}"
    record = {"name": name, "code": code} if _is_sampled(subject) else None
    return Drop(
        step="extract",
        reason=error.reason,
        subject=subject,
        detail=error.detail,
        record=canonical_json(record).decode() if record else None,
    )


def _is_sampled(subject: str) -> bool:
    """One drop in 64 keeps its code, to be looked at."""
    return crc32(subject.encode()) % 64 == 0


def _function_of(file: SourceFile, found: Slice, emitted: Emitted) -> Function:
    written = found.wrapped or found.target
    node, facts = written.node, written.facts
    assert isinstance(node, ast.FunctionDef)  # noqa: S101 - `check_function` saw to it
    first, last = written.text.lines_of(node)
    return Function(
        id=digest_of(file.name, found.name, emitted.program),
        name=found.name,
        program=emitted.program,
        code=emitted.code,
        parameters=_parameters(found, emitted.kept),
        docstring=ast.get_docstring(node) or "",
        imports=emitted.modules,
        identity=_identity_of(found, emitted),
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


def _identity_of(found: Slice, emitted: Emitted) -> str:
    """Of the trees at hand; of the program itself where the whole file was parsed."""
    if found.target.raw is None:
        return identity(emitted.program, found.name)
    return identity_of([*import_nodes(found.imports), *emitted.statements], found.name)


def _parameters(found: Slice, kept: frozenset[int]) -> tuple[Parameter, ...]:
    text, node = found.target.text, found.target.node
    assert isinstance(node, ast.FunctionDef)  # noqa: S101 - `check_function` saw to it
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
