"""Functions as sketches: the MinHash of their shingles, cut into bands.

Two functions with a share `j` of shingles in common meet in at least one of 42 bands of 6 values
with the probability 1 - (1 - j^6)^42: 0.995 at 0.7, 0.16 at 0.4. Whoever meets is compared
exactly (`tasks.dedup.near`), so bands cost time and never a wrong answer.
Source: Broder 1997; 5-grams and 256 permutations as in BigCode's near-deduplication.
"""

from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from itertools import islice

from rensa import RMinHash

from tasks.programs.shingles import shingles
from tasks.records.base import digest_of
from tasks.records.functions import Function
from tasks.records.sketches import Sketch

SHINGLE_TOKENS = 5
PERMUTATIONS = 256
BANDS = 42
BAND_VALUES = 6
_SEED = 42
_WINDOW = 512
_POSITIVE = (1 << 63) - 1
"""Parquet's integers have a sign."""


def minhash_version() -> str:
    """Changes with everything that may change a sketch: sketches of two versions never meet."""
    parts = (SHINGLE_TOKENS, PERMUTATIONS, BANDS, BAND_VALUES, RMinHash.ALGORITHM_VERSION)
    return digest_of(version("rensa"), *map(str, parts))[:16]


def sketch(functions: Iterable[Function]) -> Iterator[Sketch]:
    """A sketch of each function, in order."""
    stream = iter(functions)
    while window := list(islice(stream, _WINDOW)):
        yield from _sketched(window)


def _sketched(functions: Sequence[Function]) -> Iterator[Sketch]:
    whole = hashed([shingles(one.program, SHINGLE_TOKENS) for one in functions])
    own = hashed([_own(one) for one in functions])
    for one, program, code, bands in zip(functions, whole, own, signatures(whole), strict=True):
        yield Sketch(
            id=one.id,
            identity=one.identity,
            bands=bands,
            shingles=tuple(program),
            own=tuple(code),
        )


def _own(function: Function) -> frozenset[str]:
    """Of the function without what it needs; nothing where that is all of the program."""
    if function.code.strip() == function.program.strip():
        return frozenset()
    return shingles(function.code, SHINGLE_TOKENS)


def hashed(runs: Sequence[frozenset[str]]) -> list[list[int]]:
    """Each set of shingles as sorted positive 63-bit hashes."""
    hashes = RMinHash.hash_token_sets([list(one) for one in runs])
    return [sorted({value & _POSITIVE for value in one}) for one in hashes]


def signatures(hashes: Sequence[Sequence[int]]) -> Iterator[tuple[int, ...]]:
    """The bands of each set of hashes: `BANDS` signed 64-bit integers."""
    if not hashes:
        return
    matrix = RMinHash.digest_matrix_from_token_hash_sets(hashes, PERMUTATIONS, _SEED)
    for row in matrix.to_rows():
        # The hash of a tuple of integers is the same in every process.
        yield tuple(
            hash(tuple(row[start : start + BAND_VALUES]))
            for start in range(0, BANDS * BAND_VALUES, BAND_VALUES)
        )
