"""Methods that need neither object nor class: they are functions that happen to stand in a class.

Covered: static methods, and class methods that never name the class they are given.
Not covered: plain methods that do not use `self`; they are written as if they could.
"""

import ast

from tasks.programs.trees import walk

METHOD_MAKERS = frozenset(("staticmethod", "classmethod"))


class ClassMethod(ast.FunctionDef):
    """A class method without its first parameter, which it does not use."""

    first: ast.arg
    """The parameter that was taken off."""


def free_method(node: ast.stmt) -> ast.FunctionDef | None:
    """The function in a static or class method; None where it is neither.

    A class method that uses its class comes back as it is: the rules see its decorator.
    """
    if not isinstance(node, ast.FunctionDef):
        return None
    makers = {inner.id for inner in node.decorator_list if isinstance(inner, ast.Name)}
    if "classmethod" in makers:
        return _without_first(node)
    return node if "staticmethod" in makers else None


def _without_first(node: ast.FunctionDef) -> ast.FunctionDef:
    others = node.args.args[1:]
    plain = not node.args.posonlyargs and len(node.args.defaults) <= len(others)
    if not node.args.args or not plain or node.args.args[0].arg in _names_in(node):
        return node
    fields = {name: getattr(node, name) for name in node._fields}
    arguments = {name: getattr(node.args, name) for name in node.args._fields}
    found = ClassMethod(**fields | {"args": ast.arguments(**arguments | {"args": others})})
    ast.copy_location(found, node)
    found.first = node.args.args[0]
    return found


def _names_in(node: ast.FunctionDef) -> set[str]:
    """Names used, and what `super()` uses without naming it."""
    names = {inner.id for inner in walk(node) if isinstance(inner, ast.Name)}
    return names | {arg.arg for arg in node.args.args[:1]} if "super" in names else names
