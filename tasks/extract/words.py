"""Sets of names, written as one text: easier to read than a quoted list of a hundred."""


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())
