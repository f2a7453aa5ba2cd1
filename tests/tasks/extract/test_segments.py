"""A file is cut where its statements start, however it is laid out."""

import ast
import sysconfig
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tasks.extract.extract import extract, extract_whole
from tasks.extract.segments import Shape, cut
from tasks.records.configs import ExtractConfig
from tasks.records.functions import Function
from tasks.records.sources import SourceFile

LAYOUTS: dict[str, tuple[str, list[str]]] = {
    "decorators": ("@a\n@b(\n    1)\ndef f(x):\n    pass\n", ["@a"]),
    "a string with code in it": ('X = """\ndef f(x):\n    return x\n"""\nY = 1\n', ["X", "Y"]),
    "quotes in a comment": ("# it's '''\nX = 1\n# and \"\"\"\nY = 2\n", ["X", "Y"]),
    "an odd number of quotes": ("X = '''a''' + '''\nY = 3\n'''\nZ = 1\n", ["X", "Z"]),
    "brackets": ("X = [\n1,\n(2),\n]\nY = f(\n3)\n", ["X", "Y"]),
    "a bracket in a string": ("X = '('\nY = 1\n", ["X", "Y"]),
    "a backslash": ("X = 1 + \\\n2\nY = 1\n", ["X", "Y"]),
    "clauses": ("try:\n    a\nexcept E:\n    b\nelse:\n    c\nX = 1\n", ["try:", "X"]),
    "comments at the left": (
        "def f(x):\n    a\n# not the end\n    return x\nX = 1\n",
        ["def", "X"],
    ),
    "no newline at the end": ("X = 1\nY = 2", ["X", "Y"]),
    "nothing": ("", []),
    "only comments": ("# a\n\n# b\n", []),
}


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("careful", [False, True])
def test_a_file_is_cut_at_its_statements(name: str, careful: bool) -> None:
    text, starts = LAYOUTS[name]
    assert [one.text.split()[0] for one in cut(text, careful=careful)] == starts


def test_a_header_that_goes_on_at_the_left_needs_a_careful_cut() -> None:
    text = "def f(\nx,\n):\n    return x\nX = 1\n"
    assert len(list(cut(text, careful=True))) == 2


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("X = 1", Shape.ASSIGNMENT),
        ("X: int = 1", Shape.ASSIGNMENT),
        ("X = Y = 1", Shape.OTHER),
        ("X = Y[0] = 1", Shape.OTHER),
        ("X = a == b", Shape.ASSIGNMENT),
        ("X, Y = 1, 2", Shape.OTHER),
        ("X += 1", Shape.OTHER),
        ("X = 1; Y = 2", Shape.OTHER),
        ("X[0] = 1", Shape.OTHER),
        ("'doc'", Shape.NOTHING),
        ("if __name__ == '__main__':\n    run()", Shape.NOTHING),
        ("if __name__ == '__main__':\n    run()\nelse:\n    X = 1", Shape.OTHER),
        ("import a, b", Shape.IMPORT),
        ("async def f(): pass", Shape.DEFINITION),
    ],
)
def test_a_segment_is_known_by_its_first_words(text: str, shape: Shape) -> None:
    assert [one.shape for one in cut(text)] == [shape]


def _library(pattern: str) -> list[SourceFile]:
    root = Path(sysconfig.get_path("stdlib"))
    return [
        SourceFile(
            name=f"s/{path.name}",
            path=path.relative_to(root).as_posix(),
            corpus="s",
            text=path.read_text(encoding="utf-8"),
            licence="",
            revision="",
        )
        for path in sorted(root.glob(pattern))
    ]


@pytest.mark.parametrize("careful", [False, True])
def test_the_standard_library_is_cut_as_its_parser_would(careful: bool) -> None:
    differ = []
    for file in _library("*.py"):
        tree = ast.parse(file.text)
        expected = {_first_line(node) for node in tree.body if node.col_offset == 0}
        found = {segment.line for segment in cut(file.text, careful=careful)}
        if expected != found:
            differ.append((file.path, sorted(expected ^ found)[:3]))
    assert differ == []


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(one.lineno for one in decorators)])


def _kept(items: Any) -> dict[tuple[str, int], Function]:
    return {(one.source, one.first_line): one for one in items if isinstance(one, Function)}


def test_cut_files_give_the_records_of_whole_files() -> None:
    files = [*_library("*.py"), *_library("email/*.py"), *_library("importlib/**/*.py")]
    whole, fast = (_kept(way(files, ExtractConfig())) for way in (extract_whole, extract))
    assert len(whole) > 200
    assert whole == fast


SAME = {
    "a method behind a string that looks like one": '''
        class A:
            """
            @staticmethod
            def no(x): return x * 2 + 1
            """
            @staticmethod
            def yes(x): return x * 2 + 1
    ''',
    "a decorator above another": """
        class A:
            @register("a")
            @staticmethod
            def no(x): return x * 2 + 1
    """,
    "state that a method changes": """
        SEEN = {}
        class A:
            def note(self, x): SEEN[x[0]] = 1
        def no(x): return x in SEEN or len(SEEN) > 1
    """,
    "state that is changed in one of several targets": """
        A, B = [0], [1]
        def change(x): A[0], B[0] = x, x
        def no(x): return A[x] + B[x]
    """,
    "state that only looks changed": """
        LIMITS = {"a": 1}
        def no(x: object, y: Thing): return dict(x, a=LIMITS["a"]) == LIMITS["b"]
        def yes(x): return LIMITS[x] * 2 + 1
    """,
    "a semicolon after a function": "def yes(x): return x * 2 + 1; y = 2",
    "a header at the left": "def yes(\nx,\n):\n    return x * 2 + 1\n",
    "a return in parts": "def yes(x):\n    return \\\n        x * 2 + 1\n",
    "an annotation of a nested function": """
        from numpy import ndarray
        def yes(x):
            def inner(y: ndarray) -> ndarray:
                return y + 1
            return x * 2 + 1 if x else inner(x)
    """,
    "an annotated class of the module": """
        class Thing: pass
        def no(x: Thing, y): return y * 2 + 1
        def no2(x) -> "Thing":
            return x * 2 + 1
        class Options(dict): pass
        def yes(x: int, y: "Options" = None) -> int:
            return x * 2 + 1
    """,
    "a nested return": "def no(x):\n    def g(): return x + 1\n    g() + 2\n",
}


@pytest.mark.parametrize("name", SAME)
def test_text_and_tree_agree(name: str) -> None:
    file = SourceFile(
        name="c/m.py", path="m.py", corpus="c", text=dedent(SAME[name]), licence="", revision=""
    )
    whole, fast = (list(way([file], ExtractConfig())) for way in (extract_whole, extract))
    assert _kept(whole) == _kept(fast)
    assert ["yes"] * ("yes" in SAME[name]) == [one.name for one in _kept(fast).values()]
