"""The rules of the published pipeline, as far as its helpers show them: what extraction is held to.

Every file is parsed; a function counts that stands directly in the module, has a plain parameter,
a `return` anywhere in it, no import and no function directly in its body; it is written out from
its syntax tree, with the imports of its file beside it.
"""

import ast
from collections.abc import Iterator


def functions_of(text: str) -> Iterator[tuple[str, list[str]]]:
    """Code and imports of each function that the rules keep; nothing of a file that is broken."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    kept = [node for node in tree.body if isinstance(node, ast.FunctionDef) and _is_kept(node)]
    imports = _imports(tree) if kept else []
    for node in kept:
        yield ast.unparse(node), imports


def _is_kept(node: ast.FunctionDef) -> bool:
    return (
        bool(node.args.args)
        and _has(node, ast.Return)
        and not any(isinstance(inner, ast.FunctionDef) for inner in node.body)
        and not _has(node, ast.Import | ast.ImportFrom)
    )


def _has(node: ast.AST, kind: object) -> bool:
    return any(isinstance(inner, kind) for inner in ast.walk(node))  # type: ignore[arg-type]


def _imports(tree: ast.Module) -> list[str]:
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom))
    return [ast.unparse(node) for node in nodes]
