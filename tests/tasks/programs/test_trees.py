"""Walking finds every node that `ast.walk` finds, whatever stands in the tree."""

import ast
import sysconfig
from pathlib import Path

import pytest

from tasks.programs.trees import walk

LEFT_OUT = ast.expr_context | ast.operator | ast.unaryop | ast.boolop | ast.cmpop
MATCH = "match x:\n    case True | None | {1: 'a', **rest} | [1, *more] | A(b=2) as c: pass\n"
LIBRARY = Path(sysconfig.get_path("stdlib"))


@pytest.mark.parametrize(
    "source",
    [MATCH, *((LIBRARY / name).read_text() for name in ("ast.py", "typing.py", "dataclasses.py"))],
    ids=["match", "ast", "typing", "dataclasses"],
)
def test_every_node_is_found_once(source: str) -> None:
    tree = ast.parse(source)
    expected = [node for node in ast.walk(tree) if not isinstance(node, LEFT_OUT)]
    found = list(walk(tree))
    assert {id(node) for node in found} == {id(node) for node in expected}
    assert len(found) == len(expected)
