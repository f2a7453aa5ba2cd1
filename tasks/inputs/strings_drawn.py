"""Texts and bytes for a shape: pieces that its program asks for, else texts of its kind."""

from random import Random
from typing import Any

from tasks.inputs import regexes, texts
from tasks.inputs.chances import chance
from tasks.inputs.facts import Pool
from tasks.inputs.shapes import Base, Shape

MAX_DEPTH = 3
"""Separators inside what other separators part."""
MAX_PIECES = 5
MAX_SIZE = 40
"""A length that is asked for is drawn up to here."""
BY_MARKS = 0.45
"""Share of texts that are put together with what the program looks for, where it does."""
PERIODIC = 0.05
"""Share of texts that repeat themselves, where slices of them are taken."""
MAX_WORD = 16
_GENERAL = ("word", "word", "word", "word", "sentence", "sentence", "letters", "letters", "digits")


def draw_text(shape: Shape, pool: Pool, rng: Random, depth: int = 0) -> str:
    """A text for the shape."""
    text = _suited(shape, pool, rng, depth)
    affixes = [affix for affix in shape.affixes if isinstance(affix, str)]
    if affixes and chance(rng, 0.5):
        text = _with_affix(text, rng.choice(affixes), rng)
    if shape.sliced and text and chance(rng, PERIODIC):
        text = text[: rng.choice((1, 2, 4))] * rng.choice((2, 3, 5, 8))
    sizes = [size for size in shape.sizes if type(size) is int and 0 < size <= MAX_SIZE]
    if sizes and chance(rng, 0.4):
        text = _sized(text, rng.choice(sizes))
    return text


def _sized(text: str, size: int) -> str:
    return (text * size)[:size] if text else text


def _suited(shape: Shape, pool: Pool, rng: Random, depth: int) -> str:
    if "character" in shape.flavours and chance(rng, 0.85):
        return _character(shape, rng)
    known = [value for value in shape.constants if isinstance(value, str)]
    if known and chance(rng, 0.92 if "constant" in shape.flavours else 0.45):
        return _near(rng.choice(known), rng)
    asked = _asked_for(shape, pool, rng, depth)
    if asked is None and chance(rng, BY_MARKS if depth == 0 else BY_MARKS / 3):
        asked = composed(shape, pool, rng)
    return _pooled(shape, pool, rng) if asked is None else asked


def composed(shape: Shape, pool: Pool, rng: Random) -> str | None:
    """Texts of the shape's kind put together with what the program looks for, more than once.

    None where it looks for nothing.
    """
    affixes = [each for each in shape.affixes if isinstance(each, str)]
    marks = [*pool.marks, *affixes]
    if pool.patterns and chance(rng, 0.35 if marks else 0.6):
        marks = [regexes.matching(rng.choice(pool.patterns), rng) or " " for _ in range(2)]
    if not marks:
        return None
    some = rng.sample(marks, min(len(marks), rng.choice((1, 1, 2, 3))))
    pieces = [_piece(shape, pool, rng) for _ in range(rng.choice((1, 2, 2, 3, 4)))]
    return _join(pieces, some, rng)


def _piece(shape: Shape, pool: Pool, rng: Random) -> str:
    words = [text for text in pool.texts if len(text) <= MAX_WORD and text.isidentifier()]
    if words and chance(rng, 0.2):
        return rng.choice(words)
    if chance(rng, 0.7):
        return texts.word(rng)
    return _flavoured(shape, rng)


def _join(pieces: list[str], marks: list[str], rng: Random) -> str:
    """Pieces with marks between them, sometimes around all of them, sometimes doubled."""
    around = rng.choice(("", "", "both", "left", "right"))
    text = pieces[0]
    for piece in pieces[1:]:
        mark = rng.choice(marks)
        text += mark * rng.choice((1, 1, 1, 1, 2)) + piece
    if len(pieces) == 1 and not around:
        around = rng.choice(("both", "left", "right", "middle"))
    mark = rng.choice(marks)
    if around == "middle":
        at = rng.randint(0, len(text))
        return text[:at] + mark + text[at:]
    left = mark if around in {"both", "left"} else ""
    return left + text + (rng.choice(marks) if around in {"both", "right"} else "")


def _character(shape: Shape, rng: Random) -> str:
    single = [value for value in shape.constants if isinstance(value, str) and len(value) == 1]
    return rng.choice(single) if single and chance(rng, 0.4) else texts.write("character", rng)


