"""Problems and functions as what can be compared without running them."""

import ast
import hashlib
import re
from collections.abc import Iterable, Iterator

from sandbox.parsing import parse_module
from tasks.programs.shingles import shingles
from tasks.records.problems import Problem

NGRAM_TOKENS = 10
MIN_NGRAMS = 20
"""A solution with fewer is too short to be known by its text."""
MIN_WORDS = 8
"""A description with fewer is no description of this problem alone."""

_WORD = re.compile(r"[a-z0-9]+")


def ngrams(source: str) -> frozenset[int]:
    """Hashes of all renamed runs of 10 tokens; the same in every process."""
    return frozenset(_hash(run) for run in shingles(source, NGRAM_TOKENS))


def _hash(text: str) -> int:
    digest = hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def words(text: str) -> list[str]:
    """Words in lower case, without what stands between them."""
    return _WORD.findall(text.lower())


def windows(text: str) -> Iterator[tuple[str, ...]]:
    """Every run of as many words as the shortest description has."""
    found = words(text)
    for start in range(len(found) - MIN_WORDS + 1):
        yield tuple(found[start : start + MIN_WORDS])


def description(problem: Problem) -> str:
    """The problem in words, without examples and tests; empty where these are too few."""
    said = _before_examples(_docstring(problem) or problem.prompt)
    found = words(said)
    return " ".join(found) if len(found) >= MIN_WORDS else ""


def _docstring(problem: Problem) -> str:
    """What stands in the prompt's function, or as the prompt's only string."""
    try:
        body = parse_module(problem.prompt).body
    except SyntaxError:
        return ""
    for node in body:
        if isinstance(node, ast.FunctionDef) and node.name == problem.entry:
            return ast.get_docstring(node) or ""
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return str(node.value.value)
    return ""


def _before_examples(text: str) -> str:
    return "\n".join(_until_example(text.split("\n")))


def _until_example(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if re.match(r"\s*(>>>|assert\b|examples?\b|for example\b)", line, re.IGNORECASE):
            return
        yield line
