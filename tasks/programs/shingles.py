"""Code as a set of short runs of tokens, blind to names, comments, layout and the docstring.

A variable counts by where it first stands in the run itself: runs of renamed copies are equal, and
a variable more or less elsewhere changes none. What says what is done keeps its name: keywords,
builtins, attributes, whatever is called or imported.

Not covered: order and number of the runs, annotations (they count), a docstring that is not the
first thing in a function's body.
"""

import builtins
import keyword
import re
from collections.abc import Iterator

_TOKEN = re.compile(
    r"""
      (?P<skipped>\#[^\n]*|\\\n|[ \t\r\f]+)
    | (?P<string>(?i:[rbfu]{0,2})(?:\"{3}(?:[^\\]|\\.)*?\"{3}|'{3}(?:[^\\]|\\.)*?'{3}
        |\"(?:[^\\\"\n]|\\.)*\"|'(?:[^\\'\n]|\\.)*'))
    | (?P<called>(?<!def\ )[^\W\d]\w*(?=\())
    | (?P<name>[^\W\d]\w*)
    | (?P<number>\.?\d[\w.]*)
    | (?P<line>\n)
    | (?P<sign>[-+*/%@&|^=<>!:]=|\*\*=?|//=?|<<=?|>>=?|->|\S)
    """,
    re.VERBOSE | re.DOTALL,
)
_IMPORT = re.compile(r"^[ \t]*(?:import|from)[ \t][^\n]*", re.MULTILINE)
_NAME = re.compile(r"[^\W\d]\w*")
_KEPT_NAMES = frozenset((*keyword.kwlist, *dir(builtins)))
_RENAMED = "\0"
"""Stands before a name that may be renamed; no token of Python begins with it."""


def shingles(source: str, size: int) -> frozenset[str]:
    """Every run of `size` tokens, renamed; the whole of a source that is shorter."""
    tokens = list(_tokens(source))
    if not tokens:
        return frozenset()
    starts = range(max(len(tokens) - size, 0) + 1)
    return frozenset(_renamed(tokens[start : start + size]) for start in starts)


def _renamed(run: list[str]) -> str:
    return " ".join(
        f"{_RENAMED}{run.index(token)}" if token.startswith(_RENAMED) else token for token in run
    )


def _tokens(source: str) -> Iterator[str]:
    """The tokens that count, in order; names that may be renamed are marked."""
    imported = _imported(source)
    before, after_line = "", False
    for match in _TOKEN.finditer(source):
        kind, text = match.lastgroup, match.group()
        if kind == "skipped":
            continue
        if kind == "line":
            after_line = True
            continue
        if kind == "string" and before == ":" and after_line:
            continue  # a docstring
        kept = kind != "name" or before == "." or text in _KEPT_NAMES or text in imported
        yield text if kept else _RENAMED + text
        before, after_line = text, False


def _imported(source: str) -> frozenset[str]:
    """Names in the lines that import something."""
    return frozenset(name for line in _IMPORT.findall(source) for name in _NAME.findall(line))
