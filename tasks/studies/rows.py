"""What the models of a study are trained on: rows of its data, none of a function tested on."""

import importlib.util
import re
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions
from itertools import islice
from pathlib import Path

from tasks.records.base import digest_of
from tasks.records.mixes import MixedRow
from tasks.records.samples import Sample
from tasks.records.studies import Rows

TEXT_CHARS = 4_000
"""Of one row of plain text: files are cut between lines."""
SAMPLES, CODE, TEXT = "samples", "code", "text"
"""Parts of a mix by name: the cell's own rows, and plain text of two kinds that every machine
has."""
OTHERS = (CODE, TEXT)
CODE_ROWS = 4_000
"""Of the installed packages: enough to be most of a small mix."""


def rows_of(samples: Iterable[Sample], held_out: frozenset[str], form: Rows) -> Iterator[MixedRow]:
    """The training rows of a data set.

    Args:
        samples: Of its training split.
        held_out: Ids of functions that some model is tested on: they are left out.
        form: With the cases, without them, or the answers alone.
    """
    for sample in samples:
        if sample.function_id in held_out:
            continue
        if form == "answers":
            yield MixedRow(id=sample.id, text=sample.completion)
        else:
            prompt = sample.prompt if form == "samples" else without_cases(sample)
            yield MixedRow(id=sample.id, prompt=prompt, completion=sample.completion)


def without_cases(sample: Sample) -> str:
    """A prompt for the same function that shows nothing of what it does."""
    return f"Write a Python function `{sample.name}` with the parameters `{sample.signature}`.\n"


def others(kind: str) -> Iterator[MixedRow]:
    """Rows of plain text that are not Case2Code: `code` or `text`."""
    texts = installed_code() if kind == CODE else python_documentation()
    for text in islice(texts, CODE_ROWS):
        yield MixedRow(id=digest_of(text)[:32], text=text)


def python_documentation() -> Iterator[str]:
    """The topics of Python's own manual that `help()` shows, a chapter or less each."""
    from pydoc_data.topics import topics  # noqa: PLC0415 - most of a megabyte

    for name in sorted(topics):
        yield from _cut(topics[name])


def installed_code() -> Iterator[str]:
    """Source of the installed packages, in an order that no package decides."""
    names = {name for name in packages_distributions() if name.isidentifier()}
    files = [path for name in sorted(names) for path in _sources(name)]
    for _, path in sorted((digest_of(inside), path) for inside, path in files):
        yield from _cut(path.read_text(encoding="utf-8", errors="replace"))


def _sources(name: str) -> Iterator[tuple[str, Path]]:
    """Files of a package, each with its place inside of it; nothing is imported."""
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):  # a broken package is no reason to have no other code
        return
    for root in spec.submodule_search_locations or () if spec else ():
        for path in sorted(Path(root).rglob("*.py")):
            yield f"{name}/{path.relative_to(root).as_posix()}", path


def _cut(text: str) -> Iterator[str]:
    """Pieces of at most `TEXT_CHARS` and at least a few lines, whole lines each."""
    piece = ""
    for line in re.split(r"(?<=\n)", text):
        if len(piece) + len(line) > TEXT_CHARS and piece:
            yield piece
            piece = ""
        piece += line[:TEXT_CHARS]
    if piece.strip():
        yield piece
