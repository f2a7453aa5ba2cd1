"""A small corpus of our own, for builds that take seconds."""

from collections.abc import Collection
from pathlib import Path

MODULES = {
    "text/case.py": '''
"""Letter case."""

VOWELS = "aeiou"


def count_vowels(text: str) -> int:
    """Vowels in a text.

    >>> count_vowels("education")
    5
    """
    return sum(1 for letter in text.lower() if letter in VOWELS)


def swap_words(text: str, separator: str = " ") -> str:
    """The words in the opposite order."""
    return separator.join(reversed(text.split(separator)))


def initials(name: str) -> str:
    parts = [part for part in name.split() if part]
    return "".join(part[0].upper() + "." for part in parts)
''',
    "text/tests/test_case.py": """
from text.case import initials, swap_words


def test_initials():
    assert initials("ada lovelace") == "A.L."
    assert initials("grace brewster hopper") == "G.B.H."
    assert swap_words("one two three") == "three two one"
""",
    "numbers/steps.py": '''
import math


def collatz(number: int) -> list[int]:
    """The path from a number to one."""
    path = [number]
    while number > 1:
        number = number // 2 if number % 2 == 0 else 3 * number + 1
        path.append(number)
    return path


def digits_sum(number: int) -> int:
    return sum(int(digit) for digit in str(abs(number)))


def hypotenuse(a: float, b: float) -> float:
    return round(math.sqrt(a * a + b * b), 6)


def clamp(value: int, low: int = 0, high: int = 100) -> int:
    if low > high:
        raise ValueError("low is above high")
    return max(low, min(high, value))
''',
    "lists/order.py": '''
def chunks(items: list, size: int) -> list:
    if size < 1:
        raise ValueError("size")
    return [items[start : start + size] for start in range(0, len(items), size)]


def unique(items: list) -> list:
    seen = []
    for item in items:
        if item not in seen:
            seen.append(item)
    return seen


def runs(text: str) -> list:
    """Lengths of runs of equal characters."""
    found = []
    for letter in text:
        if found and found[-1][0] == letter:
            found[-1] = (letter, found[-1][1] + 1)
        else:
            found.append((letter, 1))
    return found


def by_length(words: list[str]) -> dict:
    groups = {}
    for word in words:
        groups.setdefault(len(word), []).append(word)
    return groups
''',
    "lists/copied.py": """
def distinct(values: list) -> list:
    known = []
    for value in values:
        if value not in known:
            known.append(value)
    return known
""",
    "lists/random_order.py": '''
import random


def shuffled(items: list) -> list:
    return random.sample(items, len(items))


def as_set_text(words: list[str]) -> str:
    """Its output depends on the hash seed."""
    return "-".join(set(words) | {"alpha", "beta", "gamma", "delta"})
''',
}


def write_corpus(folder: Path, modules: Collection[str] = MODULES.keys()) -> Path:
    """The modules, or those of them, under a folder called `corpus`."""
    root = folder / "corpus"
    for name in modules:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(MODULES[name].lstrip())
    return root
