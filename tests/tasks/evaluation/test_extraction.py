"""Programs in answers, as EvalPlus and others take them out."""

import pytest

from tasks.evaluation.extraction import first_block, longest_python, sanitized, until


def test_an_answer_ends_at_the_first_of_the_stop_words() -> None:
    assert until("a\nclass b\ndef c", ("\ndef", "\nclass")) == "a"
    assert until("a", ("\ndef",)) == "a"


def test_the_block_that_defines_the_function_is_taken() -> None:
    text = "So:\n```python\nx = 1\n```\nand\n```\ndef f():\n    return 1\n```"
    assert first_block(text, "f") == "def f():\n    return 1"
    assert first_block(text, "g") == "x = 1"
    assert first_block("def f(): pass", "f") == "def f(): pass"
    assert first_block("```python\ndef f():\n    return 2", "f") == "def f():\n    return 2"


def test_the_longest_run_of_lines_that_parses_is_found() -> None:
    text = "Here you are:\nx = 1\ny = 2\n\nz = 3\nThat is all."
    assert longest_python(text) == "x = 1\ny = 2\n\nz = 3"
    assert longest_python("only one line of words") == "only one line of words"


def test_only_what_the_function_reaches_is_kept() -> None:
    text = (
        "import math\nLIMIT = 3\nUNUSED = 4\n"
        "def helper(x):\n    return x + LIMIT\n"
        "def other(x):\n    return x\n"
        "def f(x):\n    return helper(math.floor(x))\n"
        "print(f(1))"
    )
    assert sanitized(text, "f") == (
        "import math\nLIMIT = 3\ndef helper(x):\n    return x + LIMIT\n"
        "def f(x):\n    return helper(math.floor(x))"
    )


@pytest.mark.parametrize(
    "definition",
    ["@cache\ndef f(x):\n    return x", "def f(x):\n    print(x)"],
    ids=["decorated", "returns_nothing"],
)
def test_what_evalplus_does_not_keep_is_not_kept(definition: str) -> None:
    assert sanitized(f"x = 1\n{definition}\ny = 2\nclass f2: pass", "g") != definition


def test_an_answer_without_python_stays_what_its_first_line_is() -> None:
    assert sanitized("I cannot do that.\nSorry, no.", "f") == "I cannot do that."
