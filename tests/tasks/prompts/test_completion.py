import pytest

from tasks.prompts.completion import completion_of

FUTURE = "from __future__ import annotations\n"


@pytest.mark.parametrize(
    "code",
    [
        "def f(a):\n    return a\n",
        "def f(a: int, b: list[str] | None = None) -> dict[str, tuple[int, ...]]:\n    return {}\n",
        "def f(a: 'Unknown') -> None:\n    return a\n",
    ],
)
def test_a_future_import_that_changes_nothing_is_left_out(code: str) -> None:
    completion = completion_of(f"{FUTURE}\n{code}")
    assert completion == code
    exec(completion, {})  # noqa: S102  written by the tests


@pytest.mark.parametrize(
    "code",
    [
        "def f(a: Unknown):\n    return a\n",
        "def f(a: Sequence[int]):\n    return a\n",
        "def f(a: 'X' | None):\n    return a\n",
        "def f(a: None | None):\n    return a\n",
        "def f(a: int[str]):\n    return a\n",
        "def f(a: 1 + g()):\n    return a\n",
        "def f(a: int):\n    return f.__annotations__\n",
        "class A:\n    x: int = 1\ndef f(a: int):\n    return a\n",
    ],
)
def test_a_future_import_that_is_needed_stays(code: str) -> None:
    completion = completion_of(FUTURE + code)
    assert completion == FUTURE + code
    exec(completion, {})  # noqa: S102  written by the tests


def test_a_completion_ends_with_one_newline() -> None:
    assert completion_of("\n\ndef f(a):\n    return a\n\n\n") == "def f(a):\n    return a\n"
