"""What is kept of a function to find others that are nearly the same."""

from tasks.records.base import Record


class Sketch(Record):
    """A function's shingles and what leads to functions that share many of them."""

    id: str
    """Function.id"""
    identity: str
    bands: tuple[int, ...]
    """Hashes of parts of the MinHash signature: near-duplicates share one with near certainty."""
    shingles: tuple[int, ...]
    """Hashes of the runs of tokens of the program, sorted."""
    own: tuple[int, ...] = ()
    """The same of the function without what it needs; empty where that is all of the program."""