def _asked_for(shape: Shape, pool: Pool, rng: Random, depth: int) -> str | None:
    """A text of the structure that the program takes apart; None where it takes none, or seldom."""
    if shape.formats and chance(rng, 0.8):
        return texts.dated(rng.choice(shape.formats), rng)
    if shape.patterns and chance(rng, 0.7):
        text = regexes.matching(rng.choice(shape.patterns), rng)
        if text is not None:
            return text
    if shape.parts and depth < MAX_DEPTH and chance(rng, 0.75):
        return _pieces(shape, pool, rng, depth)
    if shape.item is not None and shape.item.constants and chance(rng, 0.6):
        return _of_characters(shape.item, pool, rng)
    return None


def _pooled(shape: Shape, pool: Pool, rng: Random) -> str:
    """Something of the program's own words now and then, else a text of the shape's kind."""
    if pool.alphabet and chance(rng, 0.08):
        return "".join(rng.choice(pool.alphabet) for _ in range(rng.randint(1, 8)))
    if pool.texts and chance(rng, 0.06):
        return rng.choice(pool.texts)
    if "\n" in pool.alphabet and chance(rng, 0.25):
        return texts.write("lines", rng)
    return _flavoured(shape, rng)


def _near(text: str, rng: Random) -> str:
    """Mostly the text itself."""
    return rng.choice((text, text, text, text, text.upper(), text.capitalize(), text + "s"))


def _flavoured(shape: Shape, rng: Random) -> str:
    if chance(rng, 0.02):
        return ""
    kinds = [flavour for flavour in shape.flavours if flavour in texts.FLAVOURS]
    if kinds and chance(rng, 0.75):
        return texts.write(rng.choice(kinds), rng)
    return texts.write(rng.choice(_GENERAL), rng)


def _with_affix(text: str, affix: str, rng: Random) -> str:
    if chance(rng, 0.25):
        return affix
    middle = rng.randint(0, len(text))
    return rng.choice((affix + text, text + affix, text[:middle] + affix + text[middle:]))


def _pieces(shape: Shape, pool: Pool, rng: Random, depth: int) -> str:
    """Pieces between separators, as many as the program unpacks."""
    separator, pieces = rng.choice(shape.parts)
    count = pieces.length or max(pieces.at_least, rng.randint(1, MAX_PIECES))
    item = pieces.item
    drawn = []
    for position in range(min(count, 12)):
        piece = pieces.fields.get(position) or item
        drawn.append(draw_text(piece, pool, rng, depth + 1) if piece else texts.word(rng))
    return (separator or " ").join(drawn)


def _of_characters(inner: Shape, pool: Pool, rng: Random) -> str:
    """A text of the characters that the program looks for, among others."""
    sought = [value for value in inner.constants if isinstance(value, str) and value]
    if not sought:
        return texts.word(rng)
    others = rng.choice((" ", "abc", texts.word(rng) or "x", pool.alphabet or "xyz"))
    share = rng.choice((0.3, 0.6, 1.0))
    return "".join(
        rng.choice(sought) if rng.random() < share else rng.choice(others)
        for _ in range(rng.randint(1, 10))
    )


def draw_bytes(shape: Shape, pool: Pool, rng: Random) -> bytes:
    """Bytes: mostly text, sometimes anything."""
    known = [value for value in shape.constants if isinstance(value, bytes)]
    if known and chance(rng, 0.4):
        return rng.choice(known)
    if chance(rng, 0.8):
        return draw_text(shape, pool, rng).encode(errors="replace")
    return bytes(rng.choice((0, 1, 10, 65, 97, 127, 128, 255)) for _ in range(rng.randint(0, 8)))


def graph(numbered: bool, values: Base, rng: Random) -> dict[Any, Any]:
    """A small graph as a dict of neighbours: a list of them, a set, or a dict with weights."""
    count = rng.randint(2, 5)
    nodes: list[Any] = list(range(count)) if numbered else list("ABCDE"[:count])
    chosen = {node: [other for other in nodes if chance(rng, 0.4)] for node in nodes}
    if values is Base.DICT:
        return {node: {other: rng.randint(1, 9) for other in chosen[node]} for node in nodes}
    if values is Base.SET:
        return {node: set(others) for node, others in chosen.items()}
    return dict(chosen)
