"""Arguments that the authors pass are found, and only those that a literal can write."""

from typing import Any

import pytest

PAD = """
def pad(text, width=3, /, *, fill=" "):
    return text.rjust(width, fill) + ""
"""


def seeds(extracted: Any, *sources: str, entry: str = "pad", **config: int) -> tuple[str, ...]:
    files = {f"p/m{number}.py": source for number, source in enumerate(sources)}
    found: tuple[str, ...] = extracted(files, **config)[entry].seeds
    return found


@pytest.mark.parametrize(
    ("call", "seed"),
    [
        ("pad('a')", "{'text': 'a'}"),
        ("pad('a', 5, fill='.')", "{'text': 'a', 'width': 5, 'fill': '.'}"),
        ("pad(fill='.', *['a'])", None),
        ("pad('a', **options)", None),
        ("pad(text)", None),
        ("pad('a', count)", "{'text': 'a'}"),
        ("pad('a', 2 ** 3 - 1)", "{'text': 'a', 'width': 7}"),
        ("pad('ab' * 2 + 'c', -1)", "{'text': 'ababc', 'width': -1}"),
        ("pad('a' * 10 ** 9)", None),
        ("pad('a', 9 ** 9 ** 9)", "{'text': 'a'}"),
        ("pad('a', 1 // 0)", "{'text': 'a'}"),
        ("pad('a', 1, 2)", None),
        ("pad('a', other=1)", None),
        ("pad([1, (2, {'k': {3}})], None)", "{'text': [1, (2, {'k': {3}})], 'width': None}"),
        ("pad(set(), float('nan'))", "{'text': set(), 'width': float('nan')}"),
        ("print(str(pad('a')))", "{'text': 'a'}"),
        ("self.assertEqual(pad('a'), '  a')", "{'text': 'a'}"),
    ],
)
def test_a_call_site_is_a_seed_if_it_is_literal(
    call: str, seed: str | None, extracted: Any
) -> None:
    source = f"{PAD}\n\ndef use(self, options, text, count):\n    {call}\n"
    assert seeds(extracted, source) == (() if seed is None else (seed,))


@pytest.mark.parametrize(
    ("body", "texts"),
    [
        ("x = 'a'\npad(x)", ["a"]),
        ("x, y = 'a', 'b'\npad(y)", ["b"]),
        ("x = 'a'\nx = read()\npad(x)", []),
        ("x = 'a'\nx += read()\npad(x)", []),
        ("x = ['a']\nx[0] = read()\npad(x)", []),
        ("for x in ('a', 'b'):\n    pad(x)", ["a", "b"]),
        ("rows = [(1, 'a'), (2, 'b')]\nfor n, x in rows:\n    pad(x)", ["a", "b"]),
        ("x = 'a'\nfor y in rows():\n    pad(x)\n    x = y", []),
        ("x = 'a'\nwhile x:\n    pad(x)\n    x = more()", []),
        ("x = 'a'\ndef use(x):\n    pad(x)", []),
        ("x = 'a'\ndef use():\n    pad(x)", ["a"]),
        ("x = 'a'\nwith read() as x:\n    pad(x)", []),
        ("if x:\n    pad('a')\nelse:\n    pad('b')", ["a", "b"]),
        ("try:\n    pad('a')\nexcept E:\n    pad('b')", ["a", "b"]),
        ("class T:\n    def test(self):\n        x = 'a'\n        pad(x)", ["a"]),
        ("pad('a')\npad('a')\npad('b')", ["a", "b"]),
    ],
)
def test_values_of_names_are_followed_within_a_scope(
    body: str, texts: list[str], extracted: Any
) -> None:
    found = seeds(extracted, f"{PAD}\n\n{body}\n")
    assert found == tuple(f"{{'text': {text!r}}}" for text in texts)


@pytest.mark.parametrize(
    ("use", "found"),
    [
        ("from p.m0 import pad\npad('a')", True),
        ("from .m0 import pad as fill\nfill('a')", True),
        ("from p import pad\npad('a')", True),
        ("import p.m0 as m\nm.pad('a')", True),
        ("from . import m0\nm0.pad('a')", True),
        ("from other import pad\npad('a')", False),
        ("import other\nother.pad('a')", False),
        ("def pad(x): return x\npad('a')", False),
        ("text.pad('a')", False),
    ],
)
def test_call_sites_in_other_files_of_the_package_are_told_by_their_imports(
    use: str, found: bool, extracted: Any
) -> None:
    assert seeds(extracted, PAD, use) == (("{'text': 'a'}",) if found else ())


def test_another_package_is_not_read(extracted: Any) -> None:
    files = {"p/m.py": PAD, "q/n.py": "from p.m import pad\npad('a')\n"}
    assert extracted(files)["pad"].seeds == ()


def test_a_test_file_is_read_for_its_calls(extracted: Any) -> None:
    test = """
    import pytest
    from p.m import pad

    @pytest.mark.parametrize(("text", "width"), [("a", 1), pytest.param("b", 2, id="b"), (F, 3)])
    @pytest.mark.parametrize("fill", [".", "-"])
    def test_pad(text, width, fill):
        assert pad(text, width, fill=fill)
    """
    found = extracted({"p/m.py": PAD, "p/tests/test_m.py": test})["pad"].seeds
    assert found == tuple(
        f"{{'text': {text!r}, 'width': {width}, 'fill': {fill!r}}}"
        for fill in ".-"
        for text, width in (("a", 1), ("b", 2))
    )


def test_doctests_come_first_and_share_their_names(extracted: Any) -> None:
    source = '''
    """
    >>> pad("m")
    """
    pad("z")
    def pad(text, width=3):
        """Fill.

        >>> pad("a", 2)
        ' a'
        >>> x = "b"
        >>> for width in (1, 2):
        ...     pad(x, width)
        >>> pad(
        """
        return text.rjust(width) + ""
    '''
    assert seeds(extracted, source) == (
        "{'text': 'a', 'width': 2}",
        "{'text': 'b', 'width': 1}",
        "{'text': 'b', 'width': 2}",
        "{'text': 'm'}",
        "{'text': 'z'}",
    )


def test_a_static_method_is_called_by_its_class(extracted: Any) -> None:
    source = """
    class Tools:
        @staticmethod
        def pad(text): return text.rjust(3) + ""
        def use(self): return self.pad("a") + Tools.pad("b")
    """
    assert seeds(extracted, source) == ("{'text': 'a'}", "{'text': 'b'}")


def test_no_more_seeds_than_the_limit(extracted: Any) -> None:
    calls = "\n".join(f"pad('{number}')" for number in range(9))
    assert len(seeds(extracted, f"{PAD}\n{calls}\n", max_seeds=4)) == 4
    assert seeds(extracted, f"{PAD}\n{calls}\n", max_seeds=0) == ()


def test_a_long_argument_is_no_seed(extracted: Any) -> None:
    assert seeds(extracted, f"{PAD}\npad('{'a' * 3000}')\n") == ()


def test_a_test_file_that_does_not_parse_does_no_harm(extracted: Any) -> None:
    assert seeds(extracted, PAD, "pad('a'\n") == ()
