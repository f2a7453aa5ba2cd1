import ast
from random import Random

import pytest

from tasks.programs.mutants import mutants

PROGRAM = '''\
def helper(x: "int > 1" = 1 + 1) -> "1 < 2":
    return f"{x + 1}" "é"

LIMIT = 1 + 1

def entry(text, n=3):
    """Keep 1 < 2."""
    out = []
    for i, c in enumerate(text):
        if i % n == 0 and c.isalpha():
            out.append(c.upper())
        elif c in "äxyz":  # not > this
            continue
        n += 1
    return out[i + 1 :] or sorted(-x for x in range(n) if x > 2)
'''


def lines_changed(source: str) -> list[int]:
    pairs = zip(PROGRAM.split("\n"), source.split("\n"), strict=True)
    return [number for number, (old, new) in enumerate(pairs, 1) if old != new]


def test_every_mutant_is_a_program_that_differs_on_one_line() -> None:
    found = mutants(PROGRAM, 1_000, Random(1))
    assert len(found) > 25
    for mutant in found:
        assert ast.dump(ast.parse(mutant.source)) != ast.dump(ast.parse(PROGRAM))
        assert len(lines_changed(mutant.source)) == 1


def test_nothing_outside_of_function_bodies_changes() -> None:
    changed = {
        line for one in mutants(PROGRAM, 1_000, Random(1)) for line in lines_changed(one.source)
    }
    assert changed == {9, 10, 11, 12, 13, 14, 15} - {9}


def test_few_mutants_are_of_as_many_kinds_as_there_are() -> None:
    kinds = {mutant.kind for mutant in mutants(PROGRAM, 1_000, Random(1))}
    assert len(kinds) == 9
    assert {mutant.kind for mutant in mutants(PROGRAM, 9, Random(2))} == kinds


def test_the_draw_is_repeated_by_its_seed() -> None:
    assert mutants(PROGRAM, 7, Random(5)) == mutants(PROGRAM, 7, Random(5))
    assert mutants(PROGRAM, 7, Random(5)) != mutants(PROGRAM, 7, Random(6))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a <= b", {"a < b", "(not (a <= b))"}),
        ("a not in b", {"a in b", "(not (a not in b))"}),
        ("a is  not b", {"a is b", "(not (a is  not b))"}),
        ("(a) < (b)", {"(a) <= (b)", "(not ((a) < (b)))"}),
    ],
)
def test_a_condition_is_turned_and_negated(expression: str, expected: set[str]) -> None:
    program = f"def f(a, b):\n    if {expression}:\n        return a\n"
    found = {mutant.source.split("\n")[1][7:-1] for mutant in mutants(program, 20, Random(0))}
    assert expected == found


def test_numbers_that_adding_one_leaves_alone_are_not_touched() -> None:
    assert mutants("def f():\n    return [1e300, 1e999, 10**400, 1e999j]\n", 9, Random(0))[0].kind
    assert not mutants("def f():\n    return [1e300, 1e999, 'x', 1e999j]\n", 9, Random(0))[1:]
