"""Tables of words, written as text so that they can be read."""


def words(text: str) -> tuple[str, ...]:
    """The words between white space."""
    return tuple(text.split())
