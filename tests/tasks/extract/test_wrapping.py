"""What gives an iterator is kept with a function that makes a list of it."""

from typing import Any

import pytest

CASES: dict[str, tuple[str, str, tuple[Any, ...], str]] = {
    "a generator": (
        "def f(n, *, step=1):\n    for i in range(n):\n        yield i * step + 1\n",
        "list_f",
        (3,),
        "[1, 2, 3]",
    ),
    "a private generator": (
        "def _f(n):\n    yield n * 2\n    yield n + 1\n",
        "list_f",
        (3,),
        "[6, 4]",
    ),
    "a map": ("def f(items): return map(str, items[1:])", "list_f", ([1, 2],), "['2']"),
    "a generator expression": (
        "def f(items): return (item * 2 + 1 for item in items)",
        "list_f",
        ([1, 2],),
        "[3, 5]",
    ),
    "a generator with helpers above and below": (
        (
            "FIRST = 1\ndef f(n):\n    yield FIRST + n\n    yield from rest(n)\n"
            "def rest(n): return [n, n * 2]\n"
        ),
        "list_f",
        (3,),
        "[4, 3, 6]",
    ),
    "one with all kinds of parameters": (
        "def f(a, /, b, *rest, c=3, **more):\n    yield a + b + c\n    yield rest, more\n",
        "list_f",
        (1, 2, 9),
        "[6, ((9,), {})]",
    ),
    "one that ends a loop itself": (
        (
            "def f(n):\n    while True:\n        if n > 9:\n            return\n"
            "        yield n\n        n = n * 2 + 1\n"
        ),
        "list_f",
        (2,),
        "[2, 5]",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_list_of_what_it_gives_is_what_the_function_returns(
    name: str, extracted: Any, call: Any
) -> None:
    source, entry, args, expected = CASES[name]
    outcome = call(extracted(source, min_operations=1)[entry], *args)
    assert (outcome.status, outcome.value, outcome.message) == ("ok", expected, "")


def test_generator_and_list_stand_together_at_the_end(extracted: Any) -> None:
    source = (
        "from typing import Iterator\n"
        "def pairs(xs: list[int], gap: int = 1) -> Iterator[int]:\n"
        '    """Pair them."""\n    for x in xs:\n        yield half(x) + gap\n'
        "def half(x): return x // 2\n"
    )
    found = extracted(source)["list_pairs"]
    assert found.code == (
        "def pairs(xs: list[int], gap: int = 1) -> Iterator[int]:\n"
        '    """Pair them."""\n    for x in xs:\n        yield half(x) + gap\n\n\n'
        "def list_pairs(xs: list[int], gap: int = 1):\n    return list(pairs(xs, gap))"
    )
    assert found.program.endswith(f"{found.code}\n")
    assert (found.docstring, found.first_line, found.last_line) == ("Pair them.", 2, 5)
    assert [p.annotation for p in found.parameters] == ["list[int]", "int"]


def test_a_static_method_that_yields_is_left_out(extracted: Any) -> None:
    source = "class A:\n    @staticmethod\n    def f(x):\n        yield x + 1 * 2\n"
    assert extracted(source).why("A.f") == ("generator", "")
