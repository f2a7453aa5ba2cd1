"""Anonymised twins: a sample once more, with names that say nothing.

Covered: the function, its parameters, and the functions, classes and constants that its program
defines beside it get neutral names, in the prompt, the completion and all cases. The program is
written anew from its syntax tree, without docstrings and comments: these speak of the names.

Not covered: local variables and attributes keep their names, which no prompt of the task
induction shows. Whether the program still does the same is for `checking` to find out, on all
cases.
"""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count, islice
from random import Random

from tasks.prompts.blocks import Subject
from tasks.prompts.choose import Showable
from tasks.prompts.completion import parse
from tasks.prompts.drafts import Draft, Wanted, sample_of
from tasks.prompts.grammar import Grammar
from tasks.prompts.naming import free_names, signature_of
from tasks.prompts.scan import split_arguments
from tasks.records.drops import Drop, DropReason
from tasks.records.samples import Sample, Shown

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)

Names = Mapping[str, str]
"""New names by old ones."""


def twin_of(
    wanted: Wanted,
    draft: Draft,
    sample: Sample,
    grammar: Grammar,
    tokens: Callable[[str], int] | None,
) -> Sample | Drop:
    """The sample with neutral names, in the same template; or why there is none."""
    tree = parse(draft.subject.completion)
    rng = Random(f"{sample.id}:twin")  # noqa: S311  not for secrets
    helpers, parameters = _new_names(tree, draft.subject, grammar, rng)
    if helpers is None or parameters is None:
        return wanted.drop(DropReason.NO_TWIN, "no neutral names are left")
    subject = _renamed_subject(tree, draft.subject, helpers, parameters)
    written = draft.written_for(subject, [_renamed_case(case, parameters) for case in draft.shown])
    if written is None:
        return wanted.drop(DropReason.NO_TWIN, "the template does not fit the neutral names")
    neutral = replace(written, template=written.template.model_copy(update={"named": False}))
    twin = sample_of(wanted, neutral, tokens(neutral.text.prompt) if tokens else None)
    hidden = [_renamed_shown(case, parameters) for case in sample.hidden]
    return twin.model_copy(update={"twin_of": sample.id, "hidden": tuple(hidden)})


def _new_names(
    tree: ast.Module, subject: Subject, grammar: Grammar, rng: Random
) -> tuple[Names | None, Names | None]:
    """Neutral names for what the program defines, and for the parameters of the function."""
    program = subject.completion
    own = {subject.name: subject.name}
    if subject.named:
        free = free_names(grammar.neutral_names, program)
        own = {subject.name: rng.choice(free)} if free else {}
    others = [name for name in dict.fromkeys(_defined(tree)) if name != subject.name]
    helpers = _paired(others, list(islice(_numbered(grammar.neutral_helper, program), len(others))))
    entry = _entry(tree, subject.name)
    parameters = _paired(_all_parameters(entry), free_names(grammar.neutral_parameters, program))
    return (own | helpers if own and helpers is not None else None), parameters


def _numbered(name: str, program: str) -> Iterator[str]:
    """The name with a number after it, as often as is wanted, where the program has no such."""
    return (f"{name}_{n}" for n in count(1) if f"{name}_{n}" not in program)


def _paired(old: Sequence[str], new: Sequence[str]) -> dict[str, str] | None:
    return dict(zip(old, new, strict=False)) if len(old) <= len(new) else None


def _defined(tree: ast.Module) -> Iterator[str]:
    """Names of the functions, classes and constants of the program."""
    for node in tree.body:
        if isinstance(node, _DEFINITIONS):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (one.id for one in node.targets if isinstance(one, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


def _entry(tree: ast.Module, name: str) -> ast.FunctionDef:
    return next(
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name
    )


def _all_parameters(entry: ast.FunctionDef) -> list[str]:
    given = entry.args
    named = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    return [node.arg for node in named if node is not None]


def _renamed_subject(
    tree: ast.Module, subject: Subject, helpers: Names, parameters: Names
) -> Subject:
    """The function under its new names. The tree is changed."""
    entry = _entry(tree, subject.name)
    for node in ast.walk(tree):
        _drop_docstring(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            # Those of the function itself are arguments of its own parameters.
            _rename_keywords(node, parameters if node.func.id == subject.name else {})
    inside = set(ast.walk(entry))
    for node in ast.walk(tree):
        _rename(node, {**helpers, **parameters} if node in inside else helpers)
    renamed = [
        parameter.model_copy(update={"name": parameters[parameter.name], "annotation": ""})
        for parameter in subject.parameters
    ]
    return Subject(
        name=helpers[subject.name],
        named=False,
        completion=ast.unparse(tree) + "\n",
        parameters=renamed,
        signature=signature_of(renamed),
    )


def _drop_docstring(node: ast.AST) -> None:
    if not isinstance(node, (*_DEFINITIONS, ast.Module)) or not node.body:
        return
    match node.body[0]:
        case ast.Expr(value=ast.Constant(value=str())):
            node.body[:1] = [] if len(node.body) > 1 else [ast.Pass()]


def _rename_keywords(call: ast.Call, names: Names) -> None:
    for keyword in call.keywords:
        keyword.arg = names.get(keyword.arg, keyword.arg) if keyword.arg else None


def _rename(node: ast.AST, names: Names) -> None:
    """Gives the node's own name, whatever it is called in that kind of node."""
    match node:
        case ast.Name(id=name) if name in names:
            node.id = names[name]
        case ast.arg(arg=name) if name in names:
            node.arg = names[name]
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name) if name in names:
            node.name = names[name]
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) if name in names:
            node.name = names[name]
        case ast.Global(names=found) | ast.Nonlocal(names=found):
            node.names = [names.get(name, name) for name in found]


def _renamed_case(case: Showable, names: Names) -> Showable:
    by_name = {names[name]: text for name, text in case.by_name.items()}
    return replace(case, arguments=_arguments(by_name), _by_name=by_name)


def _renamed_shown(case: Shown, names: Names) -> Shown:
    by_name = {names[name]: text for name, text in split_arguments(case.arguments).items()}
    return Shown(arguments=_arguments(by_name), output=case.output)


def _arguments(by_name: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"'{name}': {text}" for name, text in by_name.items()) + "}"
