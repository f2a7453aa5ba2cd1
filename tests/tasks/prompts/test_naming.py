import pytest

from tasks.prompts.naming import free_names, renamed, signature_of
from tasks.records.functions import Parameter, ParameterKind

ONLY, EITHER, KEYWORD = ParameterKind


@pytest.mark.parametrize(
    ("parameters", "signature"),
    [
        ([], "()"),
        ([("text", EITHER, None), ("width", EITHER, "70")], "(text, width=70)"),
        ([("a", ONLY, None)], "(a, /)"),
        ([("a", ONLY, None), ("b", EITHER, None), ("c", KEYWORD, "'x'")], "(a, /, b, *, c='x')"),
        ([("a", ONLY, None), ("b", KEYWORD, None)], "(a, /, *, b)"),
        ([("a", KEYWORD, None), ("b", KEYWORD, "_DEFAULT")], "(*, a, b=...)"),
        ([("a", EITHER, "(1,\n 2)")], "(a=...)"),
    ],
)
def test_a_signature_can_be_read_and_names_nothing_unknown(
    parameters: list[tuple[str, ParameterKind, str | None]], signature: str
) -> None:
    given = [Parameter(name=name, kind=kind, default=text) for name, kind, text in parameters]
    assert signature_of(given) == signature
    compile(f"def f{signature}: ...", "<test>", "exec")


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("def old(n):\n    return n\n", "def f(n):\n    return n\n"),
        ("def old(n):\n    return old(n - 1)\n", "def f(n):\n    return f(n - 1)\n"),
        ("def old(n):\n    return [old] * n\n", "def f(n):\n    return [f] * n\n"),
        ("é = 1\ndef old(n): é; return old(n)\n", "é = 1\ndef f(n): é; return f(n)\n"),
        ("def old(n):\n    return old_n + n\n", "def f(n):\n    return old_n + n\n"),
    ],
)
def test_every_plain_use_is_renamed(program: str, expected: str) -> None:
    assert renamed(program, "old", "f") == expected


@pytest.mark.parametrize(
    "program",
    [
        "def old(n):\n    return n.old\n",
        "def old(n):\n    return dict(old=n)\n",
        "def old(n):\n    return 'old'\n",
        "def old(n):\n    'the old way'\n    return n\n",
        "def old(n):\n    return n  # old\n",
        "def old(old):\n    return old\n",
        "def old(n):\n    old = n\n    return old\n",
        "def old(n):\n    def old(m): return m\n    return old(n)\n",
        "def old(n):\n    global old\n    return n\n",
        "def old(n):\n    import old\n    return n\n",
        "def old(n):\n    from x import y as old\n    return n\n",
        "def old(n):\n    class old: pass\n    return n\n",
        "def old(n):\n    match n:\n        case old: return n\n",
        "def old(n):\n    try: return n\n    except E as old: return 1\n",
    ],
)
def test_a_use_with_another_meaning_forbids_the_rename(program: str) -> None:
    assert renamed(program, "old", "f") is None


def test_a_name_is_free_only_where_nothing_mentions_it() -> None:
    program = "def old(n):\n    # f would do\n    return func_1 + n\n"
    assert free_names(("f", "func", "fn"), program) == ["func", "fn"]
