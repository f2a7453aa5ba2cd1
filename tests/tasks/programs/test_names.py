"""Names that source needs, as the symbol table sees them."""

import pytest

from tasks.programs.names import bound_names, needed_names, unresolved_names


@pytest.mark.parametrize(
    ("source", "needed"),
    [
        ("def f(x): return x + y", {"y"}),
        ("def f(x=A, *, k=B): return x", {"A", "B"}),
        ("@deco\ndef f(x): return f(x)", {"deco"}),
        ("def f(x: Foo) -> Bar:\n    y: Baz = 1\n    return y", set()),
        ("class C(Base, metaclass=Meta):\n    y: Ann = z", {"Base", "Meta", "z"}),
        ("def f(x): return [y for y in x if (w := y) > LIMIT] + [w]", {"LIMIT"}),
        ("def f():\n    def g(): return outer\n    outer = 1\n    return g", set()),
        ("def f():\n    global G\n    G = 1", {"G"}),
        ("class C:\n    x = 1\n    def m(self): return x", {"x"}),
        ("x = x0 + 1", {"x0"}),
        ("for i in items: total = i", {"items"}),
        ("import a.b as c\nfrom d import e\nc, e", set()),
        # CPython takes any scope of this name for the module's.
        ("def top(items): return [items, len]", {"len"}),
    ],
)
def test_needed_names_are_those_from_outside(source: str, needed: set[str]) -> None:
    assert needed_names(source) == needed


def test_unresolved_names_are_neither_bound_nor_builtin() -> None:
    assert unresolved_names("def f(x): return len(x) + nothing") == {"nothing"}


@pytest.mark.parametrize("name", ["__name__", "__file__", "__spec__"])
def test_what_only_a_module_has_does_not_resolve(name: str) -> None:
    assert unresolved_names(f"def f(x): return {name}") == {name}


def test_bound_names_are_those_of_the_module_level() -> None:
    source = "import a.b, c as d\nx, (y, *z) = 1, (2,)\ndef f(p): q = 1\nclass K: m = 1\n"
    assert bound_names(source) == {"a", "d", "x", "y", "z", "f", "K"}


def test_a_global_called_annotations_is_bound() -> None:
    assert needed_names("annotations = 1\ndef f(x): return annotations") == set()


def test_what_does_not_parse_raises() -> None:
    with pytest.raises(SyntaxError):
        needed_names("def f(:")
