"""The programs that the sandbox benchmark runs, each with the source text of its inputs.

Some ways of running them have no jail at all, so whatever is not plainly harmless is left out.
"""

import ast
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from sandbox import Call, Program, decode, encode

PUBLISHED = Path(__file__).parents[3] / "shared/data/case2code_test_200.jsonl"
"""200 items of the Case2Code paper's own test set; optional."""

HARMLESS = frozenset(
    [
        "__future__",
        "abc",
        "array",
        "base64",
        "binascii",
        "bisect",
        "calendar",
        "cmath",
        "collections",
        "colorsys",
        "copy",
        "dataclasses",
        "datetime",
        "decimal",
        "difflib",
        "enum",
        "fractions",
        "functools",
        "hashlib",
        "heapq",
        "html",
        "itertools",
        "json",
        "keyword",
        "math",
        "numbers",
        "operator",
        "random",
        "re",
        "statistics",
        "string",
        "struct",
        "textwrap",
        "types",
        "typing",
        "unicodedata",
    ]
)
"""Modules that a program run without a jail may import: none opens, starts or sends anything."""

FORBIDDEN = frozenset(
    [
        "__import__",
        "eval",
        "exec",
        "compile",
        "open",
        "input",
        "exit",
        "quit",
        "breakpoint",
        "globals",
        "vars",
        "setattr",
        "delattr",
    ]
)
"""Names that it may not use."""

MAX_CALLS = 10


@dataclass(frozen=True)
class Item:
    """A program, its entry, and the arguments of each call as the text of a dict."""

    source: str
    entry: str
    arguments: tuple[str, ...]

    @property
    def program(self) -> Program:
        """The item as the sandbox takes it."""
        return Program(
            self.source, self.entry, tuple(Call((), decode(text)) for text in self.arguments)
        )

    def marked(self, mark: int) -> "Item":
        """The same program with another text, so that nothing can be remembered of it."""
        return Item(f"{self.source}\n# {mark}\n", self.entry, self.arguments)


def read_items(dataset: Path | None, count: int) -> list[Item]:
    """At most `count` harmless items: of a data set, else of the published items.

    Raises:
        FileNotFoundError: Neither is there.
    """
    rows = _of_dataset(dataset) if dataset else _published()
    return [item for item in rows if is_harmless(item.source)][:count]


def is_harmless(source: str) -> bool:
    """Whether a program may run without a jail."""
    nodes = list(ast.walk(ast.parse(source)))
    return (
        {name.split(".")[0] for node in nodes for name in _imported(node)} <= HARMLESS
        and not {node.id for node in nodes if isinstance(node, ast.Name)} & FORBIDDEN
        and not any(isinstance(node, ast.Attribute) and _is_dunder(node.attr) for node in nodes)
    )


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__") and name not in {"__name__", "__init__"}


def _imported(node: ast.AST) -> Iterable[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or "?"]
    return []


def _of_dataset(place: Path) -> Iterator[Item]:
    """Items of the samples in a Parquet file, or in all below a folder."""
    for file in sorted(place.rglob("*.parquet")) if place.is_dir() else [place]:
        for row in pq.read_table(file).to_pylist():
            if "completion" in row:
                cases = [*row["shown"], *row["hidden"]][:MAX_CALLS]
                arguments = tuple(case["arguments"] for case in cases)
                yield Item(row["completion"], row["name"], arguments)


def _published() -> Iterator[Item]:
    if not PUBLISHED.exists():
        raise FileNotFoundError(f"no --dataset given, and {PUBLISHED} is not there")
    for line in PUBLISHED.read_text().splitlines():
        row = json.loads(line)
        arguments = [_canonical(pairs) for pairs in row["parsed_inputs"][:MAX_CALLS]]
        yield Item(row["exec_code"], row["func_name"], tuple(filter(None, arguments)))


def _canonical(pairs: list[list[str]]) -> str:
    """The canonical text of the arguments; empty where one of them is no literal."""
    try:
        values: dict[str, Any] = {name: ast.literal_eval(text) for name, text in pairs}
        return encode(values)
    except (ValueError, SyntaxError, TypeError):
        return ""
