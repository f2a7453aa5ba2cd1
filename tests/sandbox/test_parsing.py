"""Trees built by several threads at once come out right."""

import ast
import gc
from concurrent.futures import ThreadPoolExecutor

import pytest

from sandbox.parsing import parse_expression, parse_module

SOURCE = "\n".join(f"def f{n}(x):\n    return [x + {n}, (x, {{'a': x}})]" for n in range(200))


def test_threads_parse_at_once_while_garbage_is_collected() -> None:
    wanted = ast.dump(ast.parse(SOURCE))
    before = gc.get_threshold()
    gc.set_threshold(50)
    try:
        with ThreadPoolExecutor(4) as pool:
            trees = list(pool.map(parse_module, [SOURCE] * 24))
    finally:
        gc.set_threshold(*before)
    assert {ast.dump(tree) for tree in trees} == {wanted}


def test_a_finaliser_that_parses_does_not_break_the_tree_under_way() -> None:
    class Parses:
        def __init__(self) -> None:
            self.cycle = self

        def __del__(self) -> None:
            parse_expression("[1, (2, 3)]")

    before = gc.get_threshold()
    gc.set_threshold(10)
    try:
        for _ in range(50):
            Parses()
            parse_module(SOURCE[:2_000].rpartition("def")[0])
    finally:
        gc.set_threshold(*before)


def test_what_is_no_python_raises_as_ever() -> None:
    with pytest.raises(SyntaxError):
        parse_module("def f(:")
